"""Commits: all or none, each decided by the versions it was based on."""

import pytest
from rmos.errors import Conflict, LimitReached, TooLarge
from rmos.storage.ports import Add, Delete, Emit, Entry, Order, Put, Record, Reserve


def keys_in(records, index):
    return [line.key for line in records.query(index, "", "", Order.OLDEST_FIRST, None, 2000).items]


def entries(count, sort, index="list"):
    return tuple(Entry(f"{index}/{number:03}", sort) for number in range(count))


def test_a_created_record_is_read_as_it_was_written(records):
    record = Record(
        "thing/1",
        '{"a": 1.50, "b":[]}',
        {"name": "Ahorn", "score": 91.25, "count": 3, "is_open": True, "none": None},
        (Entry("things", "1"), Entry("things/open", "1")),
        expires_at=9_999_999_999,
    )

    records.commit([Put(record)])

    assert records.get(["thing/1"]) == [record]


def test_head_values_keep_their_types(records):
    head = {"int": 1, "float": 1.5, "true": True, "false": False, "zero": 0, "text": "1", "none": None}
    records.commit([Put(Record("thing/1", "{}", head, (Entry("things", "1"),)))])

    for read in (
        records.get(["thing/1"])[0].head,
        records.query("things", "", "", Order.OLDEST_FIRST, None, 1).items[0].head,
    ):
        assert {name: (type(value), value) for name, value in read.items()} == {
            name: (type(value), value) for name, value in head.items()
        }


def test_records_are_read_in_the_order_of_the_keys_and_absent_ones_are_none(records):
    records.commit([Put(Record("a", "1")), Put(Record("b", "2"))])

    found = records.get(["b", "nowhere", "a", "b"])

    assert [record and record.body for record in found] == ["2", None, "1", "2"]


def test_no_keys_and_no_changes_are_fine(records):
    records.commit([])

    assert records.get([]) == []
    assert records.totals([]) == []


def test_another_store_over_the_same_data_sees_every_commit(record_back_end):
    record_back_end.records.commit([Put(Record("a", "1", {"n": 1}, (Entry("all", "1"),))), Add("count", 2, "a")])

    other = record_back_end.open_again()

    assert other.get(["a"])[0].body == "1"
    assert keys_in(other, "all") == ["a"]
    assert other.totals(["count"]) == [2]


def test_a_create_over_an_existing_record_conflicts_and_changes_nothing(records):
    records.commit([Put(Record("a", "1"))])

    with pytest.raises(Conflict) as caught:
        records.commit([Put(Record("a", "2", entries=(Entry("all", "1"),)))])

    assert caught.value.keys == ("a",)
    assert records.get(["a"])[0].body == "1"
    assert keys_in(records, "all") == []


def test_a_change_replaces_body_head_and_entries(records):
    old = Record("a", "1", {"n": 1}, (Entry("kept", "1"), Entry("gone", "1")))
    new = Record("a", "2", {"n": 2}, (Entry("kept", "1"), Entry("come", "1")), version=2)
    records.commit([Put(old)])

    records.commit([Put(new, old)])

    assert records.get(["a"]) == [new]
    assert [keys_in(records, index) for index in ("kept", "gone", "come")] == [["a"], [], ["a"]]
    assert records.query("kept", "", "", Order.OLDEST_FIRST, None, 1).items[0].head == {"n": 2}


def test_a_record_moves_within_an_index(records):
    old = Record("a", "1", entries=(Entry("all", "1"),))
    records.commit([Put(old)])
    records.commit([Put(Record("a", "1", entries=(Entry("all", "2"),), version=2), old)])

    assert [line.sort for line in records.query("all", "", "", Order.OLDEST_FIRST, None, 10).items] == ["2"]


def test_a_write_based_on_an_old_read_conflicts(records):
    first = Record("a", "1")
    second = Record("a", "2", version=2)
    records.commit([Put(first)])
    records.commit([Put(second, first)])

    with pytest.raises(Conflict):
        records.commit([Put(Record("a", "3", version=2), first)])

    assert records.get(["a"]) == [second]


