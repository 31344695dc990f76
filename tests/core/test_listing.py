import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.errors import Malformed
from rmos.listing import MAX_HEADS_READ, Listing, decode_cursor, encode_cursor, list_page, records_at
from rmos.storage.backend import open_local
from rmos.storage.ports import MAX_KEYS, Delete, Entry, Order, Put, Record


@pytest.fixture
def records(tmp_path):
    opened = open_local(tmp_path)
    yield opened.records
    opened.close()


def put(records, sort, colour="red"):
    record = Record(f"thing/{sort}", "{}", {"colour": colour}, (Entry("things", sort),))
    records.commit([Put(record)])
    return record


def listing(colour=None, order=Order.NEWEST_FIRST):
    return Listing("things", order, lambda head: colour is None or head["colour"] == colour)


def all_pages(records, wanted, limit):
    after, seen = None, []
    while True:
        page = list_page(records, wanted, after, limit)
        assert len(page.items) <= limit
        seen += [line.sort for line in page.items]
        after = page.resume_after
        if after is None:
            return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_give_every_match_once_and_in_order(records, limit):
    sorts = [f"{number:03}" for number in range(20)]
    for number, sort in enumerate(sorts):
        put(records, sort, "red" if number % 3 else "blue")
    assert all_pages(records, listing(), limit) == sorts[::-1]
    assert all_pages(records, listing("blue", Order.OLDEST_FIRST), limit) == sorts[::3]


def test_a_full_last_page_says_that_it_is_the_last(records):
    for sort in "abcd":
        put(records, sort)
    first = list_page(records, listing(), None, 2)
    second = list_page(records, listing(), first.resume_after, 2)
    assert first.resume_after is not None
    assert second.resume_after is None


def test_inserts_and_deletes_between_pages_neither_repeat_nor_lose(records):
    stored = {sort: put(records, sort) for sort in ("b", "d", "f", "h")}
    first = list_page(records, listing(), None, 2)
    assert [line.sort for line in first.items] == ["h", "f"]
    put(records, "z")
    put(records, "g")
    records.commit([Delete(stored["h"]), Delete(stored["f"])])
    rest = list_page(records, listing(), first.resume_after, 10)
    assert [line.sort for line in rest.items] == ["d", "b"]


def test_records_of_more_keys_than_one_read_takes_come_in_order_without_absent_ones(records):
    for number in range(MAX_KEYS + 5):
        put(records, f"{number:03}")
    keys = [f"thing/{number:03}" for number in reversed(range(MAX_KEYS + 5))]
    asked = [keys[0], "thing/absent", *keys[1:], "thing/gone"]
    assert [record.key for record in records_at(records, asked)] == keys


def test_a_rare_match_costs_at_most_2000_heads_a_call_and_is_still_found(records):
    for start in range(0, MAX_HEADS_READ + 100, 50):
        changes = [
            Put(Record(f"t/{number}", "{}", {"colour": "red"}, (Entry("things", f"{number:05}"),)))
            for number in range(start, start + 50)
        ]
        records.commit(changes[:25])
        records.commit(changes[25:])
    put(records, "00000x", "blue")
    first = list_page(records, listing("blue"), None, 1)
    assert first.items == ()
    assert first.resume_after is not None
    second = list_page(records, listing("blue"), first.resume_after, 1)
    assert [line.sort for line in second.items] == ["00000x"]


@given(st.text(), st.dictionaries(st.text(), st.none() | st.text()))
def test_a_cursor_says_its_position_again_to_the_same_filters(after, filters):
    try:
        after.encode()
        str(filters).encode()
    except UnicodeEncodeError:
        return
    assert decode_cursor(encode_cursor(after, filters), filters) == after


def test_a_cursor_of_other_filters_is_refused():
    cursor = encode_cursor("x", {"colour": "red"})
    for other in ({"colour": "blue"}, {}, {"colour": "red", "status": "OK"}):
        with pytest.raises(Malformed, match="other filters"):
            decode_cursor(cursor, other)
    assert decode_cursor(cursor, {"colour": "red", "status": None}) == "x"


@given(st.text(min_size=1) | st.binary().map(lambda raw: raw.hex()))
def test_garbage_is_refused_as_a_cursor(text):
    with pytest.raises(Malformed):
        decode_cursor(text, {})


@pytest.mark.parametrize("text", ["bnVsbA", "W10", "WzEsMl0", "W1tdLCJhIl0", "é", "=", "\ud800"])
def test_well_encoded_garbage_is_refused_as_a_cursor(text):
    with pytest.raises(Malformed):
        decode_cursor(text, {})


@pytest.mark.parametrize("place", ["\ud800", "x" * 1_025, "é" * 513])
def test_a_made_up_cursor_to_where_nothing_can_stand_is_refused(place):
    with pytest.raises(Malformed):
        decode_cursor(encode_cursor(place, {}), {})
