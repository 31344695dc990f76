"""The back-ends that the contract suite runs on, and what it may do to them beside the ports.

A back-end is a context manager that takes an empty folder and yields a store of its own, empty one. To run another
one on the suite, add a `pytest.param` with its id and marks to `RECORD_BACK_ENDS` or `BLOB_BACK_ENDS`.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.links import BlobLinks, ThroughServer
from rmos.storage.ports import BlobStore, Entry, RecordStore
from rmos.storage.queue import SqliteQueue
from rmos.storage.scan import BlobScan, RecordScan
from rmos.storage.sqlite import SqliteRecordStore
from rmos.storage.sqlite_scan import SqliteScan


class Part(Enum):
    """A part of a stored record that a test alters behind the store's back."""

    BODY = "body"
    HEAD = "head"
    ENTRIES = "entries"
    VERSION = "version"
    EXPIRY = "expires_at"


@dataclass(frozen=True)
class RecordBackEnd:
    """A record store under test."""

    records: RecordStore
    spill: BlobStore
    open_again: Callable[[], RecordStore]
    """Another store over the same data, as another process would have it."""
    receive: Callable[[str], list[tuple[str, str]]]
    """Deliver what waits for a queue, take it off, and return (event_id, body) of each delivery."""
    alter: Callable[[str, Part, str | int], None]
    """Overwrite a part of the stored record with a key; HEAD also in its index lines, where they carry one."""
    lose_record: Callable[[str], None]
    """Remove the stored record with a key, but not its index lines."""
    lose_entry: Callable[[Entry], None]
    """Remove one index line."""
    spill_back_end: "BlobBackEnd"
    scan: RecordScan | None
    decides_races: bool = True
    """False where a stand-in does not isolate concurrent transactions: nothing can be proved about races on it."""
    takes_many: bool = True
    """False where a stand-in copies its whole table for each transaction: hundreds of them take minutes."""


@dataclass(frozen=True)
class BlobBackEnd:
    """A blob store under test."""

    blobs: BlobStore
    open_again: Callable[[], BlobStore]
    alter: Callable[[str, bytes], None]
    """Overwrite the stored bytes of a blob."""
    lose: Callable[[str], None]
    """Remove a blob."""
    scan: BlobScan | None
    links: BlobLinks


@contextmanager
def files(folder: Path) -> Iterator[BlobBackEnd]:
    root = folder / "blobs"

    def path(sha256: str) -> Path:
        return root / sha256[:2] / sha256[2:4] / sha256

    def alter(sha256: str, data: bytes) -> None:
        path(sha256).write_bytes(data)

    yield BlobBackEnd(
        blobs=FileBlobStore(root),
        open_again=lambda: FileBlobStore(root),
        alter=alter,
        lose=lambda sha256: path(sha256).unlink(),
        scan=FileBlobScan(root),
        links=ThroughServer(FileBlobStore(root)),
    )


@contextmanager
def sqlite(folder: Path) -> Iterator[RecordBackEnd]:
    path = folder / "rmos.sqlite3"
    with files(folder) as spill, ExitStack() as opened:

        def open_again() -> RecordStore:
            return opened.enter_context(closing(SqliteRecordStore(path, spill.blobs)))

        def receive(queue_name: str) -> list[tuple[str, str]]:
            received = []
            while (message := queue.claim([queue_name], 60)) is not None:
                queue.finish(message.receipt)
                received.append((message.event_id, message.body))
            return received

        def execute(statement: str, *values: str | int) -> None:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute(statement, values)

        def alter(key: str, part: Part, value: str | int) -> None:
            execute(f"UPDATE records SET {part.value} = ? WHERE key = ?", value, key)

        records = open_again()
        queue = opened.enter_context(closing(SqliteQueue(path)))
        yield RecordBackEnd(
            records=records,
            spill=spill.blobs,
            open_again=open_again,
            receive=receive,
            alter=alter,
            lose_record=lambda key: execute("DELETE FROM records WHERE key = ?", key),
            lose_entry=lambda entry: execute(
                "DELETE FROM entries WHERE index_name = ? AND sort = ?", entry.index, entry.sort
            ),
            spill_back_end=spill,
            scan=opened.enter_context(closing(SqliteScan(path, spill.blobs))),
        )
