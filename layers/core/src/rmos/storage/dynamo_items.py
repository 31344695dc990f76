"""The layout of the one DynamoDB table: which items there are and what they hold.

The table has string keys `pk` and `sk`, TTL on `expires_at`, and a stream with new and old images.

| item | `pk` | `sk` | other attributes |
|---|---|---|---|
| record | `record#<key>` | `record` | `body`/`body_sha256`, `head`, `entries`, `version`, 2 digests, `expires_at`? |
| index line | `index#<index>` | `<sort>` | `key`, `head`, `digest`, `expires_at`? |
| counter shard | `counter#<00..15>#<name>` | `counter` | `total` |
| reserve counter | `reserve#<name>` | `counter` | `total` |
| outgoing event | `outbox#<00..15>` | `<ms since 1970, 13 digits>#<random>` | `queue`, `event_id`, `body` |

The kind stands first, so no name of one kind can be taken for another, and a policy can tell them apart by
`dynamodb:LeadingKeys`. How the transactions use the actions (the IAM actions of a transaction are those of its parts):

- PutItem: a new record (version 1), every index line, every outgoing event.
- UpdateItem: a record that has an older version, every counter.
- DeleteItem: a record that is deleted, and index lines that a record no longer has.
- BatchGetItem and Query: all reads. The relay also needs Query, BatchWriteItem on `outbox#*`.

So a role that has PutItem but neither UpdateItem nor DeleteItem on `record#run/*` and `index#runs*` (the index of all
runs is `runs`, the others are `runs/…`) creates runs and can neither change nor remove them. What is left, a raw
PutItem over a stored run, shows in the stream as MODIFY of `record#run/…`. The same holds of what is added to runs:
`record#run-advisory/*`, `record#run-attachment/*` and their index lines, `index#run-evidence/*`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from rmos.canonical import sha256_of_text
from rmos.errors import Corrupt
from rmos.storage.digests import entry_digest, head_digest, record_digest, record_digest_around
from rmos.storage.limits import is_spilled
from rmos.storage.ports import Entry, HeadValue, Listed, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item: TypeAlias = "dict[str, AttributeValueTypeDef]"
StoredItem: TypeAlias = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB gives it back, in an answer or in a stream image."""

RECORD_PREFIX = "record#"
INDEX_PREFIX = "index#"
COUNTER_PREFIX = "counter#"
RESERVE_PREFIX = "reserve#"
OUTBOX_PREFIX = "outbox#"
SHARDS = 16

UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, RecursionError)
"""What decoding an item that nobody of us wrote may raise."""

_RECORD_SORT = "record"
_COUNTER_SORT = "counter"


def record_place(key: str) -> Item:
    return _place(RECORD_PREFIX + key, _RECORD_SORT)


def line_place(entry: Entry) -> Item:
    return _place(INDEX_PREFIX + entry.index, entry.sort)


def shard_place(counter: str, shard: int) -> Item:
    return _place(f"{COUNTER_PREFIX}{shard:02}#{counter}", _COUNTER_SORT)


def reserve_place(counter: str) -> Item:
    return _place(RESERVE_PREFIX + counter, _COUNTER_SORT)


def event_place(shard: int, made_at_ms: int, unique: str) -> Item:
    return _place(f"{OUTBOX_PREFIX}{shard:02}", f"{made_at_ms:013}#{unique}")


def shard_of(text: str) -> int:
    """Return the shard 0..15 of `text`, the same on every machine."""
    return hashlib.sha256(text.encode()).digest()[0] % SHARDS


def pk_of(item: StoredItem) -> str:
    pk: str = item["pk"]["S"]
    return pk


def sk_of(item: StoredItem) -> str:
    sk: str = item["sk"]["S"]
    return sk


def key_of(item: StoredItem) -> str:
    """Return the key of a record item."""
    return pk_of(item).removeprefix(RECORD_PREFIX)


def record_attributes(record: Record) -> Item:
    """Return what a record item holds beside its key; a body over 256 KB is named by its SHA-256."""
    body: Item = {"body": {"S": record.body}}
    if is_spilled(record.body):
        body = {"body_sha256": {"S": sha256_of_text(record.body)}}
    return {
        **body,
        "head": _json({**record.head}),
        "head_digest": {"S": head_digest(record)},
        "entries": _json([[entry.index, entry.sort] for entry in record.entries]),
        "version": {"N": str(record.version)},
        "digest": {"S": record_digest(record)},
        **_expiry(record.expires_at),
    }


