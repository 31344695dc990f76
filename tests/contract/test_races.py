"""Many writers at once: exactly one winner, exact sums, limits that hold."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from rmos.errors import Conflict, LimitReached
from rmos.storage.ports import Add, Emit, Entry, Order, Put, Record, Reserve

WRITERS = 8


def all_at_once(count, act):
    """Run `act(number)` in `count` threads that start together; return what each returned or the error it raised."""
    barrier = threading.Barrier(count)

    def started(number):
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(started, number) for number in range(count)]
    return [future.exception() or future.result() for future in futures]


@pytest.mark.parametrize("attempt", range(5))
def test_a_create_race_has_exactly_one_winner(racing, attempt):
    def create(number):
        entry = Entry("all", f"{attempt}/{number}")
        racing.records.commit([Put(Record("contested", str(number), {"n": number}, (entry,))), Add("won", 1, "x")])
        return number

    outcomes = all_at_once(WRITERS, create)

    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert all(isinstance(outcome, Conflict | int) for outcome in outcomes)
    assert {outcome.keys for outcome in outcomes if isinstance(outcome, Conflict)} == {("contested",)}
    assert racing.records.get(["contested"])[0].body == str(winner)
    lines = racing.records.query("all", "", "", Order.OLDEST_FIRST, None, 100).items
    assert [(line.sort, line.head) for line in lines] == [(f"{attempt}/{winner}", {"n": winner})]
    assert racing.records.totals(["won"]) == [1]


def test_a_change_race_has_exactly_one_winner_each_round(racing):
    racing.records.commit([Put(Record("contested", "start"))])
    for _ in range(5):
        (old,) = racing.records.get(["contested"])

        def change(number, old=old):
            racing.records.commit([Put(Record("contested", str(number), version=old.version + 1), old)])
            return number

        outcomes = all_at_once(WRITERS, change)

        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, int)]
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == WRITERS - 1
        assert racing.records.get(["contested"]) == [Record("contested", str(winner), version=old.version + 1)]


def test_read_change_repeat_loses_no_update(racing):
    racing.records.commit([Put(Record("tally", "0"))])

    def add_five(_):
        done = 0
        while done < 5:
            (old,) = racing.records.get(["tally"])
            try:
                racing.records.commit([Put(Record("tally", str(int(old.body) + 1), version=old.version + 1), old)])
            except Conflict:
                continue
            done += 1
        return done

    assert all_at_once(4, add_five) == [5] * 4
    (tally,) = racing.records.get(["tally"])
    assert (tally.body, tally.version) == ("20", 21)


def test_additions_of_many_writers_sum_up_exactly(racing):
    def add(number):
        for turn in range(10):
            racing.records.commit([Add("sum", number + 1, f"event-{number}-{turn}")])

    assert all_at_once(WRITERS, add) == [None] * WRITERS
    assert racing.records.totals(["sum"]) == [10 * sum(range(1, WRITERS + 1))]


def test_reservations_of_many_writers_never_pass_the_limit(racing):
    seen = []

    def reserve(_):
        granted = 0
        for _ in range(6):
            try:
                racing.records.commit([Reserve("budget", 3, 50)])
            except LimitReached:
                continue
            granted += 3
            seen.extend(racing.records.totals(["budget"]))
        return granted

    granted = sum(all_at_once(WRITERS, reserve))

    assert granted == 48
    assert racing.records.totals(["budget"]) == [48]
    assert max(seen) <= 50


def test_records_entries_and_events_of_many_writers_all_arrive(racing):
    def create(number):
        for turn in range(5):
            name = f"{number}-{turn}"
            record = Record(f"thing/{name}", name, {"n": name}, (Entry("all", name),))
            racing.records.commit([Put(record), Emit("jobs", name, "{}")])
            newest = racing.records.query("all", name, name + "\x00", Order.NEWEST_FIRST, None, 1)
            assert [line.key for line in newest.items] == [record.key]

    assert all_at_once(WRITERS, create) == [None] * WRITERS

    names = {f"{number}-{turn}" for number in range(WRITERS) for turn in range(5)}
    assert {line.sort for line in racing.records.query("all", "", "", Order.OLDEST_FIRST, None, 100).items} == names
    assert {event_id for event_id, _ in racing.receive("jobs")} == names


def test_two_stores_over_the_same_data_race_as_two_threads_do(racing):
    stores = [racing.records, racing.open_again()]

    def create(number):
        stores[number % 2].commit([Put(Record("contested", str(number)))])
        return number

    outcomes = all_at_once(4, create)

    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
