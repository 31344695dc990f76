"""The maintenance ports: how `rmos fsck` and `rmos reindex` see every stored thing, damaged ones included.

They stand beside the storage ports, which never hand out what is damaged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from rmos.errors import BlobCorrupt, NotFound
from rmos.storage.ports import Blob, BlobStore, Entry, Record


class Damage(Enum):
    """What is wrong with a stored record."""

    UNREADABLE = "UNREADABLE"
    """It cannot be decoded at all."""
    HEAD = "HEAD"
    """Key, head or expiry do not match their digest."""
    BODY = "BODY"
    """Head and expiry match theirs, but the whole record does not: its body, entries or version was altered."""
    SPILL_MISSING = "SPILL_MISSING"
    """The blob that holds its body is gone."""
    SPILL_ALTERED = "SPILL_ALTERED"
    """The blob that holds its body has other bytes."""


@dataclass(frozen=True, slots=True)
class ScannedRecord:
    """A stored record: verified in `record`, or None with its `damage`.

    `unlisted` are entries of an undamaged record that its indexes do not hold.
    """

    key: str
    record: Record | None
    damage: Damage | None
    spill_sha256: str | None
    unlisted: tuple[Entry, ...]


class EntryFault(Enum):
    """What is wrong with a line of an index."""

    ALTERED = "ALTERED"
    """It does not match its digest."""
    NO_RECORD = "NO_RECORD"
    """Its record does not exist."""
    NOT_ITS_OWN = "NOT_ITS_OWN"
    """Its record exists and does not name it."""


@dataclass(frozen=True, slots=True)
class ScannedEntry:
    """A line of an index."""

    entry: Entry
    key: str
    fault: EntryFault | None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild of the indexes did. The lines of damaged records, whose own list cannot be trusted, were kept."""

    lines_before: int
    lines_after: int
    damaged_keys: tuple[str, ...]


class RecordScan(Protocol):
    """Every stored record and index line.

    What has expired and is still stored may come along; an expired line needs no record. Run every iterator to its
    end, or close it. Each raises Corrupt when the store itself cannot be read on.
    """

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the store's own structure, in its own words; nothing where a service keeps it."""
        ...

    def records(self) -> Iterator[ScannedRecord]:
        """Yield every stored record."""
        ...

    def entries(self) -> Iterator[ScannedEntry]:
        """Yield every line of every index."""
        ...

    def rebuild_entries(self) -> Rebuilt:
        """Make the indexes hold exactly what the records list; afterwards no undamaged record misses a line.

        Meant for a store that nothing else writes to meanwhile. Raises Busy as the record port does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something among the blobs that is none: what an interrupted write left, or a stranger's file."""

    name: str
    size_bytes: int


def opens_whole(store: BlobStore, sha256: str) -> bool:
    """Read a blob whole and tell whether its bytes match; False also when it is gone."""
    try:
        store.open(sha256).close()
    except (NotFound, BlobCorrupt):
        return False
    return True


class BlobScan(Protocol):
    """Every stored blob."""

    def blobs(self) -> Iterator[Blob]:
        """Yield what is stored, without reading the bytes."""
        ...

    def is_intact(self, sha256: str) -> bool:
        """Read a blob whole and tell whether its bytes match; False also when it is gone."""
        ...

    def leftovers(self) -> Iterator[Leftover]:
        """Yield what is no blob."""
        ...
