"""Bodies and keys are kept byte for byte, however long or strange."""

import io
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rmos.errors import Conflict
from rmos.storage.ports import SPILL_BYTES, Entry, Order, Put, Record

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
HOSTILE = [
    "../../etc/passwd",
    "..",
    "/",
    "a//b/./c",
    "a\\b",
    "C:\\x",
    "a\x00b",
    "a\nb\r\t",
    "%2e%2e%2f",
    "' OR 1=1 --",
    "%_*?[",
    "é",
    "e\u0301",
    "\u202etxt.exe",
    "\ufeffbom",
    "\U0001f3b8",
    "\U0010ffff",
    "ﬀ",
    "a#b",
    " leading and trailing ",
]


@given(body=TEXT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_body_comes_back_byte_for_byte(records, body):
    key = f"any/{uuid.uuid4()}"
    records.commit([Put(Record(key, body))])

    assert records.get([key])[0].body.encode() == body.encode()


@given(
    head=st.dictionaries(
        TEXT.filter(lambda name: len(name) < 20),
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
        max_size=8,
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_head_comes_back_equal_from_gets_and_pages(records, head):
    key = f"any/{uuid.uuid4()}"
    records.commit([Put(Record(key, "{}", head, (Entry(key, "1"),)))])

    assert records.get([key])[0].head == head
    assert records.query(key, "", "", Order.OLDEST_FIRST, None, 1).items[0].head == head


@pytest.mark.parametrize("size_bytes", [SPILL_BYTES - 1, SPILL_BYTES, SPILL_BYTES + 1, 2 * SPILL_BYTES, 5_000_000])
@pytest.mark.parametrize("filler", ["x", "é", "\U0001f3b8"])
def test_a_body_around_and_over_the_spill_limit_comes_back_whole(records, size_bytes, filler):
    width = len(filler.encode())
    body = filler * (size_bytes // width) + "." * (size_bytes % width)
    record = Record("long", body, {"n": 1}, (Entry("all", "1"),))

    records.commit([Put(record)])

    assert records.get(["long"]) == [record]
    assert records.query("all", "", "", Order.OLDEST_FIRST, None, 1).items[0].head == {"n": 1}


@pytest.mark.parametrize(("size_bytes", "is_spilled"), [(SPILL_BYTES, False), (SPILL_BYTES + 2, True)])
def test_a_body_spills_by_its_bytes_not_its_characters(record_back_end, size_bytes, is_spilled):
    body = "é" * (size_bytes // 2)
    sha256 = record_back_end.spill.put(io.BytesIO(b"")).sha256  # a blob store that works
    record_back_end.records.commit([Put(Record("long", body))])

    spilled = [blob for blob in record_back_end.spill_back_end.scan.blobs() if blob.sha256 != sha256]

    assert [blob.size_bytes for blob in spilled] == ([size_bytes] if is_spilled else [])


def test_a_long_body_becomes_short_and_long_again(records):
    first = Record("a", "x" * (SPILL_BYTES + 1))
    second = Record("a", "short", version=2)
    third = Record("a", "y" * (SPILL_BYTES + 1), version=3)
    for new, old in [(first, None), (second, first), (third, second)]:
        records.commit([Put(new, old)])
        assert records.get(["a"]) == [new]


def test_a_refused_commit_with_a_long_body_leaves_no_more_than_an_orphan_blob(records):
    records.commit([Put(Record("a", "1"))])

    with pytest.raises(Conflict):
        records.commit([Put(Record("a", "x" * (SPILL_BYTES + 1))), Put(Record("b", "y" * (SPILL_BYTES + 1)))])

    assert [record and record.body for record in records.get(["a", "b"])] == ["1", None]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_key_index_and_place_are_kept_exactly(records, name):
    record = Record(name, name, {name: name}, (Entry(name, name),))
    records.commit([Put(record), Put(Record(name + "x", "other", {}, (Entry(name + "x", name),)))])

    assert records.get([name]) == [record]
    (line,) = records.query(name, "", "", Order.OLDEST_FIRST, None, 10).items
    assert (line.key, line.sort, line.head) == (name, name, {name: name})


def test_all_hostile_keys_are_different_records(records):
    records.commit([Put(Record(name, str(number))) for number, name in enumerate(HOSTILE)])

    assert [record.body for record in records.get(HOSTILE)] == [str(number) for number in range(len(HOSTILE))]


@pytest.mark.parametrize(
    "record",
    [
        Record("\ud800", "1"),
        Record("a", "\udfff"),
        Record("a", "1", {"n": "\ud800"}),
        Record("a", "1", {"\ud800": 1}),
        Record("a", "1", {}, (Entry("\ud800", "1"),)),
        Record("a", "1", {}, (Entry("all", "\ud800"),)),
    ],
    ids=["key", "body", "head value", "head name", "index", "sort"],
)
def test_a_lone_surrogate_is_refused_and_stores_nothing(records, record):
    with pytest.raises(ValueError):
        records.commit([Put(Record("innocent", "1")), Put(record)])

    assert records.get(["innocent"]) == [None]


def test_a_lone_surrogate_is_no_key_to_ask_for(records):
    with pytest.raises(ValueError):
        records.get(["\ud800"])
    with pytest.raises(ValueError):
        records.query("\ud800", "", "", Order.OLDEST_FIRST, None, 1)