def test_a_change_of_an_absent_record_conflicts(records):
    with pytest.raises(Conflict) as caught:
        records.commit([Put(Record("a", "2", version=2), Record("a", "1"))])

    assert caught.value.keys == ("a",)
    assert records.get(["a"]) == [None]


def test_a_deleted_record_is_gone_from_its_indexes_and_can_be_created_again(records):
    record = Record("a", "1", entries=(Entry("all", "1"),))
    records.commit([Put(record)])

    records.commit([Delete(record)])

    assert records.get(["a"]) == [None]
    assert keys_in(records, "all") == []
    records.commit([Put(record)])
    assert keys_in(records, "all") == ["a"]


def test_a_delete_based_on_an_old_read_conflicts(records):
    first = Record("a", "1", entries=(Entry("all", "1"),))
    second = Record("a", "2", entries=(Entry("all", "1"),), version=2)
    records.commit([Put(first)])
    records.commit([Put(second, first)])

    with pytest.raises(Conflict):
        records.commit([Delete(first)])

    assert records.get(["a"]) == [second]
    assert keys_in(records, "all") == ["a"]


def test_a_delete_of_an_absent_record_conflicts(records):
    with pytest.raises(Conflict):
        records.commit([Delete(Record("a", "1"))])


def test_a_conflict_names_every_key_whose_precondition_failed(records):
    records.commit([Put(Record("taken", "1")), Put(Record("fine", "1"))])

    with pytest.raises(Conflict) as caught:
        records.commit(
            [
                Put(Record("taken", "2")),
                Put(Record("free", "1")),
                Delete(Record("absent", "1")),
                Put(Record("fine", "2", version=2), Record("fine", "1")),
            ]
        )

    assert sorted(caught.value.keys) == ["absent", "taken"]
    assert records.get(["free"]) == [None]
    assert records.get(["fine"])[0].version == 1


def test_a_refused_commit_leaves_nothing_of_any_kind(record_back_end):
    records = record_back_end.records
    records.commit([Put(Record("taken", "1"))])

    with pytest.raises(Conflict):
        records.commit(
            [
                Put(Record("new", "1", entries=(Entry("all", "1"),))),
                Add("count", 1, "x"),
                Reserve("budget", 5, 10),
                Emit("jobs", "event-1", "{}"),
                Put(Record("taken", "2")),
            ]
        )

    assert records.get(["new"]) == [None]
    assert keys_in(records, "all") == []
    assert records.totals(["count", "budget"]) == [0, 0]
    assert record_back_end.receive("jobs") == []


def test_a_reached_limit_stops_the_records_of_its_commit_too(records):
    with pytest.raises(LimitReached) as caught:
        records.commit([Put(Record("a", "1", entries=(Entry("all", "1"),))), Reserve("budget", 11, 10)])

    assert caught.value.counter == "budget"
    assert records.get(["a"]) == [None]
    assert keys_in(records, "all") == []


def test_an_index_line_of_another_record_is_refused(records):
    records.commit([Put(Record("a", "1", entries=(Entry("all", "1"),)))])

    with pytest.raises(ValueError, match="unique"):
        records.commit([Put(Record("b", "1", entries=(Entry("all", "1"),)))])

    assert records.get(["b"]) == [None]
    assert keys_in(records, "all") == ["a"]


@pytest.mark.parametrize(
    "changes_of",
    [
        lambda old: [Delete(old), Put(Record("b", "1", entries=old.entries))],
        lambda old: [Put(Record("b", "1", entries=old.entries)), Delete(old)],
        lambda old: [Put(Record("a", "2", version=2), old), Put(Record("b", "1", entries=old.entries))],
        lambda old: [
            Put(Record("b", "1", entries=(Entry("new", "1"),))),
            Put(Record("c", "1", entries=(Entry("new", "1"),))),
        ],
    ],
    ids=["deleted and taken", "taken and deleted", "left and taken", "taken twice"],
)
def test_two_records_of_one_commit_never_touch_the_same_index_line(records, changes_of):
    """DynamoDB takes no item twice in a transaction: what works on one back-end must work on the other."""
    old = Record("a", "1", entries=(Entry("all", "1"),))
    records.commit([Put(old)])

    with pytest.raises(ValueError, match="twice"):
        records.commit(changes_of(old))

    assert records.get(["a", "b", "c"]) == [old, None, None]
    assert keys_in(records, "all") == ["a"]


