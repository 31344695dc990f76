"""Maintenance: damage is named, the rest is read on, and indexes can be built anew."""

import io

import pytest
from rmos.storage.ports import SPILL_BYTES, Entry, Order, Put, Record
from rmos.storage.scan import Damage, EntryFault

from tests.contract.backends import Part

A = Record("a", "1", {"n": 1}, (Entry("all", "1"), Entry("few", "1")))
B = Record("b", "2", {"n": 2}, (Entry("all", "2"),))
LONG = Record("long", "x" * (SPILL_BYTES + 1), {}, (Entry("all", "3"),))


@pytest.fixture
def back_end(record_back_end):
    if record_back_end.scan is None:
        pytest.skip("this back-end has no maintenance port")
    record_back_end.records.commit([Put(A), Put(B), Put(LONG)])
    return record_back_end


def scanned(back_end):
    return {found.key: found for found in back_end.scan.records()}


def faults(back_end):
    return {(found.key, found.entry): found.fault for found in back_end.scan.entries() if found.fault}


def keys_in(back_end, index):
    return [line.key for line in back_end.records.query(index, "", "", Order.OLDEST_FIRST, None, 10).items]


def test_a_sound_store_shows_every_record_and_line(back_end):
    found = scanned(back_end)

    assert list(back_end.scan.faults()) == []
    assert {key: (one.record, one.damage, one.unlisted) for key, one in found.items()} == {
        record.key: (record, None, ()) for record in (A, B, LONG)
    }
    (blob,) = back_end.spill_back_end.scan.blobs()
    assert found["long"].spill_sha256 == blob.sha256
    assert {(line.key, line.entry) for line in back_end.scan.entries()} == {
        (record.key, entry) for record in (A, B, LONG) for entry in record.entries
    }
    assert faults(back_end) == {}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (Part.BODY, "2"),
        (Part.HEAD, '{"n":9}'),
        (Part.HEAD, "{"),
        (Part.ENTRIES, "[]"),
        (Part.ENTRIES, "{"),
        (Part.VERSION, 7),
        (Part.EXPIRY, 9_999_999_999),
    ],
)
def test_a_damaged_record_is_named_and_the_others_are_read_on(back_end, part, value):
    back_end.alter("a", part, value)

    found = scanned(back_end)

    assert (found["a"].record, found["a"].damage is None) == (None, False)
    assert [found[key].damage for key in ("b", "long")] == [None, None]


def test_an_altered_and_a_lost_spill_are_told_apart(back_end):
    (blob,) = back_end.spill_back_end.scan.blobs()

    back_end.spill_back_end.alter(blob.sha256, b"other")
    assert scanned(back_end)["long"].damage is Damage.SPILL_ALTERED

    back_end.spill_back_end.lose(blob.sha256)
    assert scanned(back_end)["long"].damage is Damage.SPILL_MISSING


def test_lines_without_their_record_are_found(back_end):
    back_end.lose_record("a")

    assert set(scanned(back_end)) == {"b", "long"}
    assert faults(back_end) == {("a", entry): EntryFault.NO_RECORD for entry in A.entries}


def test_records_without_their_lines_are_found(back_end):
    back_end.lose_entry(A.entries[1])

    assert scanned(back_end)["a"].unlisted == (A.entries[1],)
    assert faults(back_end) == {}


def test_indexes_built_anew_list_every_sound_record_again(back_end):
    back_end.lose_entry(A.entries[0])
    back_end.lose_record("b")

    rebuilt = back_end.scan.rebuild_entries()

    assert (rebuilt.lines_after, rebuilt.damaged_keys) == (3, ())
    assert (keys_in(back_end, "all"), keys_in(back_end, "few")) == (["a", "long"], ["a"])
    assert faults(back_end) == {}


def test_a_rebuild_of_sound_indexes_changes_nothing(back_end):
    rebuilt = back_end.scan.rebuild_entries()

    assert rebuilt.lines_before == rebuilt.lines_after == 4
    assert (keys_in(back_end, "all"), keys_in(back_end, "few")) == (["a", "b", "long"], ["a"])


def test_a_rebuild_keeps_the_lines_of_damaged_records_and_names_these(back_end):
    back_end.alter("a", Part.BODY, "other")

    rebuilt = back_end.scan.rebuild_entries()

    assert rebuilt.damaged_keys == ("a",)
    assert keys_in(back_end, "few") == ["a"]


def test_every_blob_is_found_and_an_altered_one_is_not_intact(blob_back_end):
    if blob_back_end.scan is None:
        pytest.skip("this back-end has no maintenance port")
    kept = [blob_back_end.blobs.put(io.BytesIO(data)) for data in (b"", b"one", b"two" * 1000)]
    blob_back_end.alter(kept[1].sha256, b"One")

    assert {blob.sha256: blob.size_bytes for blob in blob_back_end.scan.blobs()} == {
        blob.sha256: blob.size_bytes for blob in kept
    }
    assert [blob_back_end.scan.is_intact(blob.sha256) for blob in kept] == [True, False, True]
    assert blob_back_end.scan.is_intact("0" * 64) is False
    assert list(blob_back_end.scan.leftovers()) == []
