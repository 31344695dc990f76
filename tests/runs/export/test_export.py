import csv
import io
import json
import sqlite3
import tracemalloc
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos import listing
from rmos.canonical import sha256_of_json
from rmos.errors import Corrupt
from rmos.feasibility.models import RiskLevel
from rmos.identity import Role
from rmos.runs import repository
from rmos.runs.models import Outputs, RunFilter, RunStatus, RunSummary, summary_of
from runs.export import service
from runs.export.rules import table

from tests.support.run_artifacts import NOON, an_artifact


def stored(stores, count, **fields):
    made = [an_artifact(**fields) for _ in range(count)]
    for run in made:
        stores.records.commit([repository.create(run)])
    return made


def exported(client, **query):
    answer = client.get("/api/runs/export", params=query)
    assert answer.status_code == 200, answer.text
    return answer


def test_every_run_is_exported_once_as_the_artifact_that_it_is(operator, stores):
    made = stored(stores, 230)
    answer = exported(operator)
    assert answer.headers["content-type"] == "application/jsonl"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert sorted(line["run_id"] for line in lines) == sorted(run.run_id for run in made)
    for line in lines:
        digest = line.pop("artifact_sha256")
        assert sha256_of_json(line) == digest


def test_the_order_is_that_of_the_list_and_the_filters_too(operator, stores, green):
    stored(stores, 2)
    stored(stores, 3, risk_level=RiskLevel.RED, status=RunStatus.BLOCKED, label="älteste")
    for query in (
        {},
        {"status": "BLOCKED"},
        {"label": "älteste", "risk_level": "RED"},
        {"created_to": "2000-01-01T00:00:00Z"},
    ):
        listed = [item["run_id"] for item in operator.get("/api/runs", params=query).json()["items"]]
        assert [json.loads(line)["run_id"] for line in exported(operator, **query).text.splitlines()] == listed
        rows = list(csv.DictReader(io.StringIO(exported(operator, format="csv", **query).text)))
        assert [row["run_id"] for row in rows] == listed


def test_a_spreadsheet_gets_the_fields_of_a_list(operator, stores):
    (run,) = stored(stores, 1, label='=HYPERLINK("http://x";"y")', machine_id="own:x")
    answer = exported(operator, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="rmos-runs.csv"' in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert tuple(row) == tuple(RunSummary.model_fields)
    assert (row["label"], row["machine_id"], row["mode"]) == ('\'=HYPERLINK("http://x";"y")', "own:x", "")
    assert (row["score"], row["artifact_sha256"]) == ("90.0", run.artifact_sha256)
    assert answer.text.count("\r\n") == 2
    assert answer.text.endswith("\r\n")


def test_an_export_goes_on_where_a_page_of_its_list_finds_nothing(operator, stores, monkeypatch):
    """A list reads a bounded number of lines in one go, and may find none of them wanted."""
    monkeypatch.setattr(listing, "MAX_HEADS_READ", 3)
    (oldest,) = stored(stores, 1, label="sought", mode="ROUTER", created_at=NOON.replace(year=2025))
    stored(stores, 10, label="sought", mode="SAW")
    answer = exported(operator, label="sought", mode="ROUTER")
    assert [json.loads(line)["run_id"] for line in answer.text.splitlines()] == [oldest.run_id]


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_shown(label):
    summary = summary_of(an_artifact()).model_copy(update={"label": label})
    (row,) = csv.reader(io.StringIO(table.rows([summary]), newline=""), strict=True)
    assert row[table.COLUMNS.index("label")] == "'" + label


@given(st.lists(st.text(max_size=30), max_size=5))
def test_no_text_becomes_a_formula_or_leaves_its_field(labels):
    summaries = [summary_of(an_artifact()).model_copy(update={"label": label}) for label in labels]
    text = table.header() + table.rows(summaries)
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [len(row) for row in read] == [len(table.COLUMNS)] * (len(labels) + 1)
    for label, row in zip(labels, read[1:], strict=True):
        shown = row[table.COLUMNS.index("label")]
        assert shown in {label, "'" + label}
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_an_export_of_nothing_is_empty(operator):
    assert exported(operator).text == ""
    assert exported(operator, format="csv").text.count("\r\n") == 1


@pytest.mark.parametrize("path", ["/api/runs/export", "/api/runs/{run_id}/bundle"])
def test_head_hears_what_get_does_without_anything_being_made(operator, run_id, path):
    path = path.format(run_id=run_id)
    head, got = operator.head(path), operator.get(path)
    assert (head.status_code, head.content) == (200, b"")
    personal = {"content-length", "x-request-id"}
    assert {**head.headers, **dict.fromkeys(personal)} == {**got.headers, **dict.fromkeys(personal)}


@pytest.mark.parametrize(("query", "pointer"), [({"format": "xml"}, "?format"), ({"limit": 5}, "?limit")])
def test_what_an_export_does_not_know_is_refused(operator, query, pointer):
    answer = operator.get("/api/runs/export", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_viewers_export_and_nobody_else_can_without_a_token(as_role):
    viewer = as_role(Role.VIEWER)
    assert viewer.get("/api/runs/export").status_code == 200
    del viewer.headers["Authorization"]
    assert viewer.get("/api/runs/export").status_code == 401


def test_runs_recorded_meanwhile_are_left_out_and_none_comes_twice(stores):
    made = stored(stores, 205)
    pieces = service.as_jsonl(stores.records, RunFilter())
    first = json.loads(next(pieces))["run_id"]
    later = NOON.replace(year=2027)
    stored(stores, 3, created_at=later)
    seen = [first, *(json.loads(line)["run_id"] for line in pieces)]
    assert sorted(seen) == sorted(run.run_id for run in made)


def test_a_damaged_run_ends_the_export_and_is_not_passed_over(stores, tmp_path):
    made = stored(stores, 3)
    with closing(sqlite3.connect(tmp_path / "data" / "rmos.sqlite3")) as database, database:
        database.execute("DROP TRIGGER runs_are_not_changed")
        database.execute(
            "UPDATE records SET body = replace(body, 'bench', 'bank') WHERE key = ?", [f"run/{made[1].run_id}"]
        )
    with pytest.raises(Corrupt):
        list(service.as_jsonl(stores.records, RunFilter()))


def test_memory_stays_flat_in_the_number_of_runs(stores):
    plan = {"rows": ["x" * 50] * 6_000}
    stored(stores, 48, outputs=Outputs(opplan_json=plan))
    tracemalloc.start()
    total = sum(len(piece) for piece in service.as_jsonl(stores.records, RunFilter()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 48 * 300_000
    assert peak < total * 0.7
