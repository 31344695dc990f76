"""Maintenance of the SQLite store: every row as it is, and the indexes built anew."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rmos.errors import BlobCorrupt, Corrupt, NotFound
from rmos.storage.ports import BlobStore, Entry, Record
from rmos.storage.scan import Damage, EntryFault, Rebuilt, ScannedEntry, ScannedRecord
from rmos.storage.schema import known_migrations, schema_differences
from rmos.storage.sqlite_database import Database
from rmos.storage.sqlite_rows import (
    COLUMNS,
    Row,
    StoredRecord,
    entry_row,
    is_entry_intact,
    is_head_intact,
    json_text,
    record_from,
)

_INSERT_ENTRY = "INSERT OR IGNORE INTO entries (index_name, sort, key, digest) VALUES (?, ?, ?, ?)"


class SqliteScan:
    """`RecordScan` over the SQLite file at `path`, with spilled bodies in `spill`.

    Each iterator sees one moment of the store. It walks the tables in place, so that damaged keys cannot lead it
    astray.
    """

    def __init__(self, path: Path, spill: BlobStore) -> None:
        self._database = Database(path)
        self._spill = spill

    def close(self) -> None:
        """Close the connections; the scan cannot be used afterwards."""
        self._database.close()

    def faults(self) -> Iterator[str]:
        """Yield tables and triggers that are not as they were made, and what SQLite's own integrity check finds."""
        with self._database.snapshot() as connection:
            differences = schema_differences(connection, known_migrations())
            yield from (f"{name} is not defined as it should be" for name in differences)
            if differences:
                return  # the integrity check would run the altered definitions
            for (line,) in connection.execute("PRAGMA integrity_check"):
                if line != "ok":
                    yield line

    def records(self) -> Iterator[ScannedRecord]:
        """See `RecordScan.records`."""
        with self._database.snapshot() as connection:
            for stored in _stored(connection):
                yield self._scanned(connection, stored)

    def entries(self) -> Iterator[ScannedEntry]:
        """See `RecordScan.entries`."""
        with self._database.snapshot() as connection:
            for row in connection.execute(
                "SELECT e.index_name, e.sort, e.key, e.digest, r.entries "
                "FROM entries AS e LEFT JOIN records AS r ON r.key = e.key"
            ):
                index, sort, key, _, _ = row
                yield ScannedEntry(Entry(index, sort), key, _entry_fault(row))

    def rebuild_entries(self) -> Rebuilt:
        """See `RecordScan.rebuild_entries`; in one transaction."""
        damaged: list[str] = []
        with self._database.writing() as connection:
            # SQLite's own indexes first: the walk below leans on them.
            connection.execute("REINDEX")
            lines_before = _count(connection)
            kept = list(self._lines_of_damaged(connection, damaged))
            connection.execute("DELETE FROM entries")
            for stored in _stored(connection):
                record = self._intact(stored)
                if record is not None:
                    connection.executemany(_INSERT_ENTRY, [entry_row(entry, record.key) for entry in record.entries])
            connection.executemany(_INSERT_ENTRY, kept)
            lines_after = _count(connection)
        return Rebuilt(lines_before, lines_after, tuple(damaged))

    def _lines_of_damaged(self, connection: sqlite3.Connection, damaged: list[str]) -> Iterator[Row]:
        """Yield the intact lines of damaged records, and name these in `damaged`."""
        damaged += [stored.key for stored in _stored(connection) if self._intact(stored) is None]
        keys = set(damaged)
        if keys:
            for row in connection.execute("SELECT index_name, sort, key, digest FROM entries"):
                if row[2] in keys and is_entry_intact(row):
                    yield row

    def _scanned(self, connection: sqlite3.Connection, stored: StoredRecord) -> ScannedRecord:
        try:
            record = record_from(stored, self._spill)
        except Corrupt as error:
            return ScannedRecord(stored.key, None, _damage(stored, error), stored.spill_sha256, ())
        if not is_head_intact(stored):
            return ScannedRecord(stored.key, None, Damage.HEAD, stored.spill_sha256, ())
        unlisted = tuple(entry for entry in record.entries if not _is_listed(connection, entry, record.key))
        return ScannedRecord(record.key, record, None, stored.spill_sha256, unlisted)

    def _intact(self, stored: StoredRecord) -> Record | None:
        try:
            return record_from(stored, self._spill)
        except Corrupt:
            return None


def _stored(connection: sqlite3.Connection) -> Iterator[StoredRecord]:
    # By rowid: in the order of the table itself, not of an index.
    for row in connection.execute(f"SELECT {COLUMNS} FROM records NOT INDEXED ORDER BY rowid"):  # noqa: S608
        yield StoredRecord(*row)


def _count(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM entries").fetchone()
    return int(count)


def _is_listed(connection: sqlite3.Connection, entry: Entry, key: str) -> bool:
    rows = connection.execute(
        "SELECT index_name, sort, key, digest FROM entries WHERE index_name = ? AND sort = ?", (entry.index, entry.sort)
    ).fetchall()
    return any(row[2] == key and is_entry_intact(row) for row in rows)


def _damage(stored: StoredRecord, error: Corrupt) -> Damage:
    match error.__cause__:
        case NotFound():
            return Damage.SPILL_MISSING
        case BlobCorrupt():
            return Damage.SPILL_ALTERED
    if not is_head_intact(stored):
        return Damage.HEAD
    return Damage.BODY if error.__cause__ is None else Damage.UNREADABLE


def _entry_fault(row: Row) -> EntryFault | None:
    index, sort, _, _, entries = row
    if not is_entry_intact(row[:4]):
        return EntryFault.ALTERED
    if entries is None:
        return EntryFault.NO_RECORD
    # Quotes inside a JSON string are escaped, so the text of a pair is found only where that pair stands.
    if not isinstance(entries, str) or json_text([index, sort]) not in entries:
        return EntryFault.NOT_ITS_OWN
    return None
