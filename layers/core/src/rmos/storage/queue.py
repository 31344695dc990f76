"""The queue of one machine: events of `Emit`, worked by lease."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rmos.storage.sqlite_database import Database

MAX_ATTEMPTS = 5
_DEAD_LETTERS = "SELECT queue, event_id, body FROM queue WHERE attempts >= ? AND visible_at <= ? ORDER BY id"


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of an event. `attempt` counts from 1; `receipt` names this delivery."""

    queue: str
    event_id: str
    body: str
    attempt: int
    receipt: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that failed five times; it stays until somebody sends it again."""

    queue: str
    event_id: str
    body: str


class SqliteQueue:
    """The queue table in the SQLite file at `path`, which the record store writes in its commits.

    Delivery is at least once: a lease that runs out (its worker died, or was slow) makes the event free again. Safe to
    share between threads and processes. Each call may raise Busy as the record port does.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def close(self) -> None:
        """Close the connections of all threads; the queue cannot be used afterwards."""
        self._database.close()

    def claim(self, queue_names: Sequence[str], lease_s: float) -> Message | None:
        """Take the event that waits longest in any of `queue_names`, hidden from others for `lease_s`; None if none."""
        waiting = (
            f"SELECT id FROM queue WHERE queue IN ({','.join('?' * len(queue_names))}) "  # noqa: S608  # only marks
            "AND visible_at <= ? AND attempts < ? ORDER BY visible_at, id LIMIT 1"
        )
        values = (*queue_names, time.time(), MAX_ATTEMPTS)
        with self._database.reading() as connection:  # an idle worker asks often: it must not take the write lock
            if connection.execute(waiting, values).fetchall() == []:
                return None
        with self._database.writing() as connection:
            found = connection.execute(waiting, values).fetchone()
            if found is None:
                return None
            receipt = uuid.uuid4().hex
            connection.execute(
                "UPDATE queue SET attempts = attempts + 1, visible_at = ?, receipt = ? WHERE id = ?",
                (time.time() + lease_s, receipt, found[0]),
            )
            row = connection.execute("SELECT queue, event_id, body, attempts FROM queue WHERE id = ?", found).fetchone()
        queue, event_id, body, attempt = row
        return Message(queue, event_id, body, attempt, receipt)

    def finish(self, receipt: str) -> None:
        """Remove a delivered event. Without effect when the lease ran out and another worker has it now."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM queue WHERE receipt = ?", (receipt,))

    def retry(self, receipt: str, delay_s: float) -> None:
        """Give an event back, free again after `delay_s`; the fifth time makes it a dead letter.

        Without effect when the lease ran out and another worker has it now.
        """
        now_s = time.time()
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE queue SET receipt = NULL, visible_at = CASE WHEN attempts < ? THEN ? ELSE ? END "
                "WHERE receipt = ?",
                (MAX_ATTEMPTS, now_s + delay_s, now_s, receipt),
            )

    def dead_letters(self) -> list[DeadLetter]:
        """Return the events whose fifth delivery failed or never ended, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_DEAD_LETTERS, (MAX_ATTEMPTS, time.time())).fetchall()
        return [DeadLetter(*row) for row in rows]

    def redrive(self) -> list[DeadLetter]:
        """Make all dead letters free at once, with five attempts again each, and return them."""
        now_s = time.time()
        with self._database.writing() as connection:
            rows = connection.execute(_DEAD_LETTERS, (MAX_ATTEMPTS, now_s)).fetchall()
            connection.execute(
                "UPDATE queue SET attempts = 0, receipt = NULL, visible_at = ? WHERE attempts >= ? AND visible_at <= ?",
                (now_s, MAX_ATTEMPTS, now_s),
            )
        return [DeadLetter(*row) for row in rows]
