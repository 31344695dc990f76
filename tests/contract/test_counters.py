"""Counters: sums over shards, and limits that hold."""

import pytest
from rmos.errors import LimitReached
from rmos.storage.ports import Add, Put, Record, Reserve


def test_a_counter_never_written_is_zero(records):
    assert records.totals(["nothing"]) == [0]


def test_totals_sum_all_shards_in_the_order_asked(records):
    for number in range(40):
        records.commit([Add("a", 2, f"event-{number}"), Add("b", -1, f"event-{number}")])

    assert records.totals(["b", "nothing", "a", "b"]) == [-40, 0, 80, -40]


def test_a_reservation_up_to_its_limit_passes_and_one_more_does_not(records):
    records.commit([Reserve("budget", 7, 10)])
    records.commit([Reserve("budget", 3, 10)])

    with pytest.raises(LimitReached) as caught:
        records.commit([Reserve("budget", 1, 10)])

    assert caught.value.counter == "budget"
    assert records.totals(["budget"]) == [10]


def test_a_first_reservation_past_the_limit_is_refused(records):
    with pytest.raises(LimitReached):
        records.commit([Reserve("budget", 11, 10)])

    assert records.totals(["budget"]) == [0]
    records.commit([Reserve("budget", 10, 10)])


def test_what_is_given_back_can_be_reserved_again(records):
    records.commit([Reserve("budget", 10, 10)])
    records.commit([Reserve("budget", -4, 10)])
    records.commit([Reserve("budget", 4, 10)])

    assert records.totals(["budget"]) == [10]


def test_giving_back_is_never_refused_even_when_the_limit_was_lowered(records):
    records.commit([Reserve("budget", 10, 10)])

    records.commit([Reserve("budget", -1, 5)])

    assert records.totals(["budget"]) == [9]


def test_reservations_and_additions_of_a_commit_happen_together(records):
    records.commit([Put(Record("a", "1")), Reserve("budget", 2, 10), Add("count", 1, "a")])

    assert records.totals(["budget", "count"]) == [2, 1]


@pytest.mark.parametrize("name", ["a/b", "a#b", "a%_", "../x", "ä\U0001f3b8", "nul\x00l", "'; DROP TABLE records --"])
def test_counter_names_are_kept_apart_exactly(records, name):
    records.commit([Add(name, 1, "x"), Add(name + "!", 10, "x")])

    assert records.totals([name, name + "!"]) == [1, 10]
