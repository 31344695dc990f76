"""Each class of stored byte, altered behind the store's back: named by `verify` or by the check of the whole store.

`verify` reads a run, its lines in the lists, and what those of its additions lead to. It does not notice an addition
that no line leads to any more, and does not read a digest that nothing depends on (that of an explanation's empty
head): the check of the whole store is the one that names these. No counter is kept of runs.
"""

import hashlib
import sqlite3
from contextlib import closing

import pytest
from rmos.fsck import Kind, check
from rmos.runs.evidence_records import advisory_key, attachment_key, explanation_key
from rmos.runs.inspection import BLOB_REFERENCES
from rmos.runs.repository import key_of
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Entry
from rmos.storage.sqlite_rows import entry_row
from rmos.storage.sqlite_scan import SqliteScan

from tests.support.disk import alter_row

DATA = b"what the cut looked like"
SHA256 = hashlib.sha256(DATA).hexdigest()
LONG = {"outputs": {"opplan_json": {"steps": ["x" * 1_000] * 300}}}
RECORD_COLUMNS = {
    "body": "replace(body, '\"', '''')",
    "head": "replace(head, '\"', '''')",
    "entries": "replace(entries, '\"', '''')",
    "digest": "'g' || substr(digest, 2)",
    "version": "version + 1",
    "expires_at": "4102444800",
}
NAMES = {
    "run": "record",
    "attachment": f"attachment {SHA256}",
    "advisory": "advisory adv_1",
    "explanation": "explanation",
}
# An explanation has an empty head and stands in no list: there is no byte to alter.
FIELDS = [
    (which, column)
    for which in NAMES
    for column in RECORD_COLUMNS
    if which != "explanation" or column not in {"head", "entries"}
]


class Stored:
    """A run with something of everything, as it lies on the disk."""

    def __init__(self, client, folder, body):
        self.client, self.folder, self.body = client, folder, body
        self.run_id = self.post("/api/runs", json=body)["run_id"]
        place = f"/api/runs/{self.run_id}"
        self.post(f"{place}/attachments", params={"kind": "PHOTO", "filename": "a.png"}, content=DATA)
        self.post(f"{place}/attach-advisory", json={"advisory_id": "adv_1", "kind": "NOTE"})
        self.text_sha256 = self.post(f"{place}/suggest-and-attach", json={})["advisory_sha256"]
        self.large_id = self.post("/api/runs", json=body | LONG)["run_id"]
        ids = {"attachment": attachment_key(self.run_id, SHA256), "advisory": advisory_key(self.run_id, "adv_1")}
        self.keys = {"run": key_of(self.run_id), "explanation": explanation_key(self.run_id)} | ids

    def post(self, path, **request):
        answer = self.client.post(path, **request)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def execute(self, statement, *values):
        alter_row(self.folder / "rmos.sqlite3", statement, *values)

    def one(self, query, *values):
        with closing(sqlite3.connect(self.folder / "rmos.sqlite3")) as connection:
            return connection.execute(query, values).fetchone()

    def blob(self, sha256):
        path = self.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256
        path.chmod(0o600)
        return path

    def indexes(self, which):
        """Return what `verify` calls all the lines of a record."""
        query = "SELECT index_name FROM entries WHERE key = ?"
        with closing(sqlite3.connect(self.folder / "rmos.sqlite3")) as connection:
            return {f"index {index}" for (index,) in connection.execute(query, [self.keys[which]])}

    def failed(self, run_id=None):
        """Return what `verify` names."""
        found = self.client.get(f"/api/runs/{run_id or self.run_id}/verify").json()
        return {each["name"] for each in found["checks"] if not each["ok"]}

    def found(self):
        """Return what the check of the whole store names."""
        blobs = self.folder / "blobs"
        with closing(SqliteScan(self.folder / "rmos.sqlite3", FileBlobStore(blobs))) as scan:
            report = check(scan, FileBlobScan(blobs), BLOB_REFERENCES, lambda _: None)
        return {(finding.kind, finding.name) for finding in report.findings if finding.is_damage}


@pytest.fixture
def stored(operator, tmp_path, green):
    return Stored(operator, tmp_path / "data", green)


def test_what_nobody_altered_is_all_intact(stored):
    assert (stored.failed(), stored.failed(stored.large_id), stored.found()) == (set(), set(), set())


@pytest.mark.parametrize(("which", "column"), FIELDS)
def test_an_altered_field_of_any_record_is_named_by_verify_and_by_the_check(stored, which, column):
    key = stored.keys[which]

    stored.execute(f"UPDATE records SET {column} = {RECORD_COLUMNS[column]} WHERE key = ?", key)

    assert NAMES[which] in stored.failed()
    assert (Kind.RECORD_DAMAGED, key) in stored.found()


@pytest.mark.parametrize("which", NAMES)
def test_an_altered_digest_of_a_head_is_named(stored, which):
    """Lists depend on it and refuse the line; a record that is read by its key has the digest of the whole."""
    key = stored.keys[which]

    stored.execute("UPDATE records SET head_digest = zeroblob(32) WHERE key = ?", key)

    assert (Kind.RECORD_DAMAGED, key) in stored.found()
    assert (
        stored.failed()
        == {
            "run": stored.indexes("run"),
            "attachment": {"appended", NAMES["attachment"]},
            "advisory": {"appended", NAMES["advisory"]},
            "explanation": set(),
        }[which]
    )


