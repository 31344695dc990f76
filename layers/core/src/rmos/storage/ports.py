"""The two storage ports and their nouns: all that is kept goes through these.

Two back-ends serve each port (DynamoDB and SQLite, S3 and files). What a docstring here promises, the
contract suite in `tests/contract` checks on all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO, Protocol, TypeAlias

HeadValue: TypeAlias = "str | int | float | bool | None"

MAX_CHANGES = 100
MAX_COMMIT_BYTES = 4_000_000
MAX_HEAD_BYTES = 2_048
SPILL_BYTES = 256 * 1024
MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of a record in one ordered index, for example `Entry("runs/status=OK", "<created_at>/<id>")`.

    `sort` is ordered bytewise over its UTF-8; (index, sort) is unique to a record.
    """

    index: str
    sort: str


@dataclass(frozen=True, slots=True)
class Record:
    """A stored thing: `body` is JSON text kept byte for byte, `head` the small part that lists show and filter.

    `head` is at most 2 KB as JSON. `version` counts writes from 1. `expires_at` is in whole seconds since 1970;
    past it the record is absent everywhere.
    """

    key: str
    body: str
    head: Mapping[str, HeadValue] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    version: int = 1
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Store `new`.

    With `old` None the key must be absent (or expired) and `new.version` is 1; else the stored version must be
    `old.version` and `new.version` is one more. Entries only in `old` go.
    """

    new: Record
    old: Record | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove `old` and its entries; the stored version must be `old.version`."""

    old: Record


@dataclass(frozen=True, slots=True)
class Add:
    """Add `by` to a counter that many write at once.

    `shard_key` picks one of its 16 shards: the same change repeated lands on the same shard.
    """

    counter: str
    by: int
    shard_key: str


@dataclass(frozen=True, slots=True)
class Reserve:
    """Add `by` to a one-item counter unless that passes `at_most`; a negative `by` gives back."""

    counter: str
    by: int
    at_most: int


@dataclass(frozen=True, slots=True)
class Emit:
    """Deliver `body` (JSON text) to `queue` after the commit: at least once, in no order.

    `event_id` names it for consumers that must act once.
    """

    queue: str
    event_id: str
    body: str


Change: TypeAlias = Put | Delete | Add | Reserve | Emit


class Order(Enum):
    """The direction of a listing by `Entry.sort`."""

    OLDEST_FIRST = "OLDEST_FIRST"
    NEWEST_FIRST = "NEWEST_FIRST"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a listing."""

    key: str
    sort: str
    head: Mapping[str, HeadValue]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of a listing in order; `more` tells that the range holds further ones past the last."""

    items: tuple[Listed, ...]
    more: bool


class RecordStore(Protocol):
    """Records, their index entries, counters and outgoing events.

    Safe to share between threads; several processes may open the same store.
    """

    def commit(self, changes: Sequence[Change]) -> None:
        """Apply all `changes` or none; durable on return. One key, counter or index line at most once per call.

        A call whose answer was lost may be repeated by the SDK without a second effect (one token per call).

        Raises:
            Conflict: a precondition of a Put or Delete did not hold; `keys` names every such record.
            LimitReached: a Reserve would pass its limit.
            TooLarge: more than 100 items (records, entries that change, counters, events) or 4 MB in all, or a head
                over 2 KB; told before anything is written.
            Busy: no turn within the time-out, and nothing was written; or the store is out of reach or fails, and a
                commit may stand all the same.
        """
        ...

    def get(self, keys: Sequence[str]) -> list[Record | None]:
        """Return the records of at most 100 keys in their order, None where absent; sees every commit.

        Raises:
            Corrupt: a stored record does not match its digest.
            Busy: as for commit.
        """
        ...

    def query(  # noqa: PLR0913, PLR0917  # the six facts of a keyset page
        self, index: str, low: str, high: str, order: Order, after: str | None, limit: int
    ) -> Page:
        """Return at most `limit` lines of `index` with low <= sort < high, strictly past `after` in `order`.

        `high` "" means no upper bound. Sees every commit. `limit` is 1..2000.

        Raises:
            Corrupt: a stored head does not match its digest.
            Busy: as for commit.
        """
        ...

    def totals(self, counters: Sequence[str]) -> list[int]:
        """Return the sum of each counter over its shards, 0 where never written; Reserve counters too."""
        ...


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of stored bytes without reading them."""

    sha256: str
    size_bytes: int


class BlobStore(Protocol):
    """Bytes under the SHA-256 of their content: created once, never changed, never deleted through this port."""

    def put(self, source: BinaryIO) -> Blob:
        """Keep all that `source` yields from its position on; durable on return. The same bytes again change nothing.

        Memory stays flat in the size. Raises Busy as the record port does.
        """
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Return the bytes, verified whole against `sha256` before the first is handed out, as a seekable stream.

        Raises:
            NotFound: no such blob.
            BlobCorrupt: the stored bytes have another digest.
            Invalid: `sha256` is not 64 lowercase hex digits.
        """
        ...

    def stat(self, sha256: str) -> Blob | None:
        """Return what is stored under `sha256` without verifying its bytes, or None."""
        ...
