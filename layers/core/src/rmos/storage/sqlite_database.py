"""One SQLite file: a connection per thread, turns to write, time-outs.

In WAL mode with synchronous=FULL SQLite calls fdatasync on the log once per COMMIT, before it returns, and on the
folder when the log is new (seen with strace): what is committed outlives a kill and a power cut. NORMAL, SQLite's
usual advice for WAL, would sync at checkpoints only.
"""

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rmos.errors import Busy, Corrupt
from rmos.storage.schema import known_migrations, migrate

BUSY_TIMEOUT_S = 10.0
_RETRY_S = 0.02
_PRIMARY_CODE = 0xFF
"""The low byte of an extended SQLite error code is the primary one."""
_OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""What passes once somebody made room on the disk, plugged it in again, or made it writable."""


class _Turn:
    """The right to write to one file within this process.

    SQLite lets waiting connections sleep and retry, up to 0.1 s each time; threads that queue here instead take over
    at once. Other processes still meet SQLite's own lock.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()


_turns: "weakref.WeakValueDictionary[Path, _Turn]" = weakref.WeakValueDictionary()
_turns_guard = threading.Lock()


class _ThreadConnection:
    """A thread's connection; it closes when its thread ends, or with the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.in_use = threading.RLock()


class Database:
    """The file at `path`, made and migrated if need be.

    Safe to share between threads; several processes may open the same file. Connections are in autocommit mode.

    Raises:
        SchemaTooNew: the file was written by a newer RMOS.
        Busy: another process held the file for 10 s, or the disk is full, fails or is read-only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._guard = threading.Lock()
        self._opened: list[weakref.finalize[..., _ThreadConnection]] = []
        self._is_closed = False
        with _turns_guard:
            self._turn = _turns.setdefault(path.resolve(), _Turn())
        with self._used() as connection:
            migrate(connection, known_migrations())

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection. Each statement sees every commit; read its rows to the end."""
        with self._used() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection within one read transaction: all statements see the same moment."""
        with self._used() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if not self._is_closed:  # closing ended the transaction too
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection within one write transaction, durable when the block ends without error.

        Raises:
            Busy: no turn within 10 s, or the disk is full, fails or is read-only; no reader sees anything of it. Where
                the disk failed in the COMMIT itself, a restart may find it written after all.
        """
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        if not self._turn.lock.acquire(timeout=BUSY_TIMEOUT_S):
            raise _busy()
        try:
            with self._used() as connection:
                _begin(connection, deadline)
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        finally:
            self._turn.lock.release()

    def close(self) -> None:
        """Close every thread's connection, each once it is idle; later calls on this database fail."""
        with self._guard:
            self._is_closed = True
            opened, self._opened = self._opened, []
        for close in opened:
            close()

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        held: _ThreadConnection | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = self._open()
        with held.in_use, _translated():
            yield held.connection

    def _open(self) -> _ThreadConnection:
        with self._guard:
            if self._is_closed:
                raise ValueError("the database is closed")
            with _translated():
                held = _ThreadConnection(_connected(self._path))
            self._opened = [close for close in self._opened if close.alive]
            self._opened.append(weakref.finalize(held, _close, held.connection, held.in_use))
        return held


def _connected(path: Path) -> sqlite3.Connection:
    # check_same_thread=False: `close` ends connections of other threads, never while they are in use.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        # Damaged text must reach the digests, which name its record, not fail in the driver.
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        _set_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _close(connection: sqlite3.Connection, in_use: threading.RLock) -> None:
    with in_use:
        connection.close()


def _set_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite's own busy time-out does not cover two connections that switch a new file at once."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _begin(connection: sqlite3.Connection, deadline: float) -> None:
    """Begin to write; waiting in this process and for other processes together ends at `deadline`."""
    remaining_s = max(0.0, deadline - time.monotonic())
    if remaining_s > BUSY_TIMEOUT_S - _RETRY_S:
        connection.execute("BEGIN IMMEDIATE")
        return
    connection.execute(f"PRAGMA busy_timeout = {int(remaining_s * 1000)}")
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of SQLite that the ports name into theirs; all others rise."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            raise _busy() from error
        if _code(error) in _OF_THE_DISK:
            raise Busy(f"the disk of the database is full, fails or is read-only ({error.sqlite_errorname})") from error
        if _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Corrupt("the database file") from error
        raise


def _is_busy(error: sqlite3.DatabaseError) -> bool:
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: sqlite3.DatabaseError) -> int:
    # Absent on errors that the Python driver raises by itself.
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _busy() -> Busy:
    return Busy(f"the database was in use for {BUSY_TIMEOUT_S:.0f} s; nothing was written")


def copy_database(source: Path, target: Path) -> None:
    """Copy the database at `source` as of one moment to the new file `target`; writers go on meanwhile.

    Raises:
        Busy: the disk of either is full or fails.
        Corrupt: `source` is no whole database.
    """
    with _translated(), closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
