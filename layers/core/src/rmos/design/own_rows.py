"""A workshop's own materials, tools, machines and presets as records: the only place that knows their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar

from pydantic import StringConstraints

from rmos.clock import rfc3339_utc
from rmos.design.cutting import ToolType
from rmos.design.library import MachineRow, MaterialRow, PresetRow, Row, RowKind, ToolRow, is_found
from rmos.design.text_enum import TextEnum
from rmos.listing import ListedPage, Listing, list_page, records_at
from rmos.models import StoredModel, UtcTime, Worded
from rmos.storage.limits import MAX_LIMIT
from rmos.storage.ports import Entry, HeadValue, Listed, Order, Put, Record, RecordStore

OWN_PREFIX: Final = "own:"
OwnId = Annotated[
    str,
    StringConstraints(pattern=r"^own:[A-Za-z0-9._-]{1,64}$"),
    Worded("the id of an own row is own: and 1 to 64 letters, digits and . _ - after it, without spaces"),
]

_KEY: Final = "own-row/"
_INDEX: Final = "own-rows/"
_SEPARATOR: Final = "\n"


class RowOrigin(TextEnum):
    """Where a row comes from: shipped with RMOS, or written by the workshop."""

    BUILT_IN = "BUILT_IN"
    OWN = "OWN"


class Provenance(StoredModel):
    """Where a row comes from. Built-in rows have no author; their `version` is that of their table.

    The `version` of an own row counts its writes from 1; `request_id` is that of the last one.
    """

    origin: RowOrigin
    version: int | str
    created_at: UtcTime | None = None
    created_by: str | None = None
    updated_at: UtcTime | None = None
    updated_by: str | None = None
    request_id: str | None = None


class MaterialEntry(Provenance, MaterialRow):
    """A material as it is listed, and kept when it is the workshop's own."""


class ToolEntry(Provenance, ToolRow):
    """A tool as it is listed, and kept when it is the workshop's own."""


class MachineEntry(Provenance, MachineRow):
    """A machine as it is listed, and kept when it is the workshop's own."""


class PresetEntry(Provenance, PresetRow):
    """A preset as it is listed, and kept when it is the workshop's own."""


AnyEntry = TypeVar("AnyEntry", MaterialEntry, ToolEntry, MachineEntry, PresetEntry)


@dataclass(frozen=True, slots=True)
class Shelf(Generic[AnyEntry]):
    """All rows of one kind, and the model of each."""

    kind: RowKind
    entry_type: type[AnyEntry]


MATERIALS: Final = Shelf(RowKind.MATERIALS, MaterialEntry)
TOOLS: Final = Shelf(RowKind.TOOLS, ToolEntry)
MACHINES: Final = Shelf(RowKind.MACHINES, MachineEntry)
PRESETS: Final = Shelf(RowKind.PRESETS, PresetEntry)


@dataclass(frozen=True, slots=True)
class Kept(Generic[AnyEntry]):
    """An own row as it stands in the store, and its record for the next write."""

    entry: AnyEntry
    record: Record


def is_own(row_id: str) -> bool:
    """Tell whether an id is of a workshop's own row; no built-in id begins so."""
    return row_id.startswith(OWN_PREFIX)


def built_in_entry(shelf: Shelf[AnyEntry], row: "Row[Any]", table_version: str) -> AnyEntry:
    """Return a built-in row as it is listed."""
    return shelf.entry_type(**dict(row), origin=RowOrigin.BUILT_IN, version=table_version)


def put_row(shelf: Shelf[AnyEntry], entry: AnyEntry, old: Record | None) -> Put:
    """Return the change that writes `entry`: as a new row, or in the place of `old`. Its version becomes the next one.

    It conflicts where the id is taken, or where somebody else wrote since `old` was read.
    """
    version = 1 if old is None else old.version + 1
    record = Record(
        key=key_of(shelf.kind, entry.id),
        body=entry.model_copy(update={"version": version}).model_dump_json(),
        head={"id": entry.id, "label": entry.label, "aliases": _SEPARATOR.join(entry.aliases), **_size(entry)},
        entries=(_place(shelf, entry),) if old is None else old.entries,
        version=version,
    )
    return Put(record, old)


def get_row(records: RecordStore, shelf: Shelf[AnyEntry], row_id: str) -> Kept[AnyEntry] | None:
    """Return one own row, or None. Raises Corrupt when it does not match its digest."""
    (record,) = records.get([key_of(shelf.kind, row_id)])
    return None if record is None else Kept(_read_entry(shelf, record), record)


def list_rows(records: RecordStore, shelf: Shelf[AnyEntry], query: str, after: str | None, limit: int) -> ListedPage:
    """Return a page of lines of the own rows that `query` finds, newest first."""
    listing = Listing(_index(shelf.kind), Order.NEWEST_FIRST, lambda head: is_found(_names(head), query))
    return list_page(records, listing, after, limit)


def entries_of(records: RecordStore, shelf: Shelf[AnyEntry], lines: Sequence[Listed]) -> list[AnyEntry]:
    """Return the own rows that these lines stand for. Raises Corrupt as above."""
    return [_read_entry(shelf, record) for record in records_at(records, [line.key for line in lines])]


def names_by_id(records: RecordStore, kind: RowKind) -> dict[str, Sequence[str]]:
    """Return what the newest 2,000 own rows of a kind are called, by their ids."""
    page = records.query(_index(kind), "", "", Order.NEWEST_FIRST, None, MAX_LIMIT)
    return {str(line.head["id"]): _names(line.head) for line in page.items}


class ToolSize(NamedTuple):
    """What the line of an own tool tells of it, so that its row need not be read to be passed over."""

    row_id: str
    diameter_mm: float
    type: ToolType


def tool_sizes(records: RecordStore) -> list[ToolSize]:
    """Return the sizes of the newest 2,000 own tools, those of no known diameter left out.

    Rows that were last written before lines told sizes are read. Raises Corrupt as above.
    """
    lines = records.query(_index(RowKind.TOOLS), "", "", Order.NEWEST_FIRST, None, MAX_LIMIT).items
    untold = entries_of(records, TOOLS, [line for line in lines if "type" not in line.head])
    heads = [*(line.head for line in lines if "type" in line.head), *({"id": row.id, **_size(row)} for row in untold)]
    return [
        ToolSize(str(head["id"]), diameter, ToolType(str(head["type"])))
        for head in heads
        if isinstance(diameter := head.get("diameter_mm"), int | float)
    ]


def _read_entry(shelf: Shelf[AnyEntry], record: Record) -> AnyEntry:
    return shelf.entry_type.model_validate_json(record.body)


def key_of(kind: RowKind, row_id: str) -> str:
    """Return the key of an own row; an id holds no slash."""
    return f"{_KEY}{kind.value}/{row_id}"


def _place(shelf: Shelf[AnyEntry], entry: AnyEntry) -> Entry:
    if entry.created_at is None:
        raise ValueError(f"{entry.id} is no row of the workshop: it has no time of creation")
    return Entry(_index(shelf.kind), f"{rfc3339_utc(entry.created_at)}/{entry.id}")


def _size(entry: AnyEntry) -> Mapping[str, HeadValue]:
    """Return what a search for a tool of about some diameter looks at."""
    if not isinstance(entry, ToolEntry):
        return {}
    return {"diameter_mm": entry.values.diameter_mm, "type": entry.values.type.value}


def _index(kind: RowKind) -> str:
    return _INDEX + kind.value


def _names(head: Mapping[str, HeadValue]) -> Sequence[str]:
    return (str(head["id"]), str(head["label"]), *filter(None, str(head["aliases"]).split(_SEPARATOR)))
