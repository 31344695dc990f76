"""Where docs/ARCHITECTURE_MAP.md and the code part ways."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from rich.console import Console

from local.architecture_map import ComponentRow, EndpointRow, MapError, Status, component_rows, endpoint_rows
from local.place import CannotStart
from local.source_tree import SourceTree

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


class Word(Enum):
    """The status words of the seed map, for what differs."""

    MISSING = "[DRIFT:MISSING]"
    UNDOCUMENTED = "[DRIFT:UNDOCUMENTED]"
    LOCATION = "[DRIFT:LOCATION]"
    SIGNATURE = "[DRIFT:SIGNATURE]"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference, and what to do about it."""

    word: Word
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that comparing found."""

    drifts: tuple[Drift, ...]
    planned: tuple[str, ...]
    rows: int


def compare(map_text: str, openapi: Mapping[str, Any], tree: SourceTree) -> Comparison:
    """Compare every row of the map with the sources and the API, and these with the map.

    Raises:
        MapError: a row of the map cannot be read.
    """
    components, endpoints = component_rows(map_text), endpoint_rows(map_text)
    drifts = (
        *(drift for row in components for drift in _component_drifts(row, tree)),
        *_undocumented_modules(components, tree),
        *_endpoint_drifts(endpoints, _operations(openapi)),
    )
    rows: tuple[ComponentRow | EndpointRow, ...] = (*components, *endpoints)
    return Comparison(drifts, tuple(row.name for row in rows if row.status is Status.PLANNED), len(rows))


def compare_checkout(openapi: Mapping[str, Any]) -> Comparison:
    """Compare the map of the checkout that this code runs from with its sources and the API it describes.

    Raises:
        CannotStart: there is no map, as in an installed package, or a row of it cannot be read.
    """
    root = Path(__file__).resolve().parents[1]
    try:
        map_text = (root / "docs" / "ARCHITECTURE_MAP.md").read_text(encoding="utf-8")
        return compare(map_text, openapi, SourceTree(root))
    except FileNotFoundError as error:
        raise CannotStart("run it from a checkout: docs/ARCHITECTURE_MAP.md is not here") from error
    except MapError as error:
        raise CannotStart(f"docs/ARCHITECTURE_MAP.md: {error}") from error


def report(comparison: Comparison, console: Console) -> None:
    """Print what is planned, then each difference, then the count."""
    for name in comparison.planned:
        console.print(f"[PLANNED] {name}", markup=False, style="dim", soft_wrap=True)
    for each in comparison.drifts:
        console.print(f"{each.word.value} {each.name}: {each.detail}", markup=False, style="red", soft_wrap=True)
    held = comparison.rows - len(comparison.planned)
    console.print(f"{held} rows checked, {len(comparison.planned)} planned, {len(comparison.drifts)} drifted")


def _component_drifts(row: ComponentRow, tree: SourceTree) -> Iterator[Drift]:
    for place in row.places:
        if row.status is Status.PLANNED:
            for found in [place] if tree.holds(place) else tree.places_of(place):
                yield Drift(Word.UNDOCUMENTED, row.name, f"{found} exists; the map still calls it planned")
        else:
            yield from _place_drifts(row.name, place, tree)


def _place_drifts(name: str, place: str, tree: SourceTree) -> Iterator[Drift]:
    if not tree.holds(place):
        elsewhere = tree.places_of(place)
        if elsewhere:
            yield Drift(Word.LOCATION, name, f"not in {place}; there is {', '.join(elsewhere)}")
        else:
            yield Drift(Word.MISSING, name, f"{place} does not exist")
        return
    documented, actual = tree.parameters_of(place)
    if documented != actual:
        yield Drift(Word.SIGNATURE, name, f"{place} takes ({', '.join(actual)})")


def _undocumented_modules(rows: Sequence[ComponentRow], tree: SourceTree) -> Iterator[Drift]:
    documented = {place.partition(":")[0] for row in rows for place in row.places}
    for module in sorted(tree.modules()):
        if documented.isdisjoint(_with_packages(module)):
            yield Drift(Word.UNDOCUMENTED, module, "no row of the map names this module or its package")


def _with_packages(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[:end]) for end in range(1, len(parts) + 1)}


def _endpoint_drifts(rows: Sequence[EndpointRow], operations: Mapping[str, frozenset[str]]) -> Iterator[Drift]:
    for row in rows:
        served = operations.get(row.name)
        if row.status is Status.PLANNED:
            if served is not None:
                yield Drift(Word.UNDOCUMENTED, row.name, "the API serves it; the map still calls it planned")
        elif served is None:
            yield Drift(Word.MISSING, row.name, "the API does not serve it")
        elif served != row.query:
            yield Drift(Word.SIGNATURE, row.name, f"its query parameters are {' '.join(sorted(served)) or 'none'}")
    for name in sorted(operations.keys() - {row.name for row in rows}):
        yield Drift(Word.UNDOCUMENTED, name, "the API serves it; no row of the map names it")


def _operations(openapi: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the query parameters of every operation by its name, `GET /path`."""
    return {
        f"{method.upper()} {path}": frozenset(
            parameter["name"]
            for parameter in (*item.get("parameters", ()), *item[method].get("parameters", ()))
            if parameter["in"] == "query"
        )
        for path, item in openapi["paths"].items()
        for method in _METHODS
        if method in item
    }
