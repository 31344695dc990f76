"""The library of a workshop: its own rows by `own:` ids, everything that ships with RMOS by the others."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rmos.design.cutting import Context, ToolType
from rmos.design.library import (
    AnyRow,
    BuiltInLibrary,
    MachineRow,
    MaterialRow,
    RowKind,
    ToolRow,
    nearest_id,
    size_distance,
    table_of,
)
from rmos.design.own_rows import ToolSize, is_own, key_of, names_by_id, tool_sizes
from rmos.design.rosette import Design
from rmos.listing import records_at
from rmos.storage.ports import Record, RecordStore

_BUILT_IN: Final = BuiltInLibrary()
_MOST_OWN_TOOLS: Final = 8
"""How many own tools one cut is tried with at most, and so how many are read for it; a workshop may keep 1,000."""


@dataclass(slots=True)
class StoredLibrary:
    """The built-in rows, and the own rows that some requests name as they stood at one moment, by their ids.

    Own tools that no request names are read when `tools_near` first offers them, and stay as they were then.
    """

    records: RecordStore
    materials: Mapping[str, MaterialRow]
    tools: Mapping[str, ToolRow]
    machines: Mapping[str, MachineRow]
    _offered: dict[str, ToolRow] = field(default_factory=dict, init=False)
    _sizes: Sequence[ToolSize] | None = field(default=None, init=False)

    def material(self, row_id: str) -> MaterialRow | None:
        return self.materials.get(row_id) if is_own(row_id) else _BUILT_IN.material(row_id)

    def tool(self, row_id: str) -> ToolRow | None:
        return self.tools.get(row_id) or self._offered.get(row_id) if is_own(row_id) else _BUILT_IN.tool(row_id)

    def machine(self, row_id: str) -> MachineRow | None:
        return self.machines.get(row_id) if is_own(row_id) else _BUILT_IN.machine(row_id)

    def tools_near(self, diameter_mm: float, types: Collection[ToolType]) -> Sequence[ToolRow]:
        """Return the built-in tools of these types, and the 8 own ones of nearest diameter.

        Raises:
            Corrupt: an own row does not match its digest.
        """
        ids = self._own_tools_near(diameter_mm, types)
        unread = {(RowKind.TOOLS, row_id) for row_id in ids if self.tool(row_id) is None}
        stored = _stored(self.records, sorted(key_of(kind, row_id) for kind, row_id in unread))
        self._offered.update(_rows(stored, unread, RowKind.TOOLS, ToolRow))
        own = (self.tool(row_id) for row_id in ids)
        return [*(row for row in own if row is not None), *_BUILT_IN.tools_near(diameter_mm, types)]

    def _own_tools_near(self, diameter_mm: float, types: Collection[ToolType]) -> list[str]:
        if self._sizes is None:
            self._sizes = tool_sizes(self.records)
        found = [
            (size_distance(diameter_mm, size.diameter_mm), size.row_id) for size in self._sizes if size.type in types
        ]
        return [row_id for _, row_id in sorted(found)[:_MOST_OWN_TOOLS]]

    def nearest(self, kind: RowKind, row_id: str) -> str | None:
        """Return the own or built-in id that was probably meant, or None; reads the names of the own rows."""
        built_in = {row.id: row.names for row in table_of(kind).rows.values()}
        return nearest_id(row_id, names_by_id(self.records, kind) | built_in)


def library_for(records: RecordStore, designs: Iterable[Design], contexts: Iterable[Context]) -> StoredLibrary:
    """Return the library in which these designs and contexts find their ids.

    All own rows that they name are read at once (100 in one read, more than one request can name), none when they name
    none: so one evaluation sees every row in one state, and most read nothing.

    Raises:
        Corrupt: an own row does not match its digest.
    """
    named = own_rows_in(designs, contexts)
    stored = _stored(records, sorted(key_of(kind, row_id) for kind, row_id in named))
    return StoredLibrary(
        records,
        materials=_rows(stored, named, RowKind.MATERIALS, MaterialRow),
        tools=_rows(stored, named, RowKind.TOOLS, ToolRow),
        machines=_rows(stored, named, RowKind.MACHINES, MachineRow),
    )


def own_rows_in(designs: Iterable[Design], contexts: Iterable[Context]) -> set[tuple[RowKind, str]]:
    """Return the kind and id of each own row that these designs and contexts name."""
    return {
        (kind, row_id)
        for kind, row_id in (*_in_designs(designs), *_in_contexts(contexts))
        if row_id is not None and is_own(row_id)
    }


def _stored(records: RecordStore, keys: list[str]) -> dict[str, Record]:
    return {record.key: record for record in records_at(records, keys)}


def _rows(
    stored: Mapping[str, Record], named: Iterable[tuple[RowKind, str]], wanted: RowKind, row_type: type[AnyRow]
) -> dict[str, AnyRow]:
    """Return the rows of one kind as engines take them: without who wrote them when."""
    found = {row_id: stored.get(key_of(kind, row_id)) for kind, row_id in named if kind is wanted}
    return {row_id: row_type.model_validate_json(record.body) for row_id, record in found.items() if record is not None}


def _in_designs(designs: Iterable[Design]) -> Iterator[tuple[RowKind, str | None]]:
    for design in designs:
        yield RowKind.MATERIALS, design.top_material_id
        yield from ((RowKind.MATERIALS, ring.material_id) for ring in design.rings)


def _in_contexts(contexts: Iterable[Context]) -> Iterator[tuple[RowKind, str | None]]:
    for context in contexts:
        yield RowKind.MACHINES, context.machine_id
        yield from ((RowKind.TOOLS, cut.tool_id) for cut in context.cuts)
