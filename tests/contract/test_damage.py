"""What was altered behind the store's back is never handed out."""

import pytest
from rmos.errors import Corrupt
from rmos.storage.ports import SPILL_BYTES, Entry, Order, Put, Record

from tests.contract.backends import Part

RECORD = Record("a", '{"n": 1}', {"n": 1}, (Entry("all", "1"),), expires_at=9_999_999_999)
SOUND = Record("sound", "1", {"n": 2}, (Entry("all", "2"),))


@pytest.fixture
def stored(record_back_end):
    record_back_end.records.commit([Put(RECORD), Put(SOUND)])
    return record_back_end


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (Part.BODY, '{"n": 2}'),
        (Part.BODY, '{"n":1}'),
        (Part.BODY, ""),
        (Part.HEAD, '{"n":2}'),
        (Part.HEAD, '{"n":true}'),
        (Part.HEAD, "not json"),
        (Part.HEAD, "[]"),
        (Part.ENTRIES, '[["all","2"]]'),
        (Part.ENTRIES, "[]"),
        (Part.ENTRIES, "{"),
        (Part.VERSION, 2),
        (Part.EXPIRY, 9_999_999_998),
        (Part.EXPIRY, 1),
    ],
)
def test_an_altered_record_is_named_and_not_served(stored, part, value):
    stored.alter("a", part, value)

    with pytest.raises(Corrupt) as caught:
        stored.records.get(["sound", "a"])

    assert caught.value.key == "a"
    assert stored.records.get(["sound"]) == [SOUND]


def test_a_record_whose_expiry_was_brought_forward_is_not_cleared_away(stored):
    stored.alter("a", Part.EXPIRY, 100)

    stored.records.commit([Put(Record("next", "1"))])

    with pytest.raises(Corrupt):
        stored.records.get(["a"])


@pytest.mark.parametrize(
    ("part", "value"),
    [(Part.HEAD, '{"n":2}'), (Part.HEAD, "not json"), (Part.EXPIRY, 9_999_999_998), (Part.EXPIRY, 100)],
)
def test_a_page_with_an_altered_head_is_not_served(stored, part, value):
    stored.alter("a", part, value)

    with pytest.raises(Corrupt) as caught:
        stored.records.query("all", "", "", Order.OLDEST_FIRST, None, 10)

    assert caught.value.key == "a"
    assert [line.key for line in stored.records.query("all", "2", "", Order.OLDEST_FIRST, None, 10).items] == ["sound"]


def test_an_altered_body_does_not_keep_its_record_out_of_pages(stored):
    stored.alter("a", Part.BODY, "other")

    page = stored.records.query("all", "", "", Order.OLDEST_FIRST, None, 10)

    assert [(line.key, line.head) for line in page.items] == [("a", {"n": 1}), ("sound", {"n": 2})]


def test_an_altered_spilled_body_is_not_served(record_back_end):
    body = "x" * (SPILL_BYTES + 1)
    record_back_end.records.commit([Put(Record("a", body, {"n": 1}, (Entry("all", "1"),)))])
    (spilled,) = record_back_end.spill_back_end.scan.blobs()
    record_back_end.spill_back_end.alter(spilled.sha256, ("y" + body[1:]).encode())

    with pytest.raises(Corrupt) as caught:
        record_back_end.records.get(["a"])

    assert caught.value.key == "a"
    assert record_back_end.records.query("all", "", "", Order.OLDEST_FIRST, None, 1).items[0].head == {"n": 1}


def test_a_lost_spilled_body_is_damage_not_absence(record_back_end):
    record_back_end.records.commit([Put(Record("a", "x" * (SPILL_BYTES + 1)))])
    (spilled,) = record_back_end.spill_back_end.scan.blobs()
    record_back_end.spill_back_end.lose(spilled.sha256)

    with pytest.raises(Corrupt) as caught:
        record_back_end.records.get(["a"])

    assert caught.value.key == "a"
