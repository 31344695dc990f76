"""Changes as the parts of a DynamoDB transaction, with the conditions that decide every race."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rmos.storage.dynamo_items import (
    Item,
    event_place,
    line_attributes,
    line_place,
    record_attributes,
    record_place,
    reserve_place,
    shard_of,
    shard_place,
)
from rmos.storage.limits import entry_changes
from rmos.storage.ports import Add, Change, Delete, Emit, Entry, Put, Record, Reserve

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# Expired items stay until TTL removes them, days later perhaps: each condition takes them for absent.
_ABSENT = "attribute_not_exists(pk) OR expires_at <= :now"
_CURRENT = "#version = :old_version AND (attribute_not_exists(expires_at) OR expires_at > :now)"
_LINE_FREE = "attribute_not_exists(pk) OR expires_at <= :now OR #key = :key"
_MS_PER_S = 1_000


@dataclass(frozen=True, slots=True)
class Write:
    """One part of a transaction, and what fails when its condition does: a change, or one of its index lines."""

    subject: Change | Entry
    part: "TransactWriteItemTypeDef"


@dataclass(frozen=True, slots=True)
class WritePlan:
    """Makes the parts for one table at one moment; `now_ms` is in milliseconds since 1970."""

    table_name: str
    now_ms: int

    def writes(self, change: Change) -> Iterator[Write]:
        """Yield the parts of `change`: the record and its index lines, a counter, or an event."""
        match change:
            case Put():
                yield Write(change, self._create(change.new) if change.old is None else self._replace(change))
                changed = entry_changes(change)
                yield from (Write(entry, self._put_line(change.new, entry)) for entry in changed.written)
                yield from (Write(entry, self._remove_line(entry)) for entry in changed.removed)
            case Delete(old=old):
                yield Write(change, self._remove(old))
                yield from (Write(entry, self._remove_line(entry)) for entry in old.entries)
            case Add():
                yield Write(change, self._add(change))
            case Reserve():
                yield Write(change, self._reserve(change))
            case Emit():
                yield Write(change, self._emit(change))

    def _create(self, new: Record) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self.table_name,
                "Item": {**record_place(new.key), **record_attributes(new)},
                "ConditionExpression": _ABSENT,
                "ExpressionAttributeValues": self._now(),
            }
        }

    def _replace(self, put: Put) -> "TransactWriteItemTypeDef":
        """An update, not a put: a role without UpdateItem on a key cannot replace what it created."""
        stored = record_attributes(put.new)
        absent = {"body", "body_sha256", "expires_at"} - stored.keys()
        sets = ", ".join(f"#{name} = :{name}" for name in stored)
        removes = ", ".join(f"#{name}" for name in sorted(absent))
        return {
            "Update": {
                "TableName": self.table_name,
                "Key": record_place(put.new.key),
                "UpdateExpression": f"SET {sets} REMOVE {removes}",
                "ConditionExpression": _CURRENT,
                "ExpressionAttributeNames": {f"#{name}": name for name in (*stored, *sorted(absent))},
                "ExpressionAttributeValues": {
                    **{f":{name}": value for name, value in stored.items()},
                    ":old_version": {"N": str(put.new.version - 1)},
                    **self._now(),
                },
            }
        }

    def _remove(self, old: Record) -> "TransactWriteItemTypeDef":
        return {
            "Delete": {
                "TableName": self.table_name,
                "Key": record_place(old.key),
                "ConditionExpression": _CURRENT,
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":old_version": {"N": str(old.version)}, **self._now()},
            }
        }

    def _put_line(self, record: Record, entry: Entry) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self.table_name,
                "Item": {**line_place(entry), **line_attributes(record, entry)},
                "ConditionExpression": _LINE_FREE,
                "ExpressionAttributeNames": {"#key": "key"},
                "ExpressionAttributeValues": {":key": {"S": record.key}, **self._now()},
            }
        }

    def _remove_line(self, entry: Entry) -> "TransactWriteItemTypeDef":
        return {"Delete": {"TableName": self.table_name, "Key": line_place(entry)}}

    def _add(self, add: Add) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self.table_name,
                "Key": shard_place(add.counter, shard_of(add.shard_key)),
                "UpdateExpression": "ADD #total :by",
                "ExpressionAttributeNames": {"#total": "total"},
                "ExpressionAttributeValues": {":by": {"N": str(add.by)}},
            }
        }

    def _reserve(self, reserve: Reserve) -> "TransactWriteItemTypeDef":
        part: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table_name,
                "Key": reserve_place(reserve.counter),
                "UpdateExpression": "ADD #total :by",
                "ExpressionAttributeNames": {"#total": "total"},
                "ExpressionAttributeValues": {":by": {"N": str(reserve.by)}},
            }
        }
        if reserve.by > 0:
            # Where nothing was reserved yet there is no item to compare with: 0 + by is compared here.
            fits_empty = "attribute_not_exists(#total) OR " if reserve.by <= reserve.at_most else ""
            part["Update"]["ConditionExpression"] = f"{fits_empty}#total <= :room"
            room: Item = {":room": {"N": str(reserve.at_most - reserve.by)}}
            part["Update"]["ExpressionAttributeValues"] = {":by": {"N": str(reserve.by)}, **room}
        return part

    def _emit(self, emit: Emit) -> "TransactWriteItemTypeDef":
        unique = uuid.uuid4().hex
        return {
            "Put": {
                "TableName": self.table_name,
                "Item": {
                    **event_place(shard_of(unique), self.now_ms, unique),
                    "queue": {"S": emit.queue},
                    "event_id": {"S": emit.event_id},
                    "body": {"S": emit.body},
                },
            }
        }

    def _now(self) -> Item:
        return {":now": {"N": str(self.now_ms // _MS_PER_S)}}
