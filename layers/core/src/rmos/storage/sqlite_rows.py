"""Records as rows of the `records` and `entries` tables, with the digests that make an altered byte visible."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from rmos.errors import BlobCorrupt, Corrupt, NotFound
from rmos.storage.digests import record_digest, record_digest_around
from rmos.storage.ports import BlobStore, Entry, HeadValue, Listed, Record

COLUMNS = "key, version, expires_at, head, head_digest, entries, digest, spill_sha256, body"

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One row of `records`, unverified: any value may be damaged."""

    key: str
    version: int
    expires_at: int | None
    head: str
    head_digest: bytes
    entries: str
    digest: str
    spill_sha256: str | None
    body: str | None

    def values(self) -> Row:
        """Return the values in the order of `COLUMNS`."""
        return (
            self.key,
            self.version,
            self.expires_at,
            self.head,
            self.head_digest,
            self.entries,
            self.digest,
            self.spill_sha256,
            self.body,
        )


def stored_from(record: Record, spill_sha256: str | None) -> StoredRecord:
    """Return the row of `record`; its body stays out of it when it was spilled."""
    head = json_text(dict(record.head))
    return StoredRecord(
        key=record.key,
        version=record.version,
        expires_at=record.expires_at,
        head=head,
        head_digest=_head_digest(record.key, head, record.expires_at),
        entries=json_text([[entry.index, entry.sort] for entry in record.entries]),
        digest=record_digest(record) if spill_sha256 is None else record_digest_around(spill_sha256, record),
        spill_sha256=spill_sha256,
        body=record.body if spill_sha256 is None else None,
    )


def record_from(stored: StoredRecord, spill: BlobStore) -> Record:
    """Return the verified record of a row, its spilled body read back.

    Raises:
        Corrupt: something in the row, or the spilled body, is not what was written.
    """
    try:
        record = Record(
            key=stored.key,
            body=stored.body or "",
            head=_parsed_head(stored.head),
            entries=parsed_entries(stored.entries),
            version=stored.version,
            expires_at=stored.expires_at,
        )
        if stored.spill_sha256 is None:
            digest = record_digest(record)
        else:
            digest = record_digest_around(stored.spill_sha256, record)
    except (ValueError, TypeError, AttributeError) as error:  # damaged: text that is not UTF-8, not JSON, no text
        raise Corrupt(stored.key) from error
    if digest != stored.digest:
        raise Corrupt(stored.key)
    return record if stored.spill_sha256 is None else replace(record, body=_spilled_body(stored, spill))


def is_head_intact(stored: StoredRecord) -> bool:
    """Tell whether key, head and expiry of a row are what was written."""
    return _matches_head(stored.key, stored.head, stored.expires_at, stored.head_digest)


def entry_row(entry: Entry, key: str) -> Row:
    """Return the row of `entries` that points to `key`: index_name, sort, key, digest."""
    return (entry.index, entry.sort, key, _digest(entry.index, entry.sort, key))


def is_entry_intact(row: Row) -> bool:
    """Tell whether a row of `entries` is what was written."""
    index, sort, key, digest = row
    try:
        return bool(_digest(index, sort, key) == digest)
    except (ValueError, AttributeError):  # damaged: text that is not UTF-8, or no text at all
        return False


@dataclass(frozen=True, slots=True)
class Line:
    """A verified line of an index, and when its record expires."""

    listed: Listed
    expires_at: int | None


def line_from(index: str, row: Row) -> Line:
    """Return the verified line of a row: sort, key, entry digest, expires_at, head, head digest.

    Raises:
        Corrupt: the entry or the head is not what was written, or the entry has no record.
    """
    sort, key, digest, expires_at, head, head_digest = row
    if not (is_entry_intact((index, sort, key, digest)) and _matches_head(key, head, expires_at, head_digest)):
        raise Corrupt(key)
    return Line(Listed(key, sort, _parsed_head(head)), expires_at)


def parsed_entries(text: str) -> tuple[Entry, ...]:
    """Return the entries that a record lists.

    Raises:
        ValueError, TypeError: the text is damaged.
    """
    return tuple(Entry(index, sort) for index, sort in json.loads(text))


def _parsed_head(text: str) -> Mapping[str, HeadValue]:
    return dict(json.loads(text))


def _spilled_body(stored: StoredRecord, spill: BlobStore) -> str:
    try:
        with spill.open(str(stored.spill_sha256)) as stream:
            return stream.read().decode()
    except (NotFound, BlobCorrupt) as error:
        raise Corrupt(stored.key) from error


def json_text(value: object) -> str:
    """Return JSON as it stands in `head` and `entries`; a number that is not finite is a ValueError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _matches_head(key: str, head: str, expires_at: int | None, head_digest: bytes) -> bool:
    try:
        return _head_digest(key, head, expires_at) == head_digest
    except (ValueError, AttributeError):  # damaged: text that is not UTF-8, or no text at all
        return False


def _head_digest(key: str, head: str, expires_at: int | None) -> bytes:
    return _digest(key, head, "" if expires_at is None else str(expires_at))


def _digest(*parts: str) -> bytes:
    """Return the SHA-256 of `parts`, each led by its length so that no two lists of parts look alike."""
    joined = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        joined.update(len(encoded).to_bytes(8, "big"))
        joined.update(encoded)
    return joined.digest()
