import sqlite3
import threading
import time
from contextlib import closing

import pytest
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Emit
from rmos.storage.queue import MAX_ATTEMPTS, DeadLetter, SqliteQueue
from rmos.storage.sqlite import SqliteRecordStore

LEASE_S = 60.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rmos.sqlite3"


@pytest.fixture
def queue(path):
    with closing(SqliteQueue(path)) as opened:
        yield opened


@pytest.fixture
def emit(path, tmp_path):
    with closing(SqliteRecordStore(path, FileBlobStore(tmp_path / "blobs"))) as store:

        def emit_one(event_id, queue_name="jobs", body="{}"):
            store.commit([Emit(queue_name, event_id, body)])

        yield emit_one


def test_an_event_is_claimed_once_and_gone_when_finished(queue, emit):
    emit("event-1", body='{"n": 1}')

    message = queue.claim(["jobs"], LEASE_S)

    assert (message.queue, message.event_id, message.body, message.attempt) == ("jobs", "event-1", '{"n": 1}', 1)
    assert queue.claim(["jobs"], LEASE_S) is None
    queue.finish(message.receipt)
    assert queue.claim(["jobs"], 0) is None
    assert queue.dead_letters() == []


def test_events_come_oldest_first_from_the_named_queues(queue, emit):
    for number, name in enumerate(["jobs", "other", "exports", "jobs"]):
        emit(f"event-{number}", name)

    claimed = [queue.claim(["exports", "jobs"], LEASE_S) for _ in range(4)]

    assert [message and message.event_id for message in claimed] == ["event-0", "event-2", "event-3", None]


def test_no_queues_hold_no_events(queue, emit):
    emit("event-1")

    assert queue.claim([], LEASE_S) is None


def test_an_event_whose_worker_died_is_delivered_again_when_the_lease_runs_out(queue, emit):
    emit("event-1")
    first = queue.claim(["jobs"], 0.2)
    assert queue.claim(["jobs"], LEASE_S) is None
    time.sleep(0.25)

    second = queue.claim(["jobs"], LEASE_S)

    assert (second.event_id, second.attempt) == ("event-1", 2)
    assert second.receipt != first.receipt


def test_a_worker_that_lost_its_lease_can_neither_finish_nor_return_the_event(queue, emit):
    emit("event-1")
    late = queue.claim(["jobs"], 0)
    current = queue.claim(["jobs"], 0.2)

    queue.finish(late.receipt)
    queue.retry(late.receipt, 0)

    assert queue.claim(["jobs"], LEASE_S) is None
    time.sleep(0.25)
    assert queue.claim(["jobs"], LEASE_S).attempt == current.attempt + 1


def test_a_returned_event_waits_for_its_delay(queue, emit):
    emit("event-1")
    queue.retry(queue.claim(["jobs"], LEASE_S).receipt, 0.2)

    assert queue.claim(["jobs"], LEASE_S) is None
    time.sleep(0.25)
    assert queue.claim(["jobs"], LEASE_S).attempt == 2


def test_an_event_that_failed_five_times_is_a_dead_letter_and_blocks_nobody(queue, emit):
    emit("poison", body="bad")
    emit("fine")
    poisoned = 0
    while (message := queue.claim(["jobs"], LEASE_S)) is not None:
        if message.event_id == "fine":
            queue.finish(message.receipt)
        else:
            poisoned += 1
            assert queue.dead_letters() == []
            queue.retry(message.receipt, 0)

    assert poisoned == MAX_ATTEMPTS == 5
    assert queue.dead_letters() == [DeadLetter("jobs", "poison", "bad")]


def test_an_event_whose_workers_died_five_times_is_a_dead_letter(queue, emit):
    emit("poison")
    for _ in range(MAX_ATTEMPTS):
        assert queue.claim(["jobs"], 0) is not None

    assert queue.claim(["jobs"], 0) is None
    assert [letter.event_id for letter in queue.dead_letters()] == ["poison"]


def test_a_dead_letter_that_is_sent_back_has_all_its_attempts_again(queue, emit):
    emit("poison", body="bad")
    for _ in range(MAX_ATTEMPTS):
        queue.claim(["jobs"], 0)

    assert queue.redrive() == [DeadLetter("jobs", "poison", "bad")]

    assert queue.dead_letters() == queue.redrive() == []
    assert [queue.claim(["jobs"], 0).attempt for _ in range(MAX_ATTEMPTS)] == [1, 2, 3, 4, 5]
    assert queue.claim(["jobs"], 0) is None


def test_workers_that_claim_at_once_never_share_an_event(queue, emit):
    for number in range(40):
        emit(f"event-{number}")
    claimed = []

    def work():
        while (message := queue.claim(["jobs"], LEASE_S)) is not None:
            claimed.append(message.event_id)
            queue.finish(message.receipt)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(f"event-{number}" for number in range(40))


def test_an_idle_worker_does_not_wait_for_writers(queue, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        started = time.monotonic()

        assert queue.claim(["jobs"], LEASE_S) is None

        assert time.monotonic() - started < 1
        writer.execute("ROLLBACK")


def test_the_events_of_a_closed_queue_are_there_when_it_is_opened_again(path, emit):
    emit("event-1")
    with closing(SqliteQueue(path)) as first:
        first.claim(["jobs"], 0)
    with closing(SqliteQueue(path)) as second:
        assert second.claim(["jobs"], LEASE_S).attempt == 2
