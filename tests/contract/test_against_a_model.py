"""Any sequence of commits does to a store what it does to plain dictionaries."""

import uuid
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from rmos.errors import Conflict, LimitReached
from rmos.storage.ports import SPILL_BYTES, Add, Delete, Emit, Entry, Order, Put, Record, Reserve

LIMIT = 10
names = st.sampled_from("abcd")
indexes = st.sampled_from(["x", "y"])
places = st.lists(st.tuples(indexes, st.sampled_from(["0", "1", "10", "ä", "\U0001f3b8"])), unique=True, max_size=3)
bodies = st.text(alphabet="ab\U0001f3b8", max_size=5) | st.just("long" * (SPILL_BYTES // 4) + "!")


class Store(RuleBasedStateMachine):
    """Drives one store beside a model; each run has a space of its own within the store."""

    back_end = None

    @initialize()
    def begin(self):
        self.space = uuid.uuid4().hex
        self.records = self.back_end.records
        self.model = {}
        self.counters = Counter()
        self.reserved = 0
        self.emitted = Counter()

    def make(self, name, body, number, spots, version):
        # A sort ends in its name, as (index, sort) is unique to a record.
        entries = tuple(Entry(f"{self.space}/{index}", f"{sort}/{name}") for index, sort in spots)
        return Record(f"{self.space}/{name}", body, {"number": number, "name": name}, entries, version)

    @rule(name=names, body=bodies, number=st.integers(0, 3), spots=places)
    def create(self, name, body, number, spots):
        new = self.make(name, body, number, spots, 1)
        if name in self.model:
            with pytest.raises(Conflict) as caught:
                self.records.commit([Put(new), Add(f"{self.space}/created", 1, name)])
            assert caught.value.keys == (new.key,)
        else:
            self.records.commit([Put(new), Add(f"{self.space}/created", 1, name)])
            self.model[name] = new
            self.counters["created"] += 1

    @rule(name=names, body=bodies, number=st.integers(0, 3), spots=places, lag=st.integers(0, 1))
    def change(self, name, body, number, spots, lag):
        """Change a record as read before `lag` changes; one that is absent as if it had been read once."""
        current = self.model.get(name)
        version = max(1, current.version - lag) if current else 1
        old = current if current and version == current.version else self.make(name, "old", 0, [], version)
        new = self.make(name, body, number, spots, version + 1)
        event_id = uuid.uuid4().hex
        if current is not old:
            with pytest.raises(Conflict):
                self.records.commit([Emit("jobs", event_id, name), Put(new, old)])
        else:
            self.records.commit([Emit("jobs", event_id, name), Put(new, old)])
            self.model[name] = new
            self.emitted[event_id, name] += 1

    @rule(name=names)
    def delete(self, name):
        current = self.model.pop(name, None)
        if current is None:
            with pytest.raises(Conflict):
                self.records.commit([Delete(self.make(name, "", 0, [], 1))])
        else:
            self.records.commit([Delete(current)])

    @rule(first=names, second=names, spots=places)
    def create_two(self, first, second, spots):
        if first == second:
            return
        made = {name: self.make(name, "pair", 7, spots, 1) for name in (first, second)}
        taken = [record.key for name, record in made.items() if name in self.model]
        if taken:
            with pytest.raises(Conflict) as caught:
                self.records.commit([Put(record) for record in made.values()])
            assert sorted(caught.value.keys) == sorted(taken)
        else:
            self.records.commit([Put(record) for record in made.values()])
            self.model |= made

    @rule(by=st.integers(-3, 5), shard=names)
    def add(self, by, shard):
        self.records.commit([Add(f"{self.space}/sum", by, shard)])
        self.counters["sum"] += by

    @rule(by=st.integers(-4, 6))
    def reserve(self, by):
        if by > 0 and self.reserved + by > LIMIT:
            with pytest.raises(LimitReached):
                self.records.commit([Reserve(f"{self.space}/budget", by, LIMIT)])
        else:
            self.records.commit([Reserve(f"{self.space}/budget", by, LIMIT)])
            self.reserved += by

    @rule(
        index=indexes,
        order=st.sampled_from(Order),
        limit=st.integers(1, 4),
        after=st.none() | st.sampled_from(["0", "1/b", "10/a", "2", "ä/c"]),
    )
    def query(self, index, order, limit, after):
        backwards = order is Order.NEWEST_FIRST
        lines = self.lines(index)[:: -1 if backwards else 1]
        past = [line for line in lines if after is None or (line[0] < after if backwards else line[0] > after)]

        page = self.records.query(f"{self.space}/{index}", "", "", order, after, limit)

        assert [(line.sort, line.key, dict(line.head)) for line in page.items] == past[:limit]
        assert page.more == (len(past) > limit)

    def lines(self, index):
        return sorted(
            (entry.sort, record.key, dict(record.head))
            for record in self.model.values()
            for entry in record.entries
            if entry.index == f"{self.space}/{index}"
        )

    @invariant()
    def records_are_those_of_the_model(self):
        assert self.records.get([f"{self.space}/{name}" for name in "abcd"]) == [
            self.model.get(name) for name in "abcd"
        ]

    @invariant()
    def counters_are_those_of_the_model(self):
        totals = self.records.totals([f"{self.space}/{name}" for name in ("created", "sum", "budget")])
        assert totals == [self.counters["created"], self.counters["sum"], self.reserved]

    def teardown(self):
        if not hasattr(self, "model"):
            return
        for index in ("x", "y"):
            page = self.records.query(f"{self.space}/{index}", "", "", Order.OLDEST_FIRST, None, 100)
            assert [(line.sort, line.key, dict(line.head)) for line in page.items] == self.lines(index)
        assert set(self.back_end.receive("jobs")) == set(self.emitted)


@pytest.mark.usefixtures("many_commits")
def test_a_store_does_what_dictionaries_would(record_back_end):
    class StoreUnderTest(Store):
        back_end = record_back_end

    run_state_machine_as_test(
        StoreUnderTest,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
