"""`kill -9` at any moment: what was acknowledged is there, whole; what was not is there whole or not at all."""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
from rmos.fsck import Kind, check
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import SPILL_BYTES, Order
from rmos.storage.queue import SqliteQueue
from rmos.storage.sqlite import SqliteRecordStore
from rmos.storage.sqlite_scan import SqliteScan

WRITER = f"""
import sys
from pathlib import Path
from threading import Thread
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Add, Emit, Entry, Put, Record
from rmos.storage.sqlite import SqliteRecordStore

folder = Path(sys.argv[1])
store = SqliteRecordStore(folder / "rmos.sqlite3", FileBlobStore(folder / "blobs"))

def write(worker):
    for number in range(100_000):
        name = f"{{worker}}-{{number:05}}"
        body = name * ({SPILL_BYTES} // 7 + 1) if number % 10 == 9 else name
        entries = tuple(Entry(f"index/{{i}}", name) for i in range(6))
        store.commit([Put(Record(f"run/{{name}}", body, {{"name": name}}, entries)),
                      Add("count", 1, name), Emit("jobs", name, name)])
        sys.stdout.write(name + "\\n")
        sys.stdout.flush()

for worker in "ab":
    Thread(target=write, args=(worker,), daemon=True).start()
Thread(target=write, args=("c",)).start()
"""


def acknowledged_before_kill(folder, after_s):
    """Run the writer, kill it `after_s` after its first acknowledgement, and return all it acknowledged."""
    with subprocess.Popen([sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE, text=True) as writer:
        first = writer.stdout.readline()
        time.sleep(after_s)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    # Only whole lines were acknowledged.
    return [line for line in (first + rest).split("\n")[:-1] if line]


@pytest.mark.parametrize("attempt", range(4))
def test_every_acknowledged_write_outlives_a_kill_and_none_is_half_there(tmp_path, attempt):
    acknowledged = acknowledged_before_kill(tmp_path, random.uniform(0.02, 0.3))

    blobs = FileBlobStore(tmp_path / "blobs")
    with (
        closing(SqliteRecordStore(tmp_path / "rmos.sqlite3", blobs)) as store,
        closing(SqliteQueue(tmp_path / "rmos.sqlite3")) as queue,
        closing(SqliteScan(tmp_path / "rmos.sqlite3", blobs)) as scan,
    ):
        listed = [
            [line.sort for line in store.query(f"index/{i}", "", "", Order.OLDEST_FIRST, None, 2000).items]
            for i in range(6)
        ]
        stored = listed[0]
        emitted = set()
        while (message := queue.claim(["jobs"], 60)) is not None:
            emitted.add(message.event_id)

        assert len(acknowledged) > 3
        assert set(acknowledged) <= set(stored)
        assert len(stored) - len(acknowledged) <= 3, "at most the write in each thread's hands is unacknowledged"
        assert all(names == stored for names in listed)
        assert emitted == set(stored)
        assert store.totals(["count"]) == [len(stored)]
        for start in range(0, len(stored), 100):
            names = stored[start : start + 100]
            found = store.get([f"run/{name}" for name in names])
            assert [record.head["name"] for record in found] == names
            assert all(record.body.startswith(name) for record, name in zip(found, names, strict=True))
        report = check(scan, FileBlobScan(tmp_path / "blobs"), {}, lambda progress: None)
        assert not report.is_damaged
        assert report.records == len(stored)


DYING = f"""
import os, sys
from pathlib import Path
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Entry, Put, Record
from rmos.storage.sqlite import SqliteRecordStore

class Dying(FileBlobStore):
    def put(self, source):
        super().put(source)
        os.kill(os.getpid(), 9)

folder = Path(sys.argv[1])
store = SqliteRecordStore(folder / "rmos.sqlite3", Dying(folder / "blobs"))
store.commit([Put(Record("short", "1", {{}}, (Entry("all", "1"),)))])
store.commit([Put(Record("long", "x" * ({SPILL_BYTES} + 1), {{}}, (Entry("all", "2"),)))])
"""


def test_a_crash_between_the_blob_and_its_commit_leaves_an_orphan_and_nothing_else(tmp_path):
    ended = subprocess.run([sys.executable, "-c", DYING, tmp_path], check=False)

    blobs = FileBlobStore(tmp_path / "blobs")
    with (
        closing(SqliteRecordStore(tmp_path / "rmos.sqlite3", blobs)) as store,
        closing(SqliteScan(tmp_path / "rmos.sqlite3", blobs)) as scan,
    ):
        assert ended.returncode == -signal.SIGKILL
        assert [record and record.key for record in store.get(["short", "long"])] == ["short", None]
        assert [line.key for line in store.query("all", "", "", Order.OLDEST_FIRST, None, 10).items] == ["short"]
        report = check(scan, FileBlobScan(tmp_path / "blobs"), {}, lambda progress: None)
        assert [finding.kind for finding in report.findings] == [Kind.BLOB_ORPHANED]
