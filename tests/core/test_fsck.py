import io
import random
import sqlite3
from contextlib import closing

import pytest
from rmos.errors import Corrupt
from rmos.fsck import Kind, Progress, Step, check
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import SPILL_BYTES, Add, Entry, Order, Put, Record
from rmos.storage.sqlite import SqliteRecordStore
from rmos.storage.sqlite_scan import SqliteScan

PAGE_BYTES = 4_096
REFERENCES = {"asset/": lambda record: [record.body]}
"""Here the body of an asset is the digest of its content."""


class Place:
    """A data folder with its stores."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "rmos.sqlite3"
        self.blobs = FileBlobStore(folder / "blobs")
        self.seen = []

    def commit(self, *changes):
        with closing(SqliteRecordStore(self.path, self.blobs)) as store:
            store.commit(changes)

    def put_blob(self, data):
        return self.blobs.put(io.BytesIO(data)).sha256

    def blob_path(self, sha256):
        return self.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256

    def execute(self, statement):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute(statement)

    def check(self):
        with closing(SqliteScan(self.path, self.blobs)) as scan:
            return check(scan, FileBlobScan(self.folder / "blobs"), REFERENCES, self.seen.append)

    def found(self):
        return {(finding.kind, finding.name) for finding in self.check().findings}


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    made.content = made.put_blob(b"picture")
    made.commit(
        Put(Record("asset/1", made.content, {"n": 1}, (Entry("assets", "1"),))),
        Put(Record("plain", "text", {"n": 2}, (Entry("all", "1"), Entry("all", "2")))),
        Put(Record("long", "x" * (SPILL_BYTES + 1))),
    )
    return made


def test_a_sound_store_has_no_findings_and_everything_is_counted(place):
    report = place.check()

    assert report.findings == ()
    assert not report.is_damaged
    assert (report.records, report.entries, report.blobs) == (3, 3, 2)


def test_progress_tells_each_step_and_how_far_it_is(place):
    place.check()

    assert place.seen[-1] == Progress(Step.ENTRIES, 3)
    assert [progress.done for progress in place.seen if progress.step is Step.RECORDS] == [1, 2, 3]


def test_what_a_crash_leaves_is_noted_and_no_damage(place):
    orphan = place.put_blob(b"orphan")
    (place.folder / "blobs" / "incoming" / "abc.part").write_bytes(b"half")

    report = place.check()

    assert {(finding.kind, finding.name) for finding in report.findings} == {
        (Kind.BLOB_ORPHANED, orphan),
        (Kind.LEFTOVER, "incoming/abc.part"),
    }
    assert not report.is_damaged


def test_a_missing_blob_is_damage_and_names_who_needs_it(place):
    place.blob_path(place.content).unlink()

    report = place.check()

    (finding,) = report.findings
    assert (finding.kind, finding.name) == (Kind.BLOB_MISSING, place.content)
    assert "asset/1" in finding.detail
    assert report.is_damaged


def test_an_altered_blob_is_damage(place):
    place.blob_path(place.content).write_bytes(b"Picture")

    assert place.found() == {(Kind.BLOB_ALTERED, place.content)}
    assert place.check().is_damaged


def test_a_lost_spilled_body_is_damage_of_its_record(place):
    (spilled,) = {blob.sha256 for blob in FileBlobScan(place.folder / "blobs").blobs()} - {place.content}
    place.blob_path(spilled).unlink()

    assert place.found() == {(Kind.RECORD_DAMAGED, "long")}


def test_a_changed_record_is_damage(place):
    place.execute("UPDATE records SET body = 'Text' WHERE key = 'plain'")

    report = place.check()

    assert [(finding.kind, finding.name) for finding in report.findings] == [(Kind.RECORD_DAMAGED, "plain")]
    assert report.is_damaged


def test_faulty_and_missing_lines_are_damage_that_a_rebuild_mends(place):
    place.execute("UPDATE entries SET sort = '3' WHERE sort = '2'")
    place.execute("DELETE FROM records WHERE key = 'asset/1'")
    assert place.found() == {
        (Kind.ENTRY_FAULTY, "plain"),
        (Kind.ENTRY_MISSING, "plain"),
        (Kind.ENTRY_FAULTY, "asset/1"),
        (Kind.BLOB_ORPHANED, place.content),
    }

    with closing(SqliteScan(place.path, place.blobs)) as scan:
        rebuilt = scan.rebuild_entries()

    assert (rebuilt.lines_before, rebuilt.lines_after) == (3, 2)
    assert place.found() == {(Kind.BLOB_ORPHANED, place.content)}


def test_a_sound_line_that_its_record_does_not_name_is_damage(place):
    place.execute("CREATE TABLE saved AS SELECT * FROM entries")
    old = Record("plain", "text", {"n": 2}, (Entry("all", "1"), Entry("all", "2")))
    place.commit(Put(Record("plain", "text", {"n": 2}, (Entry("all", "1"),), version=2), old))
    place.execute("INSERT INTO entries SELECT * FROM saved WHERE sort = '2'")
    place.execute("DROP TABLE saved")

    (finding,) = place.check().findings

    assert (finding.kind, finding.name) == (Kind.ENTRY_FAULTY, "plain")
    assert "NOT_ITS_OWN" in finding.detail


def test_a_rebuild_also_mends_the_index_that_finds_records_by_key(place):
    whole = place.path.read_bytes()
    hits = [offset for offset in range(len(whole)) if whole.startswith(b"asset/1", offset)]
    mended = 0
    for offset in hits:
        place.path.write_bytes(whole[:offset] + b"Asset/1" + whole[offset + 7 :])
        with (
            closing(SqliteRecordStore(place.path, place.blobs)) as store,
            closing(SqliteScan(place.path, place.blobs)) as scan,
        ):
            if [found.key for found in scan.records() if found.damage] or store.get(["asset/1"]) != [None]:
                continue  # this was the record itself, or an index line
            scan.rebuild_entries()
            assert store.get(["asset/1"])[0].body == place.content
            mended += 1
    assert mended == 1


def test_a_missing_guard_of_the_runs_is_damage_of_the_store(place):
    place.execute("DROP TRIGGER runs_are_not_deleted")

    (finding,) = place.check().findings

    assert finding.kind is Kind.STORE_DAMAGED
    assert "runs_are_not_deleted" in finding.detail


def test_a_digest_that_was_itself_altered_is_damage(place):
    place.execute("UPDATE records SET digest = replace(digest, substr(digest, 1, 1), 'g') WHERE key = 'plain'")
    place.execute("UPDATE records SET head_digest = zeroblob(32) WHERE key = 'asset/1'")

    assert place.found() == {
        (Kind.RECORD_DAMAGED, "plain"),
        (Kind.RECORD_DAMAGED, "asset/1"),
        (Kind.BLOB_ORPHANED, place.content),
    }


RECORDS = [
    Record(f"run/{n:03}", "body " * (n * 20), {"n": n}, (Entry("all", f"{n:03}"), Entry(f"by/{n % 3}", f"{n:03}")))
    for n in range(30)
]


def reads_of(path, blobs):
    """Read everything; check that no altered byte is served; return whether all of it could be read."""
    with closing(SqliteRecordStore(path, blobs)) as store:
        got = store.get([record.key for record in RECORDS])
        assert all(found in (None, record) for found, record in zip(got, RECORDS, strict=True))
        page = store.query("all", "", "", Order.OLDEST_FIRST, None, 100).items
        lines = {(record.key, record.entries[0].sort, record.head["n"]) for record in RECORDS}
        assert {(line.key, line.sort, line.head["n"]) for line in page} <= lines
        return None not in got and len(page) == len(RECORDS)


def offsets_beside_definitions(data):
    """Yield each place of a database but those of the pages that define its tables: altered there, it may not open."""
    for start in range(PAGE_BYTES, len(data), PAGE_BYTES):
        if b"CREATE " not in data[start : start + PAGE_BYTES]:
            yield from range(start, start + PAGE_BYTES)


def test_no_altered_bit_of_the_database_file_is_served_or_overlooked(tmp_path):
    original, copy, blobs = tmp_path / "a.sqlite3", tmp_path / "b.sqlite3", FileBlobStore(tmp_path / "blobs")
    with closing(SqliteRecordStore(original, blobs)) as store:
        for record in RECORDS:
            store.commit([Put(record)])
    data = original.read_bytes()
    choose = random.Random(7)
    for offset in choose.sample(list(offsets_beside_definitions(data)), 150):
        for old in tmp_path.glob("b.sqlite3*"):
            old.unlink()
        altered = bytearray(data)
        altered[offset] ^= 1 << choose.randrange(8)
        copy.write_bytes(altered)

        try:
            is_whole = reads_of(copy, blobs)
        except Corrupt:
            is_whole = False
        with closing(SqliteScan(copy, blobs)) as scan:
            report = check(scan, FileBlobScan(tmp_path / "blobs"), {}, lambda progress: None)
        assert is_whole or report.is_damaged, f"bit altered at {offset}"


def test_a_truncated_database_is_named_not_served(tmp_path):
    path, blobs = tmp_path / "a.sqlite3", FileBlobStore(tmp_path / "blobs")
    with closing(SqliteRecordStore(path, blobs)) as store:
        for record in RECORDS:
            store.commit([Put(record), Add("count", 1, record.key)])
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 5 * PAGE_BYTES)

    with pytest.raises(Corrupt):
        reads_of(path, blobs)
