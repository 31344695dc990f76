"""Filtered keyset pages over one index, the records behind them, and the opaque cursors between them."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rmos.canonical import sha256_of_json
from rmos.errors import Malformed
from rmos.storage.limits import MAX_LIMIT, MAX_SORT_BYTES
from rmos.storage.ports import MAX_KEYS, HeadValue, Listed, Order, Record, RecordStore

MAX_HEADS_READ = MAX_LIMIT
"""For one page: as many as one query gives."""
_FINGERPRINT_DIGITS = 16

Filters: TypeAlias = Mapping[str, "str | None"]


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: an index, its bounds and direction, and what a head must hold to be shown."""

    index: str
    order: Order
    matches: Callable[[Mapping[str, HeadValue]], bool]
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Matching lines in order; `resume_after` is None at the end of the listing."""

    items: tuple[Listed, ...]
    resume_after: str | None


def list_page(records: RecordStore, listing: Listing, after: str | None, limit: int) -> ListedPage:
    """Return at most `limit` matching lines strictly past `after`.

    Reads at most 2,000 heads: a page may be short, even empty, and still have more behind it.
    """
    found: list[Listed] = []
    read = 0
    more = True
    while more and read < MAX_HEADS_READ:
        chunk = min(limit - len(found) if read == 0 else MAX_HEADS_READ, MAX_HEADS_READ - read)
        page = records.query(listing.index, listing.low, listing.high, listing.order, after, chunk)
        more = page.more
        for position, line in enumerate(page.items, start=1):
            after = line.sort
            if listing.matches(line.head):
                found.append(line)
            if len(found) == limit:
                return ListedPage(tuple(found), after if more or position < len(page.items) else None)
        read += len(page.items)
    return ListedPage(tuple(found), after if more else None)


def records_at(records: RecordStore, keys: Sequence[str]) -> Iterator[Record]:
    """Yield the records of these keys in their order, however many there are; those that are absent are left out.

    Raises:
        Corrupt: a stored record does not match its digest.
    """
    for start in range(0, len(keys), MAX_KEYS):
        for record in records.get(keys[start : start + MAX_KEYS]):
            if record is not None:
                yield record


def encode_cursor(after: str | None, filters: Filters) -> str | None:
    """Return the opaque cursor that resumes a listing with the same `filters` strictly past `after`."""
    if after is None:
        return None
    text = json.dumps([_fingerprint(filters), after], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, filters: Filters) -> str | None:
    """Return the position inside `cursor`.

    Raises:
        Malformed: `cursor` is not one of ours, or belongs to other filters.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        fingerprint, after = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise MalformedCursor("the cursor is not one this API gave out") from error
    if not isinstance(after, str) or fingerprint != _fingerprint(filters):
        raise MalformedCursor("the cursor belongs to a list with other filters; start again without it")
    if not _is_place(after):
        raise MalformedCursor("the cursor is not one this API gave out")
    return after


class MalformedCursor(Malformed):
    slug = "malformed-cursor"
    title = "Cursor does not fit"


def _is_place(after: str) -> bool:
    """Tell whether an entry can stand at `after`: cursors are not signed, so anybody can make one up."""
    try:
        return len(after.encode()) <= MAX_SORT_BYTES
    except UnicodeEncodeError:
        return False


def _fingerprint(filters: Filters) -> str:
    given = {name: value for name, value in filters.items() if value is not None}
    return sha256_of_json(given)[:_FINGERPRINT_DIGITS]
