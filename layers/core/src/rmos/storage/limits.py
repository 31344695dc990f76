"""What one commit may hold: checked alike by both back-ends, before anything is written.

The numbers are those of a DynamoDB transaction (100 items, 4 MB), item (400 KB) and key (2,048 and 1,024 bytes of
UTF-8), with room for the prefixes and attribute names that a back-end adds.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rmos.canonical import canonical_json
from rmos.errors import TooLarge
from rmos.storage.ports import (
    MAX_CHANGES,
    MAX_COMMIT_BYTES,
    MAX_HEAD_BYTES,
    MAX_KEYS,
    SPILL_BYTES,
    Add,
    Change,
    Delete,
    Emit,
    Entry,
    Put,
    Record,
    Reserve,
)

MAX_KEY_BYTES = 2_000
MAX_SORT_BYTES = 1_024
MAX_ENTRIES_BYTES = 64 * 1024
"""All entries of one record together, as JSON: a record item also carries its body and stays under 400 KB."""

MAX_EVENT_BYTES = 250_000
"""One event's body: an SQS message holds 256 KB with its attributes."""

MAX_NUMBER = 2**53 - 1
MAX_LIMIT = 2_000

_EVENT_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,128}")


class EntryChanges(NamedTuple):
    """The index lines that a Put writes (those whose place, head or expiry is new) and those it removes."""

    written: tuple[Entry, ...]
    removed: tuple[Entry, ...]


def entry_changes(put: Put) -> EntryChanges:
    """Return what `put` does to the index; lines that stay as they are cost nothing."""
    if put.old is None:
        return EntryChanges(put.new.entries, ())
    before, after = set(put.old.entries), set(put.new.entries)
    unchanged = before if _line(put.new) == _line(put.old) else set()
    return EntryChanges(
        tuple(entry for entry in put.new.entries if entry not in unchanged),
        tuple(entry for entry in put.old.entries if entry not in after),
    )


def check_commit(changes: Sequence[Change]) -> None:
    """Refuse what no back-end takes.

    Raises:
        TooLarge: more than 100 items or 4 MB in all, or a head, an event or the entries of a record past their bound.
        ValueError: a key, index, sort, counter or event name that is empty, too long or not UTF-8; one key, counter or
            index line twice; a version that does not follow; a number past 2**53. These are mistakes of the caller,
            not input.
    """
    _check_once(subject for change in changes for subject in _subjects(change))
    items, size_bytes = 0, 0
    for change in changes:
        for item_bytes in _item_sizes(change):
            items += 1
            size_bytes += item_bytes
    if items > MAX_CHANGES:
        raise TooLarge(f"one commit holds at most {MAX_CHANGES} items, this one has {items}")
    if size_bytes > MAX_COMMIT_BYTES:
        raise TooLarge(f"one commit holds at most {MAX_COMMIT_BYTES} bytes, this one has {size_bytes}")


def check_keys(keys: Sequence[str]) -> None:
    """Refuse, by ValueError, a read of more than 100 keys, or of one that is empty, over 2,000 bytes or not UTF-8."""
    if len(keys) > MAX_KEYS:
        raise ValueError(f"one read takes at most {MAX_KEYS} keys, not {len(keys)}")
    for key in keys:
        _checked_bytes("key", key, MAX_KEY_BYTES)


def check_query(index: str, bounds: Sequence[str | None], limit: int) -> None:
    """Refuse, by ValueError, an index or a bound that no entry can have, and a limit outside 1..2000.

    `bounds` are low, high and after: at most 1,024 bytes of UTF-8 each, and may be empty or None.
    """
    _checked_bytes("index", index, MAX_KEY_BYTES)
    for bound in bounds:
        if bound:
            _checked_bytes("bound", bound, MAX_SORT_BYTES)
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit is 1 to {MAX_LIMIT}, not {limit}")


def is_spilled(body: str) -> bool:
    """Tell whether `body` goes to the blob store rather than into the record."""
    return len(body.encode()) > SPILL_BYTES


def _line(record: Record) -> tuple[bytes, int | None]:
    """Return what every index line of `record` carries; as JSON, since to Python 1 and True are equal."""
    return canonical_json(dict(record.head)), record.expires_at


def _subjects(change: Change) -> Iterator[tuple[str, str | Entry]]:
    """Yield what `change` writes or removes, by the names under which no other change of its commit may."""
    match change:
        case Put(new=record):
            changed = entry_changes(change)
            yield "key", record.key
            yield from (("index line", entry) for entry in (*changed.written, *changed.removed))
        case Delete(old=record):
            yield "key", record.key
            yield from (("index line", entry) for entry in record.entries)
        case Add(counter=counter) | Reserve(counter=counter):
            yield "counter", counter
        case Emit():
            pass  # each is an item of its own


