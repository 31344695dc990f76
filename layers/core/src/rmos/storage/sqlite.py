"""Records, index entries, counters and outgoing events in one SQLite file.

WAL with synchronous=FULL: every commit is one transaction and syncs the log to the disk before it returns (seen with
strace: one fdatasync per commit); `rmos.storage.sqlite_database` holds connections and turns.
"""

import io
import sqlite3
import time
import zlib
from collections.abc import Collection, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

from rmos.errors import Conflict, Corrupt, LimitReached
from rmos.storage.limits import check_commit, check_keys, check_query, is_spilled
from rmos.storage.ports import (
    Add,
    BlobStore,
    Change,
    Delete,
    Emit,
    Order,
    Page,
    Put,
    Record,
    Reserve,
)
from rmos.storage.sqlite_database import Database
from rmos.storage.sqlite_rows import (
    COLUMNS,
    Row,
    StoredRecord,
    entry_row,
    is_head_intact,
    line_from,
    parsed_entries,
    record_from,
    stored_from,
)

_SHARDS = 16
_RESERVED = -1
"""The shard of a Reserve counter, beside the 16 of Add."""
_SWEPT_PER_COMMIT = 8

_INSERT_RECORD = f"INSERT INTO records ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  # a constant
_UPDATE_RECORD = f"UPDATE records SET ({COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE key = ?"  # noqa: S608
_PUT_ENTRY = (
    "INSERT INTO entries (index_name, sort, key, digest) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (index_name, sort) DO UPDATE SET key = excluded.key, digest = excluded.digest "
    "WHERE key = excluded.key OR NOT EXISTS "
    "(SELECT 1 FROM records AS r WHERE r.key = entries.key AND (r.expires_at IS NULL OR r.expires_at > ?))"
)
_DELETE_ENTRY = "DELETE FROM entries WHERE index_name = ? AND sort = ? AND key = ?"
_ADD = (
    "INSERT INTO counters (counter, shard, value) VALUES (?, ?, ?) "
    "ON CONFLICT (counter, shard) DO UPDATE SET value = value + excluded.value"
)
_ENQUEUE = "INSERT INTO queue (queue, event_id, body, visible_at) VALUES (?, ?, ?, ?)"

_Kind = TypeVar("_Kind", bound=Change)


class SqliteRecordStore:
    """`RecordStore` over the SQLite file at `path`; bodies past the limit go to `spill`.

    Expired records are removed a few per commit, so that they do not pile up.

    Raises:
        SchemaTooNew: the file was written by a newer RMOS.
    """

    def __init__(self, path: Path, spill: BlobStore) -> None:
        self._database = Database(path)
        self._spill = spill

    def close(self) -> None:
        """Close the connections of all threads; the store cannot be used afterwards."""
        self._database.close()

    def commit(self, changes: Sequence[Change]) -> None:
        """See `RecordStore.commit`."""
        check_commit(changes)
        if not changes:
            return
        puts = _of(Put, changes)
        rows = [stored_from(put.new, self._spilled(put.new)) for put in puts]
        with self._database.writing() as connection:
            now_s = int(time.time())
            self._make_way(connection, puts, _of(Delete, changes), now_s)
            _delete(connection, _of(Delete, changes))
            _put(connection, puts, rows, now_s)
            connection.executemany(_ADD, [(add.counter, _shard(add), add.by) for add in _of(Add, changes)])
            for reserve in _of(Reserve, changes):
                _reserve(connection, reserve)
            connection.executemany(
                _ENQUEUE, [(emit.queue, emit.event_id, emit.body, time.time()) for emit in _of(Emit, changes)]
            )
            _sweep(connection, now_s)

    def get(self, keys: Sequence[str]) -> list[Record | None]:
        """See `RecordStore.get`."""
        check_keys(keys)
        with self._database.reading() as connection:
            found = connection.execute(
                f"SELECT {COLUMNS} FROM records WHERE key IN ({_marks(keys)})",  # noqa: S608  # only marks
                tuple(keys),
            ).fetchall()
        now_s = int(time.time())
        records = {record.key: record for record in (record_from(StoredRecord(*row), self._spill) for row in found)}
        return [_unexpired(records.get(key), now_s) for key in keys]

    def query(  # noqa: PLR0913, PLR0917  # the six facts of a keyset page
        self, index: str, low: str, high: str, order: Order, after: str | None, limit: int
    ) -> Page:
        """See `RecordStore.query`."""
        check_query(index, (low, high, after), limit)
        bounds, values = _bounds(low, high, order, after)
        direction = "ASC" if order is Order.OLDEST_FIRST else "DESC"
        now_s = int(time.time())
        with self._database.reading() as connection, closing(connection.cursor()) as cursor:
            cursor.execute(
                "SELECT e.sort, e.key, e.digest, r.expires_at, r.head, r.head_digest "  # noqa: S608  # no value in it
                "FROM entries AS e LEFT JOIN records AS r ON r.key = e.key "
                f"WHERE e.index_name = ? AND {bounds} ORDER BY e.sort {direction}",
                (index, *values),
            )
            # Verified before its expiry is believed: an altered expiry is damage, not absence.
            lines = (line_from(index, row) for row in cursor)
            live = (line.listed for line in lines if not _is_expired(line.expires_at, now_s))
            found = list(islice(live, limit + 1))
        return Page(tuple(found[:limit]), more=len(found) > limit)

    def totals(self, counters: Sequence[str]) -> list[int]:
        """See `RecordStore.totals`."""
        with self._database.reading() as connection:
            found = connection.execute(
                f"SELECT counter, sum(value) FROM counters WHERE counter IN ({_marks(counters)}) "  # noqa: S608
                "GROUP BY counter",
                tuple(counters),
            ).fetchall()
        sums: dict[str, int] = dict(found)
        return [sums.get(counter, 0) for counter in counters]

    def _spilled(self, record: Record) -> str | None:
        """Keep a long body as a blob before the transaction: a crash between leaves an orphan, never half a record."""
        if not is_spilled(record.body):
            return None
        return self._spill.put(io.BytesIO(record.body.encode())).sha256

    def _make_way(
        self, connection: sqlite3.Connection, puts: Sequence[Put], deletes: Sequence[Delete], now_s: int
    ) -> None:
        """Check every precondition; remove expired records that stand where new ones go.

        Raises:
            Conflict: naming all keys whose precondition does not hold.
        """
        expected = {put.new.key: None if put.old is None else put.old.version for put in puts}
        expected |= {delete.old.key: delete.old.version for delete in deletes}
        found = connection.execute(
            f"SELECT key, version, expires_at FROM records WHERE key IN ({_marks(expected)})",  # noqa: S608
            tuple(expected),
        ).fetchall()
        expired = [key for key, _, expires_at in found if _is_expired(expires_at, now_s)]
        versions = {key: version for key, version, _ in found if key not in expired}
        conflicts = [key for key, version in expected.items() if versions.get(key) != version]
        if conflicts:
            raise Conflict(conflicts)
        _remove_expired(connection, expired)


