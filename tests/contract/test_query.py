"""Listings by an index: order, bounds and keyset pages."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rmos.storage.ports import Delete, Entry, Order, Put, Record


def listed(index, sort):
    return Record(f"thing/{index}/{sort}", "{}", {"sort": sort}, (Entry(index, sort),))


def fill(records, index, sorts):
    sorts = list(sorts)
    for start in range(0, len(sorts), 50):
        records.commit([Put(listed(index, sort)) for sort in sorts[start : start + 50]])


def sorts_of(page):
    return [line.sort for line in page.items]


def walk(records, index, order, limit):
    after = None
    while True:
        page = records.query(index, "", "", order, after, limit)
        yield from page.items
        if not page.more:
            return
        after = page.items[-1].sort


def test_a_line_shows_key_place_and_head(records):
    records.commit([Put(listed("things", "1"))])

    (line,) = records.query("things", "", "", Order.OLDEST_FIRST, None, 10).items

    assert (line.key, line.sort, line.head) == ("thing/things/1", "1", {"sort": "1"})


def test_an_empty_index_is_an_empty_page(records):
    page = records.query("nothing", "", "", Order.NEWEST_FIRST, None, 10)

    assert (page.items, page.more) == ((), False)


def test_lines_stand_in_either_order_and_more_tells_of_the_rest(records):
    fill(records, "things", ["2", "1", "3"])

    oldest = records.query("things", "", "", Order.OLDEST_FIRST, None, 2)
    newest = records.query("things", "", "", Order.NEWEST_FIRST, None, 2)
    whole = records.query("things", "", "", Order.OLDEST_FIRST, None, 3)

    assert (sorts_of(oldest), oldest.more) == (["1", "2"], True)
    assert (sorts_of(newest), newest.more) == (["3", "2"], True)
    assert (sorts_of(whole), whole.more) == (["1", "2", "3"], False)


def test_an_index_shows_only_its_own_lines(records):
    records.commit([Put(listed("things", "1")), Put(listed("things/a", "1")), Put(listed("thing", "1"))])

    assert [line.key for line in walk(records, "things", Order.OLDEST_FIRST, 10)] == ["thing/things/1"]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(
    ("low", "high", "after", "found"),
    [
        ("", "", None, "abcde"),
        ("b", "", None, "bcde"),
        ("", "d", None, "abc"),
        ("b", "d", None, "bc"),
        ("b", "b", None, ""),
        ("d", "b", None, ""),
        ("f", "", None, ""),
        ("", "a", None, ""),
        ("bb", "cc", None, "c"),
    ],
)
def test_low_is_within_and_high_is_without(  # noqa: PLR0913, PLR0917  # the facts of a page
    records, order, low, high, after, found
):
    fill(records, "things", "abcde")

    page = records.query("things", low, high, order, after, 10)

    assert sorts_of(page) == sorted(found, reverse=order is Order.NEWEST_FIRST)


@pytest.mark.parametrize(
    ("order", "after", "found"),
    [
        (Order.OLDEST_FIRST, "c", "d"),
        (Order.OLDEST_FIRST, "a", "bcd"),
        (Order.OLDEST_FIRST, "b", "cd"),
        (Order.OLDEST_FIRST, "cc", "d"),
        (Order.OLDEST_FIRST, "d", ""),
        (Order.OLDEST_FIRST, "e", ""),
        (Order.NEWEST_FIRST, "c", "b"),
        (Order.NEWEST_FIRST, "e", "dcb"),
        (Order.NEWEST_FIRST, "f", "dcb"),
        (Order.NEWEST_FIRST, "bb", "b"),
        (Order.NEWEST_FIRST, "b", ""),
        (Order.NEWEST_FIRST, "a", ""),
    ],
)
def test_a_page_starts_strictly_past_after_and_stays_within_its_bounds(records, order, after, found):
    fill(records, "things", "abcdef")

    assert "".join(sorts_of(records.query("things", "b", "e", order, after, 10))) == found


@pytest.mark.parametrize("order", Order)
def test_an_unbounded_page_goes_on_past_after(records, order):
    fill(records, "things", "abc")

    page = records.query("things", "", "", order, "b", 10)

    assert sorts_of(page) == (["c"] if order is Order.OLDEST_FIRST else ["a"])


def test_order_is_that_of_utf8_bytes(records):
    sorts = [
        "Z",
        "a",
        "z",
        "é",
        "Ω",
        "퟿",
        "\ue000",
        "\uffff",
        "\U00010000",
        "\U0010ffff",
        "a\x00",
        "a\x00b",
        "a b",
        "A",
    ]
    fill(records, "things", sorts)

    assert sorts_of(records.query("things", "", "", Order.OLDEST_FIRST, None, 100)) == sorted(sorts, key=str.encode)
    assert sorts_of(records.query("things", "\uffff", "", Order.OLDEST_FIRST, None, 100)) == [
        "\uffff",
        "\U00010000",
        "\U0010ffff",
    ]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_pages_give_every_line_once_and_in_order(records, order, limit):
    sorts = [f"{number:03}" for number in range(21)]
    fill(records, "things", sorts)

    seen = [line.sort for line in walk(records, "things", order, limit)]

    assert seen == sorted(sorts, reverse=order is Order.NEWEST_FIRST)


@pytest.mark.parametrize("order", Order)
def test_pages_neither_repeat_nor_lose_a_line_while_others_come_and_go(records, order):
    staying = {f"{number:03}-staying" for number in range(0, 40, 2)}
    leaving = [f"{number:03}-leaving" for number in range(1, 40, 2)]
    fill(records, "things", [*staying, *leaving])
    seen = []
    for turn, line in enumerate(walk(records, "things", order, 5)):
        seen.append(line.sort)
        if turn % 4 == 0 and leaving:
            records.commit([Delete(listed("things", leaving.pop()))])
            records.commit([Put(listed("things", f"{turn:03}-coming"))])
        if turn % 5 == 4:  # the very line that the next page continues from
            records.commit([Put(listed("things", f"{line.sort}+"))])
            if line.sort in leaving:
                leaving.remove(line.sort)
                records.commit([Delete(listed("things", line.sort))])

    assert len(seen) == len(set(seen))
    assert staying <= set(seen)
    assert seen == sorted(seen, reverse=order is Order.NEWEST_FIRST)


@pytest.mark.parametrize("limit", [0, -1, 2001])
def test_a_limit_outside_1_to_2000_is_a_mistake(records, limit):
    with pytest.raises(ValueError):
        records.query("things", "", "", Order.OLDEST_FIRST, None, limit)


def test_more_than_a_hundred_keys_are_a_mistake(records):
    with pytest.raises(ValueError):
        records.get([f"a/{number}" for number in range(101)])


@pytest.mark.usefixtures("many_commits")
def test_two_thousand_lines_fit_one_page(records):
    fill(records, "things", [f"{number:05}" for number in range(2010)])

    page = records.query("things", "", "", Order.NEWEST_FIRST, None, 2000)

    assert (len(page.items), page.items[0].sort, page.items[-1].sort, page.more) == (2000, "02009", "00010", True)


_SORTS = st.text(alphabet=st.sampled_from("ab\x00/é\U0001f3b8"), min_size=1, max_size=4)


@pytest.mark.usefixtures("many_commits")
@given(
    sorts=st.sets(_SORTS, min_size=1, max_size=12),
    low=_SORTS,
    high=st.just("") | _SORTS,
    after=st.none() | _SORTS,
    order=st.sampled_from(Order),
    limit=st.integers(1, 5),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_page_is_the_slice_that_a_sorted_list_gives(  # noqa: PLR0913, PLR0917  # the facts of a page
    records, sorts, low, high, after, order, limit
):
    index = str(uuid.uuid4())
    fill(records, index, sorts)

    page = records.query(index, low, high, order, after, limit)

    backwards = order is Order.NEWEST_FIRST
    within = sorted(sort for sort in sorts if low <= sort and (not high or sort < high))
    past = [sort for sort in within if after is None or (sort < after if backwards else sort > after)]
    expected = past[::-1] if backwards else past
    assert sorts_of(page) == expected[:limit]
    assert page.more == (len(expected) > limit)
