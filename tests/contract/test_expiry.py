"""What has expired is absent everywhere, long before anything removes it."""

import time
from dataclasses import replace

import pytest
from rmos.errors import Conflict
from rmos.storage.ports import Delete, Entry, Order, Put, Record

FUTURE_S = 9_999_999_999


def commit_and_outlive(records, *mortals):
    """Store `mortals` with a second to live, and come back when they are past it; nothing is written after them."""
    expires_at = int(time.time()) + 1
    records.commit([Put(replace(mortal, expires_at=expires_at)) for mortal in mortals])
    time.sleep(max(0.0, expires_at - time.time()) + 0.05)
    return [replace(mortal, expires_at=expires_at) for mortal in mortals]


def page(records, limit=10):
    return records.query("all", "", "", Order.OLDEST_FIRST, None, limit)


def test_a_record_is_there_until_it_expires(records):
    record = Record("a", "1", {}, (Entry("all", "1"),), expires_at=FUTURE_S)
    records.commit([Put(record)])

    assert records.get(["a"]) == [record]
    assert [line.key for line in page(records).items] == ["a"]


def test_an_expired_record_is_absent_from_gets_and_pages(records):
    records.commit([Put(Record("a", "1", {}, (Entry("all", "1"),))), Put(Record("c", "1", {}, (Entry("all", "3"),)))])
    commit_and_outlive(records, Record("b", "1", {}, (Entry("all", "2"),)))

    assert [record and record.key for record in records.get(["a", "b", "c"])] == ["a", None, "c"]
    assert [line.key for line in page(records, 2).items] == ["a", "c"]
    assert page(records, 2).more is False


def test_a_record_that_is_already_past_its_expiry_never_shows(records):
    records.commit([Put(Record("a", "1", {}, (Entry("all", "1"),), expires_at=int(time.time()) - 1))])

    assert records.get(["a"]) == [None]
    assert page(records).items == ()


def test_a_create_over_an_expired_record_succeeds_and_hides_its_old_lines(records):
    commit_and_outlive(records, Record("a", "1", {}, (Entry("all", "1"), Entry("all", "2"))))

    records.commit([Put(new := Record("a", "2", {"n": 2}, (Entry("all", "2"), Entry("all", "3"))))])

    assert records.get(["a"]) == [new]
    assert [(line.sort, line.head) for line in page(records).items] == [("2", {"n": 2}), ("3", {"n": 2})]


def test_a_change_or_delete_of_an_expired_record_conflicts(records):
    a, b = commit_and_outlive(records, Record("a", "1"), Record("b", "1"))

    with pytest.raises(Conflict) as caught:
        records.commit([Put(Record("a", "2", version=2), a), Delete(b)])

    assert sorted(caught.value.keys) == ["a", "b"]


def test_the_expiry_of_a_record_can_be_taken_back_and_brought_forward(records):
    soon = Record("a", "1", {}, (Entry("all", "1"),), expires_at=FUTURE_S)
    records.commit([Put(soon)])
    records.commit([Put(never := Record("a", "1", {}, (Entry("all", "1"),), version=2), soon)])
    assert records.get(["a"]) == [never]

    records.commit([Put(Record("a", "1", {}, (Entry("all", "1"),), version=3, expires_at=1), never)])

    assert records.get(["a"]) == [None]
    assert page(records).items == ()


def test_a_line_of_an_expired_record_is_free_for_another(records):
    commit_and_outlive(records, Record("a", "1", {}, (Entry("all", "1"),)))

    records.commit([Put(Record("b", "1", {}, (Entry("all", "1"),)))])

    assert [line.key for line in page(records).items] == ["b"]