def _bounds(low: str, high: str, order: Order, after: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the narrowest condition on `sort`, and its values.

    One bound per side: given two, SQLite may seek to the wider one and walk from there. Comparing here is right,
    as Python's order by code points is the bytewise order of UTF-8.
    """
    below, above = "e.sort >= ?", "e.sort < ?"
    if after is not None and order is Order.OLDEST_FIRST and after >= low:
        below, low = "e.sort > ?", after
    if after is not None and order is Order.NEWEST_FIRST and (not high or after < high):
        high = after
        return f"{below} AND {above}", (low, high)
    return (f"{below} AND {above}", (low, high)) if high else (below, (low,))


def _delete(connection: sqlite3.Connection, deletes: Sequence[Delete]) -> None:
    connection.executemany("DELETE FROM records WHERE key = ?", [(delete.old.key,) for delete in deletes])
    connection.executemany(
        _DELETE_ENTRY, [(entry.index, entry.sort, delete.old.key) for delete in deletes for entry in delete.old.entries]
    )


def _put(connection: sqlite3.Connection, puts: Sequence[Put], rows: Sequence[StoredRecord], now_s: int) -> None:
    created, changed, gone, come = [], [], [], []
    for put, row in zip(puts, rows, strict=True):
        before = put.old.entries if put.old else ()
        stay = set(before) & set(put.new.entries)
        if put.old is None:
            created.append(row.values())
        else:
            changed.append((*row.values(), row.key))
        gone += [(entry.index, entry.sort, row.key) for entry in before if entry not in stay]
        come += [(*entry_row(entry, row.key), now_s) for entry in put.new.entries if entry not in stay]
    connection.executemany(_INSERT_RECORD, created)
    connection.executemany(_UPDATE_RECORD, changed)
    connection.executemany(_DELETE_ENTRY, gone)
    _put_entries(connection, come)


def _put_entries(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    if rows and connection.executemany(_PUT_ENTRY, rows).rowcount != len(rows):
        raise ValueError("an index entry of this commit is another record's; (index, sort) must be unique to one")


def _reserve(connection: sqlite3.Connection, change: Reserve) -> None:
    found = connection.execute(
        "SELECT value FROM counters WHERE counter = ? AND shard = ?", (change.counter, _RESERVED)
    ).fetchone()
    reserved = found[0] if found else 0
    if change.by > 0 and reserved + change.by > change.at_most:
        raise LimitReached(change.counter)
    connection.execute(_ADD, (change.counter, _RESERVED, change.by))


def _sweep(connection: sqlite3.Connection, now_s: int) -> None:
    """Remove a few expired records; damaged ones stay for fsck, as their expiry may be the damage."""
    found = connection.execute(
        f"SELECT {COLUMNS} FROM records WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",  # noqa: S608
        (now_s, _SWEPT_PER_COMMIT),
    ).fetchall()
    stored = [StoredRecord(*row) for row in found]
    _remove_expired(connection, [row.key for row in stored if is_head_intact(row)])


def _remove_expired(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    for key in keys:
        (entries,) = connection.execute("SELECT entries FROM records WHERE key = ?", (key,)).fetchone()
        try:
            places = [(entry.index, entry.sort, key) for entry in parsed_entries(entries)]
        except (ValueError, TypeError) as error:
            raise Corrupt(key) from error
        connection.execute("DELETE FROM records WHERE key = ?", (key,))
        connection.executemany(_DELETE_ENTRY, places)


def _of(kind: type[_Kind], changes: Sequence[Change]) -> list[_Kind]:
    return [change for change in changes if isinstance(change, kind)]


def _shard(change: Add) -> int:
    return zlib.crc32(change.shard_key.encode()) % _SHARDS


def _is_expired(expires_at: int | None, now_s: int) -> bool:
    return expires_at is not None and expires_at <= now_s


def _unexpired(record: Record | None, now_s: int) -> Record | None:
    return None if record is None or _is_expired(record.expires_at, now_s) else record


def _marks(values: Collection[str]) -> str:
    return ",".join("?" * len(values))
