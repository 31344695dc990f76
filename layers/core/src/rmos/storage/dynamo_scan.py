"""Maintenance of the DynamoDB store: every item as it is, and the indexes built anew.

Needs Scan and BatchGetItem, and for a rebuild PutItem and DeleteItem, on all keys: rights of the person who calls it,
never of a function.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rmos.errors import BlobCorrupt, Corrupt, NotFound
from rmos.storage.dynamo import read_items
from rmos.storage.dynamo_items import (
    INDEX_PREFIX,
    RECORD_PREFIX,
    UNREADABLE,
    Item,
    StoredItem,
    entry_of,
    expires_at_of,
    is_head_intact,
    is_intact,
    key_of,
    line_attributes,
    line_of,
    line_place,
    parsed_entries,
    parsed_record,
    record_place,
)
from rmos.storage.ports import BlobStore, Entry, Record
from rmos.storage.scan import Damage, EntryFault, Rebuilt, RecordScan, ScannedEntry, ScannedRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoScan:
    """`RecordScan` over one table, with the spilled bodies in `spill`; not one moment of it, as a scan takes time."""

    def __init__(self, client: "DynamoDBClient", table_name: str, spill: BlobStore) -> None:
        self._client = client
        self._table_name = table_name
        self._spill = spill

    def faults(self) -> Iterator[str]:
        """Yield nothing: DynamoDB keeps its own structure."""
        yield from ()

    def records(self) -> Iterator[ScannedRecord]:
        """See `RecordScan.records`."""
        for items in self._pages(RECORD_PREFIX):
            scanned = [self._scanned(item) for item in items]
            lines = self._lines([found.record for found in scanned if found.record is not None])
            for found in scanned:
                yield found if found.record is None else _with_unlisted(found, found.record, lines)

    def entries(self) -> Iterator[ScannedEntry]:
        """See `RecordScan.entries`."""
        for items in self._pages(INDEX_PREFIX):
            records = self._records_of(items)
            for item in items:
                yield ScannedEntry(entry_of(item), _line_key(item), _line_fault(item, records))

    def rebuild_entries(self) -> Rebuilt:
        """Put what is missing and altered, then remove what no record lists; a stop in between does no harm."""
        damaged: list[str] = []
        for items in self._pages(RECORD_PREFIX):
            scanned = [self._scanned(item) for item in items]
            damaged += [found.key for found in scanned if found.record is None]
            self._put_missing([found.record for found in scanned if found.record is not None])
        before, removed = self._remove_stray(frozenset(damaged))
        return Rebuilt(before, before - removed, tuple(damaged))

    def _pages(self, prefix: str) -> Iterator[list[StoredItem]]:
        """Yield the items whose partition key starts with `prefix`, a page at a time."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table_name,
            ConsistentRead=True,
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": prefix}},
        )
        for page in pages:
            yield list(page["Items"])

    def _scanned(self, item: StoredItem) -> ScannedRecord:
        spill_sha256 = item["body_sha256"]["S"] if "body_sha256" in item and "S" in item["body_sha256"] else None
        try:
            record, body_sha256 = parsed_record(item)
            damage = _damage(item, record, body_sha256)
        except UNREADABLE:
            return ScannedRecord(key_of(item), None, Damage.UNREADABLE, spill_sha256, ())
        if damage is not None or body_sha256 is None:
            return ScannedRecord(record.key, None if damage else record, damage, spill_sha256, ())
        return self._with_spilled_body(record, body_sha256)

    def _with_spilled_body(self, record: Record, body_sha256: str) -> ScannedRecord:
        try:
            with self._spill.open(body_sha256) as body:
                text = body.read().decode()
        except NotFound:
            return ScannedRecord(record.key, None, Damage.SPILL_MISSING, body_sha256, ())
        except BlobCorrupt:
            return ScannedRecord(record.key, None, Damage.SPILL_ALTERED, body_sha256, ())
        return ScannedRecord(record.key, replace(record, body=text), None, body_sha256, ())

    def _lines(self, records: Sequence[Record]) -> Mapping[Entry, str]:
        """Return the key of each intact index line at the places that `records` list."""
        places = [line_place(entry) for record in records for entry in record.entries]
        items = read_items(self._client, self._table_name, places)
        return {entry_of(item): _line_key(item) for item in items if _is_line_intact(item)}

    def _records_of(self, lines: Sequence[StoredItem]) -> Mapping[str, StoredItem]:
        places = [record_place(key) for line in lines if (key := _line_key(line))]
        items = read_items(self._client, self._table_name, places, ("pk", "entries"))
        return {key_of(item): item for item in items}

    def _put_missing(self, records: Sequence[Record]) -> None:
        lines = self._lines(records)
        for record in records:
            for entry in record.entries:
                if lines.get(entry) != record.key:
                    line: Item = {**line_place(entry), **line_attributes(record, entry)}
                    self._client.put_item(TableName=self._table_name, Item=line)

    def _remove_stray(self, damaged_keys: frozenset[str]) -> tuple[int, int]:
        """Remove lines with a fault, but not intact ones of damaged records; return how many there were and went."""
        before = removed = 0
        for scanned in self.entries():
            before += 1
            is_kept = scanned.key in damaged_keys and scanned.fault is not EntryFault.ALTERED
            if scanned.fault is not None and not is_kept:
                self._client.delete_item(TableName=self._table_name, Key=line_place(scanned.entry))
                removed += 1
        return before, removed


def _with_unlisted(found: ScannedRecord, record: Record, lines: Mapping[Entry, str]) -> ScannedRecord:
    unlisted = tuple(entry for entry in record.entries if lines.get(entry) != record.key)
    return replace(found, unlisted=unlisted)


def _damage(item: StoredItem, record: Record, body_sha256: str | None) -> Damage | None:
    if is_intact(item, record, body_sha256):
        return None
    return Damage.BODY if is_head_intact(item, record) else Damage.HEAD


def _line_key(item: StoredItem) -> str:
    """Return the key that a line points to, "" where that cannot be read."""
    return str(item.get("key", {}).get("S", ""))


def _is_line_intact(item: StoredItem) -> bool:
    try:
        line_of(item)
    except Corrupt:
        return False
    return True


def _line_fault(item: StoredItem, records: Mapping[str, StoredItem]) -> EntryFault | None:
    if not _is_line_intact(item):
        return EntryFault.ALTERED
    owner = records.get(_line_key(item))
    if owner is None:
        expires_at = expires_at_of(item)
        is_expired = expires_at is not None and expires_at <= time.time()
        return None if is_expired else EntryFault.NO_RECORD
    return None if _names(owner, entry_of(item)) else EntryFault.NOT_ITS_OWN


def _names(owner: StoredItem, entry: Entry) -> bool:
    """Tell whether a record lists `entry`; one whose list cannot be read is believed to."""
    try:
        return entry in parsed_entries(owner)
    except UNREADABLE:
        return True


if TYPE_CHECKING:
    _: type[RecordScan] = DynamoScan
