from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rmos.errors import Conflict
from rmos.feasibility.models import RiskLevel
from rmos.runs import repository
from rmos.runs.models import RunFilter, RunStatus
from rmos.storage.backend import open_local
from rmos.storage.ports import Entry

from tests.support.run_artifacts import NOON, an_artifact


def store(stores, **fields):
    artifact = an_artifact(**fields)
    stores.records.commit([repository.create(artifact)])
    return artifact


def ids(stores, limit=50, **chosen):
    found, after = [], None
    while True:
        page = repository.list_summaries(stores.records, RunFilter(**chosen), after, limit)
        found += [repository.summary_from(line.head).run_id for line in page.items]
        after = page.resume_after
        if after is None:
            return found


def test_a_run_reads_back_whole(stores):
    artifact = store(stores)
    view = repository.get_view(stores.records, artifact.run_id)
    assert view.model_dump(include=set(artifact.model_dump())) == artifact.model_dump()
    assert repository.get_artifacts(stores.records, [artifact.run_id] * 2) == [artifact, artifact]


def test_an_unknown_run_is_not_found(stores):
    with pytest.raises(repository.RunNotFound):
        repository.get_view(stores.records, "run_0")
    with pytest.raises(repository.RunNotFound):
        repository.get_artifacts(stores.records, [store(stores).run_id, "run_0"])


def test_a_run_id_is_taken_once(stores):
    first = store(stores)
    with pytest.raises(Conflict):
        store(stores, run_id=first.run_id)
    assert repository.get_artifacts(stores.records, [first.run_id]) == [first]


VALUES = {
    "status": [RunStatus.OK, RunStatus.BLOCKED],
    "mode": ["ROUTER", "SAW"],
    "tool_id": ["bit-1", "t" * 128],
    "event_type": ["toolpaths", "feasibility"],
    "risk_level": [RiskLevel.GREEN, RiskLevel.RED],
    "material_id": ["spruce", "maple"],
    "machine_id": ["own:router", None],
    "workflow_session_id": ["s1", None],
    "parent_run_id": ["run_1", None],
    "request_id": ["req_1", "req_2"],
    "label": ["\u8001\u6728 #1", "\U0001f3b8" * 100],
}


@pytest.mark.parametrize("name", VALUES)
def test_each_filter_finds_its_runs_and_no_others(stores, name):
    one, other = VALUES[name]
    with_one, with_other = store(stores, **{name: one}), store(stores, **{name: other})
    assert ids(stores, **{name: one}) == [with_one.run_id]
    if other is not None:
        assert ids(stores, **{name: other}) == [with_other.run_id]


def test_a_value_that_looks_like_another_filter_is_not_taken_for_it(stores):
    store(stores, label="x/status=OK", status=RunStatus.BLOCKED)
    assert ids(stores, status=RunStatus.OK) == []


def test_the_newest_come_first_and_times_bound_the_list_at_both_ends(stores):
    made = [store(stores, created_at=NOON + timedelta(microseconds=step)).run_id for step in range(5)]
    assert ids(stores) == made[::-1]
    bounds = {
        "created_from": NOON + timedelta(microseconds=1),
        "created_to": NOON + timedelta(microseconds=3),
    }
    assert ids(stores, **bounds) == made[3:0:-1]
    assert ids(stores, status=RunStatus.OK, **bounds) == made[3:0:-1]


def test_a_place_in_a_list_is_not_taken_for_that_of_an_id_which_it_begins(stores):
    run = an_artifact(run_id="run_1.b")
    stores.records.commit([repository.create(run)])
    (stored,) = stores.records.get([repository.key_of("run_1.b")])
    place = stored.entries[0]
    assert repository.line_at(stores.records, place).key == stored.key
    assert repository.line_at(stores.records, Entry(place.index, place.sort.removesuffix(".b"))) is None


def test_runs_of_the_same_microsecond_are_all_listed(stores):
    made = {store(stores).run_id for _ in range(5)}
    assert set(ids(stores, limit=2)) == made
    assert len(ids(stores, limit=2)) == 5
    assert set(ids(stores, created_from=NOON, created_to=NOON)) == made


def test_runs_made_between_pages_are_neither_repeated_nor_lost(stores):
    old = [store(stores, created_at=NOON + timedelta(seconds=step)).run_id for step in range(6)]
    first = repository.list_summaries(stores.records, RunFilter(), None, 2)
    for step in range(4):
        store(stores, created_at=NOON + timedelta(hours=1, seconds=step))
    second = repository.list_summaries(stores.records, RunFilter(), first.resume_after, 50)
    assert [line.head["run_id"] for line in (*first.items, *second.items)] == old[::-1]


SOME = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([value for value in values if value]) for name, values in VALUES.items()}
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(SOME, min_size=1, max_size=6), wanted=SOME, limit=st.integers(1, 4))
def test_any_filters_together_give_what_comparing_all_runs_gives(tmp_path_factory, runs, wanted, limit):
    stores = open_local(tmp_path_factory.mktemp("runs"))
    made = [store(stores, created_at=NOON + timedelta(seconds=place), **fields) for place, fields in enumerate(runs)]
    shown = {artifact.run_id: {**dict(artifact), "risk_level": artifact.decision.risk_level} for artifact in made}
    expected = [
        run_id for run_id, fields in shown.items() if all(fields[name] == value for name, value in wanted.items())
    ]
    assert ids(stores, limit=limit, **wanted) == expected[::-1]
    stores.close()