def _check_once(subjects: Iterable[tuple[str, str | Entry]]) -> None:
    seen: set[tuple[str, str | Entry]] = set()
    for subject in subjects:
        if subject in seen:
            raise ValueError(f"{subject} stands twice in one commit")
        seen.add(subject)


def _item_sizes(change: Change) -> Iterator[int]:
    """Yield the bytes of each item that `change` writes or removes."""
    match change:
        case Put():
            yield from _put_sizes(change)
        case Delete(old=old):
            yield _checked_bytes("key", old.key, MAX_KEY_BYTES)
            yield from (_place_bytes(entry) for entry in old.entries)
        case Add(counter=counter, by=by):
            _check_number("by", by)
            yield _checked_bytes("counter", counter, MAX_KEY_BYTES)
        case Reserve(counter=counter, by=by, at_most=at_most):
            _check_number("by", by)
            _check_number("at_most", at_most)
            yield _checked_bytes("counter", counter, MAX_KEY_BYTES)
        case Emit():
            yield _emit_bytes(change)


def _put_sizes(put: Put) -> Iterator[int]:
    _check_sequence(put)
    new = put.new
    key_bytes = _checked_bytes("key", new.key, MAX_KEY_BYTES)
    head_bytes = _head_bytes(new)
    changed = entry_changes(put)
    yield key_bytes + head_bytes + _entries_bytes(new) + _body_bytes(new.body)
    yield from (_place_bytes(entry) + key_bytes + head_bytes for entry in changed.written)
    yield from (_place_bytes(entry) for entry in changed.removed)


def _check_sequence(put: Put) -> None:
    before = 0 if put.old is None else put.old.version
    if put.new.version != before + 1:
        raise ValueError(f"version {put.new.version} of {put.new.key!r} does not follow version {before}")
    if put.old is not None and put.old.key != put.new.key:
        raise ValueError(f"record {put.old.key!r} cannot become {put.new.key!r}")
    if put.new.expires_at is not None:
        _check_number("expires_at", put.new.expires_at)
    if len(set(put.new.entries)) != len(put.new.entries):
        raise ValueError(f"record {put.new.key!r} names one index entry twice")


def _head_bytes(record: Record) -> int:
    head_bytes = len(canonical_json(dict(record.head)))
    if head_bytes > MAX_HEAD_BYTES:
        raise TooLarge(f"the head of {record.key!r} has {head_bytes} bytes, more than {MAX_HEAD_BYTES}")
    return head_bytes


def _entries_bytes(record: Record) -> int:
    entries_bytes = len(canonical_json([[entry.index, entry.sort] for entry in record.entries]))
    if entries_bytes > MAX_ENTRIES_BYTES:
        raise TooLarge(f"the entries of {record.key!r} have {entries_bytes} bytes, more than {MAX_ENTRIES_BYTES}")
    return entries_bytes


def _body_bytes(body: str) -> int:
    return 0 if is_spilled(body) else len(body.encode())


def _place_bytes(entry: Entry) -> int:
    return _checked_bytes("index", entry.index, MAX_KEY_BYTES) + _checked_bytes("sort", entry.sort, MAX_SORT_BYTES)


def _emit_bytes(emit: Emit) -> int:
    for name in (emit.queue, emit.event_id):
        if _EVENT_NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} cannot name a queue or an event: 1 to 128 of A-Z a-z 0-9 . _ : / -")
    # SQS takes these two only as JSON escapes, twice as long.
    body_bytes = len(emit.body.encode()) + 3 * (emit.body.count("\ufffe") + emit.body.count("\uffff"))
    if body_bytes > MAX_EVENT_BYTES:
        raise TooLarge(f"event {emit.event_id} has {body_bytes} bytes, more than {MAX_EVENT_BYTES}")
    return body_bytes


def _checked_bytes(what: str, text: str, at_most: int) -> int:
    size_bytes = len(text.encode())  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
    if not 1 <= size_bytes <= at_most:
        raise ValueError(f"a {what} has 1 to {at_most} bytes, not {size_bytes}")
    return size_bytes


def _check_number(what: str, number: int) -> None:
    if abs(number) > MAX_NUMBER:
        raise ValueError(f"{what} is past {MAX_NUMBER}: {number}")