@pytest.mark.parametrize(
    "changes",
    [
        [Put(Record("a", "1")), Put(Record("a", "2"))],
        [Put(Record("a", "1")), Delete(Record("a", "1"))],
        [Add("count", 1, "x"), Add("count", 1, "y")],
        [Reserve("count", 1, 9), Add("count", 1, "y")],
        [Put(Record("a", "1", entries=(Entry("all", "1"), Entry("all", "1"))))],
        [Put(Record("a", "1", version=2))],
        [Put(Record("a", "1", version=3), Record("a", "1"))],
        [Put(Record("b", "1", version=2), Record("a", "1"))],
        [Put(Record("", "1"))],
        [Put(Record("a", "1", {"n": float("nan")}))],
        [Put(Record("a", "1", entries=(Entry("all", ""),)))],
        [Add("count", 2**53, "x")],
        [Emit("no spaces", "event", "{}")],
    ],
    ids=repr,
)
def test_what_no_caller_may_ask_is_refused_as_a_mistake(records, changes):
    with pytest.raises(ValueError):
        records.commit([Put(Record("innocent", "1")), *changes])

    assert records.get(["innocent"]) == [None]


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ([Put(Record("a", "1", entries=entries(99, "1")))], [Put(Record("a", "1", entries=entries(100, "1")))]),
        ([Put(Record(f"a/{n}", "1")) for n in range(100)], [Put(Record(f"a/{n}", "1")) for n in range(101)]),
        (
            [Put(Record("a", "1", entries=entries(97, "1"))), Add("c", 1, "x"), Emit("q", "e", "{}")],
            [
                Put(Record("a", "1", entries=entries(97, "1"))),
                Add("c", 1, "x"),
                Emit("q", "e", "{}"),
                Reserve("r", 1, 9),
            ],
        ),
    ],
    ids=["entries", "records", "mixed"],
)
def test_a_hundred_items_are_one_commit_and_more_are_too_many(records, allowed, refused):
    with pytest.raises(TooLarge):
        records.commit(refused)
    assert records.get([change.new.key for change in allowed if isinstance(change, Put)][:100]) == [None] * sum(
        isinstance(change, Put) for change in allowed
    )

    records.commit(allowed)


def test_entries_that_move_count_twice_and_entries_that_stay_count_not(records):
    old = Record("a", "1", entries=entries(60, "1"))
    records.commit([Put(old)])

    records.commit([Put(stays := Record("a", "2", entries=entries(60, "1"), version=2), old)])
    with pytest.raises(TooLarge):
        records.commit([Put(Record("a", "3", entries=entries(60, "2"), version=3), stays)])

    assert records.get(["a"]) == [stays]


def test_four_megabytes_are_too_much_for_one_commit_before_anything_is_written(records):
    body = "x" * 250_000
    with pytest.raises(TooLarge):
        records.commit([Put(Record(f"a/{n}", body)) for n in range(17)])

    assert records.get([f"a/{n}" for n in range(17)]) == [None] * 17
    records.commit([Put(Record(f"a/{n}", body)) for n in range(15)])


@pytest.mark.parametrize("filler", ["x", "ü"])
def test_a_head_over_two_kilobytes_is_too_large(records, filler):
    width = len(filler.encode())
    fits = {"n": filler * ((2048 - len('{"n":""}')) // width)}
    with pytest.raises(TooLarge):
        records.commit([Put(Record("a", "1", {"n": fits["n"] + filler}))])
    assert records.get(["a"]) == [None]

    records.commit([Put(Record("a", "1", fits))])
    assert records.get(["a"])[0].head == fits
