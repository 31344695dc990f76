import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Emit
from rmos.storage.queue import SqliteQueue
from rmos.storage.sqlite import SqliteRecordStore

from local.worker import Worker


@pytest.fixture
def records(tmp_path):
    store = SqliteRecordStore(tmp_path / "rmos.sqlite3", FileBlobStore(tmp_path / "blobs"))
    yield store
    store.close()


@pytest.fixture
def queue(records, tmp_path):
    queue = SqliteQueue(tmp_path / "rmos.sqlite3")
    yield queue
    queue.close()


@pytest.fixture
def work_with(queue):
    workers = []

    def start(consumers):
        worker = Worker(queue, consumers)
        worker.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.stop()


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_every_emitted_event_reaches_the_consumer_of_its_queue(records, work_with):
    done = []
    work_with({"images": lambda message: done.append(message.event_id), "exports": lambda _message: None})

    for number in range(20):
        records.commit([Emit("images", f"event-{number}", "{}")])

    wait_until(lambda: len(done) == 20)
    assert sorted(done) == sorted(f"event-{number}" for number in range(20))


def test_an_event_whose_consumer_raised_comes_again(records, work_with):
    attempts = []

    def fail_once(message):
        attempts.append(message.attempt)
        if message.attempt == 1:
            raise RuntimeError("the printer is out of ink")

    work_with({"images": fail_once})
    records.commit([Emit("images", "event", "{}")])

    wait_until(lambda: attempts == [1, 2])


def test_one_failing_event_does_not_hold_up_the_others(records, work_with):
    done = []

    def work(message):
        if message.event_id == "poison":
            raise RuntimeError
        done.append(message.event_id)

    records.commit([Emit("images", "poison", "{}")])
    work_with({"images": work})
    for number in range(5):
        records.commit([Emit("images", f"event-{number}", "{}")])

    wait_until(lambda: len(done) == 5)


def test_stopping_waits_for_the_work_in_hand_and_claims_nothing_more(records, queue, work_with):
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def work(message):
        begun.set()
        may_end.wait(10)
        ended.append(message.event_id)

    worker = work_with({"images": work})
    records.commit([Emit("images", "first", "{}")])
    begun.wait(10)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    time.sleep(0.5)
    records.commit([Emit("images", "second", "{}")])
    assert stopping.is_alive()
    may_end.set()
    stopping.join(10)

    assert ended == ["first"]
    assert queue.claim(["images"], 60).event_id == "second"
    assert queue.claim(["images"], 60) is None


def test_events_of_queues_without_a_consumer_stay(records, queue, work_with):
    records.commit([Emit("exports", "event", "{}")])
    work_with({"images": lambda _message: None})
    time.sleep(0.5)

    assert queue.claim(["exports"], 60).event_id == "event"


WORK_THROUGH_A_FULL_DISK = """
import resource, sys, time
from pathlib import Path
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Emit
from rmos.storage.queue import SqliteQueue
from rmos.storage.sqlite import SqliteRecordStore
from local.worker import Worker

folder = Path(sys.argv[1])
path = folder / "rmos.sqlite3"
SqliteRecordStore(path, FileBlobStore(folder / "blobs")).commit([Emit("images", "event", "{}")])
done = []
worker = Worker(SqliteQueue(path), {"images": lambda message: done.append(message.event_id)})
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # no file takes a byte more, as on a full disk
worker.start()
time.sleep(1)
assert done == []
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
deadline = time.monotonic() + 20
while not done and time.monotonic() < deadline:
    time.sleep(0.05)
worker.stop()
print(done)
"""


def test_a_worker_says_that_the_disk_is_full_and_goes_on_once_there_is_room(tmp_path):
    child = [sys.executable, "-c", WORK_THROUGH_A_FULL_DISK, str(tmp_path)]
    ended = subprocess.run(child, capture_output=True, text=True, timeout=60, check=False)

    lines = ended.stdout.splitlines()
    assert lines[-1] == "['event']", ended.stdout + ended.stderr
    assert any("SQLITE_IOERR" in line for line in lines[:-1])


def test_a_queue_that_cannot_be_asked_for_a_moment_is_asked_again(records, tmp_path):
    done = []
    with closing(SqliteQueue(tmp_path / "rmos.sqlite3")) as queue:
        worker = Worker(queue, {"images": lambda message: done.append(message.event_id)})
        with closing(sqlite3.connect(tmp_path / "rmos.sqlite3")) as raw:
            raw.execute("ALTER TABLE queue RENAME TO set_aside")
            worker.start()
            time.sleep(0.5)
            raw.execute("ALTER TABLE set_aside RENAME TO queue")
        records.commit([Emit("images", "event", "{}")])
        try:
            wait_until(lambda: done == ["event"])
        finally:
            worker.stop()


def test_work_whose_end_cannot_be_kept_is_logged_and_holds_nobody_up(records, tmp_path, work_with, caplog):
    done = []
    with closing(sqlite3.connect(tmp_path / "rmos.sqlite3", check_same_thread=False)) as raw:

        def work(message):
            done.append(message.event_id)
            if len(done) == 1:
                raw.execute("ALTER TABLE queue RENAME TO set_aside")

        work_with({"images": work})
        records.commit([Emit("images", "first", "{}")])
        wait_until(lambda: "what became of the work cannot be kept" in caplog.messages)
        raw.execute("ALTER TABLE set_aside RENAME TO queue")
        records.commit([Emit("images", "second", "{}")])
        wait_until(lambda: done == ["first", "second"])
