"""Ways to mend a whole request: one fix for each cut that has one, the same kind of fix wherever it helps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rmos.feasibility.suggestions.remedies import TOOL, Remedies
from rmos.feasibility.suggestions.search import Fix

_Kind: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One fix for each cut that needs one, by the cut's index."""

    fixes: tuple[tuple[int, Fix], ...]

    @property
    def other_tools(self) -> int:
        return sum(TOOL in fix.fields for _, fix in self.fixes)

    @property
    def rank(self) -> tuple[int, int, float]:
        return (
            self.other_tools,
            sum(len(fix.fields) for _, fix in self.fixes),
            sum(fix.distance for _, fix in self.fixes),
        )


def plans(mended: Sequence[Remedies]) -> list[Plan]:
    """Return the nearest fix of each cut, and each other kind of fix in all cuts that have one; nearest plan first.

    Offers then differ in what is turned, and not in which of several cuts it is turned.
    """
    first = {each.index: each.fixes[0] for each in mended}
    found = {_kinds(first): Plan(tuple(first.items()))}
    for kind in _all_kinds(mended):
        alike = {each.index: fix for each in mended for fix in reversed(each.fixes) if _kind(fix) == kind}
        chosen = first | alike
        found.setdefault(_kinds(chosen), Plan(tuple(chosen.items())))
    return sorted(found.values(), key=lambda plan: plan.rank)


def _all_kinds(mended: Sequence[Remedies]) -> Iterator[_Kind]:
    yield from dict.fromkeys(_kind(fix) for each in mended for fix in each.fixes)


def _kinds(fixes: dict[int, Fix]) -> _Kind:
    return tuple(_kind(fixes[index]) for index in sorted(fixes))


def _kind(fix: Fix) -> _Kind:
    """Return what tells fixes apart: the settings that are turned, and which other tool is taken."""
    tool = fix.setup.tool.values
    other = (tool.label, tool.diameter_mm, tool.flutes, tool.teeth, tool.flute_length_mm) if TOOL in fix.fields else ()
    return fix.fields, other