@pytest.mark.parametrize("which", NAMES)
def test_a_record_that_was_moved_to_another_key_is_named(stored, which):
    key = stored.keys[which]

    stored.execute("UPDATE records SET key = key || 'x' WHERE key = ?", key)

    assert (Kind.RECORD_DAMAGED, key + "x") in stored.found()


@pytest.mark.parametrize("which", ["run", "attachment", "advisory"])
def test_a_record_that_was_taken_away_is_named_by_its_lines(stored, which):
    key = stored.keys[which]

    stored.execute("DELETE FROM records WHERE key = ?", key)

    assert (Kind.ENTRY_FAULTY, key) in stored.found()


@pytest.mark.parametrize("column", ["index_name", "sort", "key"])
@pytest.mark.parametrize("which", ["run", "attachment", "advisory"])
def test_an_altered_line_of_an_index_is_named(stored, which, column):
    key = stored.keys[which]
    index, sort = stored.one("SELECT index_name, sort FROM entries WHERE key = ? LIMIT 1", key)

    stored.execute(f"UPDATE entries SET {column} = {column} || 'x' WHERE index_name = ? AND sort = ?", index, sort)

    named = key + "x" if column == "key" else key
    assert {(Kind.ENTRY_FAULTY, named), (Kind.ENTRY_MISSING, key)} <= stored.found()
    if which == "run":
        assert stored.failed() == {f"index {index}"}
    elif column != "index_name":
        assert "appended" in stored.failed()


@pytest.mark.parametrize("which", ["run", "attachment", "advisory"])
def test_an_altered_digest_of_a_line_and_a_line_that_is_gone_are_named(stored, which):
    key = stored.keys[which]
    index, sort = stored.one("SELECT index_name, sort FROM entries WHERE key = ? LIMIT 1", key)

    stored.execute("UPDATE entries SET digest = zeroblob(32) WHERE index_name = ? AND sort = ?", index, sort)
    assert (Kind.ENTRY_FAULTY, key) in stored.found()
    assert stored.failed() == ({f"index {index}"} if which == "run" else {"appended", NAMES[which]})
    stored.execute("DELETE FROM entries WHERE index_name = ? AND sort = ?", index, sort)
    assert (Kind.ENTRY_MISSING, key) in stored.found()
    assert stored.failed() == ({f"index {index}"} if which == "run" else set())


@pytest.mark.parametrize("index", ["runs", "runs/status=OK"])
def test_a_line_in_the_place_of_another_is_named(stored, index):
    """The lists would show one run twice and the other not at all, each line with a digest that holds."""
    other = stored.post("/api/runs", json=stored.body)["run_id"]
    (sort,) = stored.one("SELECT sort FROM entries WHERE key = ? AND index_name = ?", stored.keys["run"], index)
    stored.execute("DELETE FROM entries WHERE index_name = ? AND sort = ?", index, sort)
    forged = entry_row(Entry(index, sort), key_of(other))
    stored.execute("INSERT INTO entries (index_name, sort, key, digest) VALUES (?, ?, ?, ?)", *forged)

    assert stored.failed() == {f"index {index}"}
    assert stored.failed(other) == set()
    assert {(Kind.ENTRY_FAULTY, key_of(other)), (Kind.ENTRY_MISSING, stored.keys["run"])} <= stored.found()


@pytest.mark.parametrize("whose", ["file", "text"])
@pytest.mark.parametrize("how", ["altered", "shortened", "gone"])
def test_an_altered_blob_is_named_and_not_served(stored, whose, how):
    sha256 = SHA256 if whose == "file" else stored.text_sha256
    path = stored.blob(sha256)
    raw = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(raw[:-1] if how == "shortened" else bytes([raw[0] ^ 1]) + raw[1:])

    assert stored.failed() == {f"blob {sha256}"}
    assert (Kind.BLOB_MISSING if how == "gone" else Kind.BLOB_ALTERED, sha256) in stored.found()
    got = stored.client.get(f"/api/runs/{stored.run_id}/attachments/{sha256}")
    assert (got.status_code, got.json()["type"]) == (500, "urn:rmos:problem:blob-corrupt")


@pytest.mark.parametrize("how", ["altered", "gone", "named otherwise"])
def test_an_altered_body_that_lies_among_the_blobs_is_named(stored, how):
    key = key_of(stored.large_id)
    (sha256,) = stored.one("SELECT spill_sha256 FROM records WHERE key = ?", key)
    path = stored.blob(sha256)
    if how == "altered":
        path.write_bytes(path.read_bytes()[:-1] + b" ")
    elif how == "gone":
        path.unlink()
    else:
        stored.execute("UPDATE records SET spill_sha256 = ? WHERE key = ?", SHA256, key)

    assert stored.failed(stored.large_id) == {"record"}
    assert (Kind.RECORD_DAMAGED, key) in stored.found()
    assert stored.client.get(f"/api/runs/{stored.large_id}").status_code == 500