def line_attributes(record: Record, entry: Entry) -> Item:
    """Return what the index line of `record` at `entry` holds beside its key."""
    return {
        "key": {"S": record.key},
        "head": _json({**record.head}),
        "digest": {"S": entry_digest(record.key, record.head, entry, record.expires_at)},
        **_expiry(record.expires_at),
    }


def parsed_record(item: StoredItem) -> tuple[Record, str | None]:
    """Return the record in `item`, unverified, and the SHA-256 of its body where that was spilled (it is "" then).

    Raises:
        one of UNREADABLE: an attribute is missing or not what was written.
    """
    body_sha256 = item["body_sha256"]["S"] if "body_sha256" in item else None
    record = Record(
        key=key_of(item),
        body="" if body_sha256 is not None else item["body"]["S"],
        head=_parsed_head(item),
        entries=parsed_entries(item),
        version=int(item["version"]["N"]),
        expires_at=expires_at_of(item),
    )
    return record, body_sha256


def parsed_entries(item: StoredItem) -> tuple[Entry, ...]:
    """Return the entries that a record item lists, unverified; raises as `parsed_record` does."""
    return tuple(Entry(index, sort) for index, sort in json.loads(item["entries"]["S"]))


def is_intact(item: StoredItem, record: Record, body_sha256: str | None) -> bool:
    """Tell whether what `parsed_record` returned matches the digest in `item`; a spilled body counts by its name.

    Raises:
        one of UNREADABLE: it has no digest, or none can be taken.
    """
    digest = record_digest(record) if body_sha256 is None else record_digest_around(body_sha256, record)
    return bool(digest == item["digest"]["S"])


def is_head_intact(item: StoredItem, record: Record) -> bool:
    """Tell whether key, head and expiry match their own digest in `item`; raises as `is_intact` does."""
    return bool(head_digest(record) == item["head_digest"]["S"])


def record_of(item: StoredItem) -> tuple[Record, str | None]:
    """Return what `parsed_record` does, verified.

    Raises:
        Corrupt: the item does not match its digest.
    """
    key = key_of(item)
    try:
        record, body_sha256 = parsed_record(item)
        intact = is_intact(item, record, body_sha256)
    except UNREADABLE as error:
        raise Corrupt(key) from error
    if not intact:
        raise Corrupt(key)
    return record, body_sha256


def entry_of(item: StoredItem) -> Entry:
    """Return the place of an index line."""
    return Entry(pk_of(item).removeprefix(INDEX_PREFIX), sk_of(item))


def line_of(item: StoredItem) -> Listed:
    """Return the index line in `item`.

    Raises:
        Corrupt: the item does not match its digest; its key is that of the record, where it can be read.
    """
    entry = entry_of(item)
    key = str(item.get("key", {}).get("S", f"{entry.index} {entry.sort}"))
    try:
        line = Listed(key, entry.sort, _parsed_head(item))
        intact = entry_digest(key, line.head, entry, expires_at_of(item)) == item["digest"]["S"]
    except UNREADABLE as error:
        raise Corrupt(key) from error
    if not intact:
        raise Corrupt(key)
    return line


def total_of(item: StoredItem) -> int:
    return int(item["total"]["N"])


def expires_at_of(item: StoredItem) -> int | None:
    return int(item["expires_at"]["N"]) if "expires_at" in item else None


def _place(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _json(value: Mapping[str, HeadValue] | Sequence[Sequence[str]]) -> "AttributeValueTypeDef":
    """Return JSON that is read back as the same types; canonical JSON would turn 1e16 into a whole number."""
    return {"S": json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))}


def _parsed_head(item: StoredItem) -> Mapping[str, HeadValue]:
    head: dict[str, HeadValue] = json.loads(item["head"]["S"])
    return head


def _expiry(expires_at: int | None) -> Item:
    return {} if expires_at is None else {"expires_at": {"N": str(expires_at)}}
