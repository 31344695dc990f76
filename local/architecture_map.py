"""docs/ARCHITECTURE_MAP.md as data: the rows of its tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

_CODE = re.compile(r"`([^`]+)`")
_STATUS = re.compile(r"\[[A-Z:]+\]")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


class Status(Enum):
    """The words of the map's legend that a row may claim."""

    IMPLEMENTED = "[IMPLEMENTED]"
    PLANNED = "[PLANNED]"


class MapError(ValueError):
    """A row of the map that cannot be read; the message names its line."""


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A component and the places it lives in: `module`, `module:symbol`, `module:function(a, b)` or a file path."""

    name: str
    places: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An operation, `GET /path`, and the names of its query parameters."""

    name: str
    query: frozenset[str]
    status: Status


def component_rows(text: str) -> list[ComponentRow]:
    """Return the rows of all tables whose first column is Component.

    Raises:
        MapError: a row names no place or no status.
    """
    return [
        ComponentRow(_plain(cells["Component"]), _places(cells["Lives in"], line), _status(cells["Status"], line))
        for line, cells in _rows(text, "Component")
    ]


def endpoint_rows(text: str) -> list[EndpointRow]:
    """Return the rows of all tables whose first column is Endpoint.

    Raises:
        MapError: a row names no operation or no status.
    """
    return [
        EndpointRow(_operation(cells["Endpoint"], line), _names(cells["Query"]), _status(cells["Status"], line))
        for line, cells in _rows(text, "Endpoint")
    ]


def _rows(text: str, first_column: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    header: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in _CELL_BORDER.split(line.strip())[1:-1]]
        if not cells:
            header = []
        elif not header:
            header = cells
        elif header[0] == first_column and not set(cells[0]) <= {"-", ":"}:
            yield number, dict(zip(header, cells, strict=True))


def _plain(cell: str) -> str:
    return cell.replace("`", "")


def _names(cell: str) -> frozenset[str]:
    return frozenset(name for code in _CODE.findall(cell) for name in code.split())


def _places(cell: str, line: int) -> tuple[str, ...]:
    places = tuple(_CODE.findall(cell))
    if not places:
        raise MapError(f"line {line} names no place in backticks")
    return places


def _operation(cell: str, line: int) -> str:
    codes = _CODE.findall(cell)
    if len(codes) != 1:
        raise MapError(f"line {line} does not name one operation in backticks")
    return str(codes[0])


def _status(cell: str, line: int) -> Status:
    words = _STATUS.findall(cell)
    try:
        (word,) = words
        return Status(word)
    except ValueError as error:
        known = ", ".join(status.value for status in Status)
        raise MapError(f"line {line} does not carry one of {known}") from error
