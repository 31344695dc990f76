"""What one commit may hold, at the edge and one past it."""

import pytest
from rmos.errors import TooLarge
from rmos.storage.limits import (
    MAX_ENTRIES_BYTES,
    MAX_EVENT_BYTES,
    MAX_KEY_BYTES,
    MAX_NUMBER,
    MAX_SORT_BYTES,
    check_commit,
    check_keys,
    check_query,
    entry_changes,
)
from rmos.storage.ports import Add, Emit, Entry, Put, Record, Reserve


def long(size_bytes, filler="é"):
    width = len(filler.encode())
    return filler * (size_bytes // width) + "." * (size_bytes % width)


@pytest.mark.parametrize(
    "made",
    [
        lambda size: Put(Record(long(MAX_KEY_BYTES + size), "1")),
        lambda size: Put(Record("a", "1", {}, (Entry(long(MAX_KEY_BYTES + size), "1"),))),
        lambda size: Put(Record("a", "1", {}, (Entry("all", long(MAX_SORT_BYTES + size)),))),
        lambda size: Add(long(MAX_KEY_BYTES + size), 1, "x"),
        lambda size: Reserve(long(MAX_KEY_BYTES + size), 1, 1),
        lambda size: Add("c", MAX_NUMBER + size, "x"),
        lambda size: Reserve("c", 1, MAX_NUMBER + size),
        lambda size: Put(Record("a", "1", expires_at=MAX_NUMBER + size)),
        lambda size: Emit("q" * (128 + size), "e", "1"),
        lambda size: Emit("q", "e" * (128 + size), "1"),
    ],
)
def test_names_and_numbers_fit_up_to_their_bound(made):
    check_commit([made(0)])

    with pytest.raises(ValueError):
        check_commit([made(1)])


@pytest.mark.parametrize("filler", ["x", "é", "\uffff"])
def test_an_event_counts_as_sqs_will_get_it(filler):
    sent_bytes = {"\uffff": 6}.get(filler, len(filler.encode()))
    fits = filler * (MAX_EVENT_BYTES // sent_bytes)
    check_commit([Emit("q", "e", fits)])

    with pytest.raises(TooLarge):
        check_commit([Emit("q", "e", fits + filler)])


def test_the_entries_of_one_record_are_bounded_together():
    def record(sort_bytes):
        return Record("a", "1", {}, tuple(Entry(str(number), "x" * sort_bytes) for number in range(64)))

    check_commit([Put(record(MAX_ENTRIES_BYTES // 64 - 16))])

    with pytest.raises(TooLarge):
        check_commit([Put(record(MAX_SORT_BYTES))])


@pytest.mark.parametrize("queue", ["", "a b", "é", "a\n", "a" * 129])
def test_a_queue_is_named_in_plain_letters(queue):
    with pytest.raises(ValueError):
        check_commit([Emit(queue, "e", "1")])


def test_a_thousand_changes_are_too_many_rather_than_slow():
    with pytest.raises(TooLarge):
        check_commit([Add(f"c/{number}", 1, "x") for number in range(20_000)])


def test_the_same_name_may_be_a_key_and_a_counter():
    check_commit([Put(Record("same", "1")), Add("same", 1, "x")])


@pytest.mark.parametrize(
    ("old_head", "new_head", "old_expiry", "new_expiry", "is_rewritten"),
    [
        ({"n": 1}, {"n": 1}, None, None, False),
        ({"n": 1, "m": 2}, {"m": 2, "n": 1}, None, None, False),
        ({"n": 1}, {"n": True}, None, None, True),
        ({"n": 1}, {"n": 2}, None, None, True),
        ({"n": 1}, {"n": 1}, None, 9, True),
        ({"n": 1}, {"n": 1}, 8, 9, True),
    ],
)
def test_a_line_is_written_again_when_what_it_shows_changes(  # two versions and the outcome
    old_head, new_head, old_expiry, new_expiry, is_rewritten
):
    stays, goes, comes = Entry("all", "1"), Entry("all", "2"), Entry("all", "3")
    old = Record("a", "1", old_head, (stays, goes), 1, old_expiry)
    new = Record("a", "1", new_head, (stays, comes), 2, new_expiry)

    changes = entry_changes(Put(new, old))

    assert changes.written == ((stays, comes) if is_rewritten else (comes,))
    assert changes.removed == (goes,)


def test_reads_are_bounded_too():
    check_keys([f"a/{number}" for number in range(100)])
    check_query("all", ("", "", None), 2_000)
    for keys in ([""], ["x" * (MAX_KEY_BYTES + 1)], ["\ud800"], ["a"] * 101):
        with pytest.raises(ValueError):
            check_keys(keys)
    for index, bound, limit in (
        ("", "", 1),
        ("all", "x" * (MAX_SORT_BYTES + 1), 1),
        ("all", "\ud800", 1),
        ("all", "", 0),
    ):
        with pytest.raises(ValueError):
            check_query(index, ("", bound, None), limit)
