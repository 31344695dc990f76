"""What was judged of cuts, kept for the next cut that differs in nothing a category reads.

Who looks for good settings turns one after the other: a new feed leaves the geometry as it was, other rings leave all
but the geometry, and a change of one cut leaves the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import count
from operator import attrgetter
from typing import Any

from rmos.design.rosette import Ring
from rmos.feasibility.assessing import Judged, Reader
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category
from rmos.feasibility.rules.table import READS_OF_MODE

_MOST_SETUPS = 64
_MOST_JUDGEMENTS = 512

_SETTINGS: Mapping[str, str] = {
    "cut.feed_mm_per_min": "feed",
    "cut.spindle_rpm": "rpm",
    "cut.plunge_mm_per_min": "plunge",
    "tool.stickout_mm": "stickout",
}
"""Fields that a rule reads only if it names them, each with its fact; no depth and no default follows from them, but
the plunge from the feed, and that is a fact of its own."""

_setup_of = attrgetter(
    *[each.name for each in fields(CutFacts) if each.name not in {"index", "cut", "design", *_SETTINGS.values()}],
    "cut.mode",
    "cut.target",
    "cut.ring_index",
    "design.soundhole_diameter_mm",
    "design.inner_diameter_mm",
    "design.outer_diameter_mm",
)
"""All of a cut but its settings; of `CutFacts.cut` and of the design what more than the geometry is read from."""


def _ring_of(facts: CutFacts) -> tuple[float, Ring] | None:
    """Return where the ring of a cut begins, and the ring; None for a cut of the top."""
    index = facts.cut.ring_index
    return None if index is None else (facts.design.inner_radius_mm(index), facts.design.rings[index])


def _read_by(category: Category, reads: frozenset[str]) -> Callable[[CutFacts], Any] | None:
    """Return what gives, of a cut, all that tells two judgements of one setup apart; None where nothing does."""
    facts = [fact for name, fact in _SETTINGS.items() if name in reads]
    if category is Category.GEOMETRY:
        facts.append("design")
    return attrgetter(*facts) if facts else None


_READ_OF_MODE = {
    mode: {category: _read_by(category, reads) for category, reads in table.items()}
    for mode, table in READS_OF_MODE.items()
}


class KeptJudgements:
    """Judgements by what they follow from; so many of the last ones. Nothing depends on whether one was kept."""

    def __init__(self) -> None:
        self._numbers = count()
        self._setups: dict[tuple[Any, ...], int] = {}
        self._judgements: dict[tuple[Any, ...], Judged] = {}

    def judgements(self, facts: CutFacts, reader: Reader, judge: Callable[[Category], Judged]) -> tuple[Judged, ...]:
        """Return what stands of each category of a cut; `judge` is asked for what is not kept."""
        setup, kept = self._number(facts, reader), self._judgements
        found = []
        for category, read in _READ_OF_MODE[facts.cut.mode].items():
            key = (setup, category) if read is None else (setup, category, read(facts))
            known = kept.get(key)
            if known is None:
                if len(kept) >= _MOST_JUDGEMENTS:
                    kept.clear()
                known = kept[key] = judge(category)
            found.append(known)
        return tuple(found)

    def _number(self, facts: CutFacts, reader: Reader) -> int:
        """Return the number of a cut's setup: that of an equal one, or a new one."""
        setup = (_setup_of(facts), _ring_of(facts), reader.confirmed, reader.units)
        number = self._setups.get(setup)
        if number is None:
            if len(self._setups) >= _MOST_SETUPS:
                self._setups.clear()
            number = self._setups[setup] = next(self._numbers)
        return number
