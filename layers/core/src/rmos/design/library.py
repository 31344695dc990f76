"""Reference rows that ship with RMOS: materials, tools and machines by id, each with its source and confidence."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache
from importlib import resources
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, Field, TypeAdapter

from rmos.design.cutting import Context, Machine, Tool, ToolType
from rmos.design.materials import Material
from rmos.design.text_enum import TextEnum
from rmos.models import Id, StoredModel

Values = TypeVar("Values", bound=BaseModel)


class RowKind(Enum):
    """What a row is of, as the API's paths call it."""

    MATERIALS = "materials"
    TOOLS = "tools"
    MACHINES = "machines"
    PRESETS = "presets"


class HazardKind(TextEnum):
    DUST = "DUST"
    SENSITISER = "SENSITISER"
    CITES = "CITES"


class MaterialHazard(StoredModel):
    """What a material does to lungs or skin, or what trade law says of it."""

    kind: HazardKind
    text: str
    source: str


class Row(StoredModel, Generic[Values]):
    """One thing people pick by id. `confidence` (0 to 1) is how far its values may be trusted."""

    id: Id
    label: str
    aliases: tuple[str, ...] = ()
    values: Values
    source: str
    confidence: Annotated[float, Field(ge=0, le=1)]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.id, self.label, *self.aliases)


class MaterialRow(Row[Material]):
    hazards: tuple[MaterialHazard, ...] = ()


class ToolRow(Row[Tool]):
    """`assumed` names the values that only the workshop can know, such as how far the bit stands out of its collet."""

    assumed: tuple[str, ...] = ()


class MachineRow(Row[Machine]):
    pass


class PresetRow(Row[Context]):
    """Settings that are known to work: a machine and cuts, to be sent as the `context` of any design.

    A cut of a RING or BLANK has `ring_index` 0; it is for whoever takes the preset to name another.
    """


AnyRow = TypeVar("AnyRow", bound="Row[Any]")


class Library(Protocol):
    """Where ids are looked up; each answers None for an id it does not know."""

    def material(self, row_id: str) -> MaterialRow | None: ...
    def tool(self, row_id: str) -> ToolRow | None: ...
    def machine(self, row_id: str) -> MachineRow | None: ...

    def nearest(self, kind: RowKind, row_id: str) -> str | None:
        """Return the id that `row_id` was probably meant to be, or None."""
        ...


class ToolLibrary(Library, Protocol):
    """A library that can also say which tools there are."""

    def tools_near(self, diameter_mm: float, types: Collection[ToolType]) -> Sequence[ToolRow]:
        """Return tools of these types that may stand in for one of this diameter, in no order.

        All built-in ones, and of a workshop's own the few of nearest diameter; none whose diameter is not known.
        """
        ...


@dataclass(frozen=True)
class Table(Generic[AnyRow]):
    """Rows of one kind, in the file's order, and the version of that file."""

    version: str
    rows: Mapping[str, AnyRow]

    def matching(self, query: str) -> list[AnyRow]:
        """Return the rows whose id, label or an alias holds every word of `query`, in the table's order."""
        return [row for row in self.rows.values() if is_found(row.names, query)]

    def nearest(self, row_id: str) -> str | None:
        """Return the id that `row_id` was probably meant to be, also by an alias, or None."""
        return nearest_id(row_id, {row.id: row.names for row in self.rows.values()})


def is_found(names: Iterable[str], query: str) -> bool:
    """Tell whether `names`, the first of which is an id, hold every word of `query`."""
    row_id, *others = names
    searched = " ".join((row_id, row_id.replace("_", " "), *others)).casefold()
    return all(word in searched for word in query.casefold().split())


def size_distance(diameter_mm: float, other_mm: float) -> float:
    """Return how far apart two diameters are: the logarithm of their ratio, so that half is as far as double."""
    return abs(math.log(other_mm / diameter_mm))


def nearest_id(row_id: str, names_by_id: Mapping[str, Iterable[str]]) -> str | None:
    """Return the id with the name that is nearest to `row_id`, else the first with all its words, or None."""
    ids = {name.casefold(): known_id for known_id, names in names_by_id.items() for name in names}
    wanted = row_id.casefold()
    words = wanted.removeprefix("own:").replace("_", " ")
    found = get_close_matches(wanted, ids, n=1) or get_close_matches(words, ids, n=1)
    if found:
        return ids[found[0]]
    named = (known_id for known_id, names in names_by_id.items() if is_found((known_id, *names), words))
    return next(named, None) if words.strip() else None


def _loader(file_name: str, row_type: type[AnyRow]) -> Callable[[], Table[AnyRow]]:
    @cache
    def load() -> Table[AnyRow]:
        class File(StoredModel):
            version: str
            rows: tuple[row_type, ...]  # type: ignore[valid-type]  # built for each kind of row

        text = resources.files("rmos.design").joinpath("data", file_name).read_bytes()
        file = TypeAdapter(File).validate_json(text)
        return Table(version=file.version, rows=_by_id(file.rows))

    return load


def _by_id(rows: Iterable[AnyRow]) -> dict[str, AnyRow]:
    found: dict[str, AnyRow] = {}
    for row in rows:
        if row.id in found:
            raise ValueError(f"two reference rows have the id {row.id}")
        found[row.id] = row
    return found


materials = _loader("materials.json", MaterialRow)
tools = _loader("tools.json", ToolRow)
machines = _loader("machines.json", MachineRow)
presets = _loader("presets.json", PresetRow)


def table_of(kind: RowKind) -> Table[Any]:
    """Return the built-in rows of a kind; the file is read when first asked for."""
    return _TABLES[kind]()


_TABLES: Mapping[RowKind, Callable[[], Table[Any]]] = {
    RowKind.MATERIALS: materials,
    RowKind.TOOLS: tools,
    RowKind.MACHINES: machines,
    RowKind.PRESETS: presets,
}


class BuiltInLibrary:
    """The rows that ship with RMOS; each file is read when first asked for."""

    def material(self, row_id: str) -> MaterialRow | None:
        return materials().rows.get(row_id)

    def tool(self, row_id: str) -> ToolRow | None:
        return tools().rows.get(row_id)

    def machine(self, row_id: str) -> MachineRow | None:
        return machines().rows.get(row_id)

    def tools_near(self, diameter_mm: float, types: Collection[ToolType]) -> Sequence[ToolRow]:
        del diameter_mm  # there are few
        rows = tools().rows.values()
        return [row for row in rows if row.values.type in types and row.values.diameter_mm is not None]

    def nearest(self, kind: RowKind, row_id: str) -> str | None:
        return table_of(kind).nearest(row_id)
