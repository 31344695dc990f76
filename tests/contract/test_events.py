"""Events leave with their commit: at least once, and never without it."""

import pytest
from rmos.errors import Conflict
from rmos.storage.ports import Emit, Put, Record


def test_an_event_is_delivered_after_its_commit_as_it_was_written(record_back_end):
    body = '{"text": "Fräse \U0001f3b8", "n": 1.50}'
    record_back_end.records.commit([Put(Record("a", "1")), Emit("jobs", "event-1", body)])

    assert set(record_back_end.receive("jobs")) == {("event-1", body)}


def test_an_event_goes_to_its_own_queue_only(record_back_end):
    record_back_end.records.commit([Emit("jobs", "event-1", "1"), Emit("exports", "event-2", "2")])

    assert set(record_back_end.receive("exports")) == {("event-2", "2")}
    assert set(record_back_end.receive("jobs")) == {("event-1", "1")}


def test_every_event_of_many_commits_arrives(record_back_end):
    for number in range(30):
        record_back_end.records.commit([Emit("jobs", f"event-{number}", str(number))])

    assert set(record_back_end.receive("jobs")) == {(f"event-{number}", str(number)) for number in range(30)}


def test_an_event_of_a_refused_commit_is_never_delivered(record_back_end):
    record_back_end.records.commit([Put(Record("a", "1"))])
    with pytest.raises(Conflict):
        record_back_end.records.commit([Emit("jobs", "event-1", "{}"), Put(Record("a", "1"))])

    assert record_back_end.receive("jobs") == []


def test_a_process_that_dies_right_after_its_commit_leaves_the_event_to_others(record_back_end):
    dying = record_back_end.open_again()
    dying.commit([Put(Record("a", "1")), Emit("jobs", "event-1", "{}")])
    del dying

    assert record_back_end.open_again().get(["a"]) != [None]
    assert set(record_back_end.receive("jobs")) == {("event-1", "{}")}
