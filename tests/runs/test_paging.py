"""Pages of a list that grows between them: nothing is shown twice, nothing is left out. Runs are never deleted."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from rmos.feasibility.models import RiskLevel
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.runs.models import RunStatus
from rmos.runs.repository import create
from rmos.settings import Settings
from rmos.storage.backend import Backend
from runs.routers import ROUTERS

from tests.support.run_artifacts import NOON, an_artifact

INSERTED = 10
PER_COMMIT = 10
# The fixture of the stores, how many runs there are, and how many go on a page: an emulator is slow.
BACK_ENDS = [
    pytest.param(("stores", 2_000, 100), id="sqlite"),
    pytest.param(("emulated_stores", 600, 60), id="dynamo-emulator", marks=pytest.mark.emulator),
]


def made(number, at=None):
    """Return a run of its own second; every third is BLOCKED."""
    verdict = (RiskLevel.RED, RunStatus.BLOCKED) if number % 3 == 0 else (RiskLevel.GREEN, RunStatus.OK)
    return an_artifact(*verdict, created_at=NOON + timedelta(seconds=number if at is None else at), label="paged")


def known_of(run):
    return {"status": run.status.value, "risk_level": run.decision.risk_level.value, "label": run.label}


@pytest.fixture(params=BACK_ENDS)
def back_end(request):
    """Return stores, how many runs they are to hold, and the length of a page."""
    name, runs, page = request.param
    stores = request.getfixturevalue(name)
    return Backend(stores.records, stores.blobs), runs, page


@pytest.fixture
def grown(back_end):
    """Return the runs that are stored, in order, and what adds some to them."""
    stores, count, _ = back_end
    runs = [made(number) for number in range(count)]

    def add(added):
        for start in range(0, len(added), PER_COMMIT):
            stores.records.commit([create(run) for run in added[start : start + PER_COMMIT]])

    add(runs)
    return runs, add


@pytest.fixture
def pages(back_end):
    """Walk a list and yield the ids of each page."""
    stores, _, page = back_end
    token = create_token(stores.records, "viewer", Role.VIEWER)
    app = create_app(ROUTERS, lambda: stores, Settings())

    def walk(client, **filters):
        cursor = {}
        while cursor is not None:
            answer = client.get("/api/runs", params={"limit": page} | filters | cursor)
            assert answer.status_code == 200, answer.text
            yield [item["run_id"] for item in answer.json()["items"]]
            cursor = {"cursor": answer.json()["next_cursor"]} if answer.json()["next_cursor"] else None

    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
        yield lambda **filters: walk(client, **filters)


@pytest.mark.parametrize("filters", [{}, {"status": "BLOCKED"}, {"label": "paged", "risk_level": "GREEN"}])
def test_ten_new_runs_between_pages_repeat_none_and_lose_none(grown, pages, filters):
    runs, add = grown
    there = [run for run in runs if filters.items() <= known_of(run).items()]
    seen, newest = [], len(runs)
    for page in pages(**filters):
        seen += page
        add([made(number) for number in range(newest, newest + INSERTED)])
        newest += INSERTED

    repeated, lost = len(seen) - len(set(seen)), {run.run_id for run in there} - set(seen)
    assert (repeated, len(lost)) == (0, 0)
    assert seen == [run.run_id for run in reversed(there)]


def test_runs_that_come_in_among_the_old_ones_repeat_none_and_lose_none(grown, pages):
    """An import keeps the times of its runs: they come in anywhere, also where a walk has been already."""
    runs, add = grown
    seen, added = [], []
    for page in pages():
        seen += page
        apart = len(runs) / INSERTED
        news = [made(1, at=apart * place + len(added) / 10_000 + 0.25) for place in range(INSERTED)]
        add(news)
        added += news

    assert len(seen) == len(set(seen))
    assert {run.run_id for run in runs} <= set(seen)
    assert set(seen) <= {run.run_id for run in (*runs, *added)}
