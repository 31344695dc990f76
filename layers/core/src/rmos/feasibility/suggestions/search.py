"""The search for a cut's way to a better colour: one setting, then two.

Near a setup nearly every limit is a power law of nearly every setting, so in logarithms it is a straight line (see
excesses). One trial beside the present setup gives the lines their slopes; the nearest step that all of them allow is
tried, the lines are bent to what that trial found, and so on until the step stays where it is. Only what a trial
found to be good counts.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from rmos.feasibility.models import CutResult, RiskLevel
from rmos.feasibility.rules.table import RULES
from rmos.feasibility.suggestions.excesses import LimitKey, excesses, held_back, levels
from rmos.feasibility.suggestions.lines import Excesses, Lines
from rmos.feasibility.suggestions.setups import Knob, Setup
from rmos.feasibility.suggestions.steps import length

_PROBE = 0.93
_FLAT = 1e-6
_ROUNDS = 4
_FINER = 3
_KEPT = -9.0


class Trials(Protocol):
    """What judges setups, so many of them."""

    @property
    def is_spent(self) -> bool:
        """Whether no more trials are allowed."""
        ...

    def judge(self, setup: Setup) -> CutResult | None:
        """Return how a setup is judged; None when that fails or no more trials are allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Fix:
    """A setup that a trial found good; `distance` is the sum of its relative changes, `fields` are what was turned."""

    setup: Setup
    result: CutResult
    distance: float
    fields: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, float, tuple[str, ...]]:
        """Nearest first: one setting before two, then the smaller change."""
        return len(self.fields), self.distance, self.fields


@dataclass(frozen=True, slots=True)
class _Probe:
    step: float
    result: CutResult


class Search:
    """The search around one setup and its result."""

    def __init__(self, trials: Trials, setup: Setup, result: CutResult, knobs: Sequence[Knob]) -> None:
        self._trials, self._setup, self._result = trials, setup, result
        probes = ((knob, self._probe(knob)) for knob in _concerned(result, knobs))
        self._probes = [(knob, probe) for knob, probe in probes if probe is not None]
        self.settled = self._settled()

    @property
    def reachable(self) -> RiskLevel:
        """The best colour that settings alone can give: the worst of what none of them moves."""
        found = levels(self._result)
        fixed = [found.get(key, RiskLevel.YELLOW) for key in self.settled]
        return max([RiskLevel.GREEN, *fixed, *held_back(self._result).values()], key=lambda level: level.severity)

    @property
    def moves_a_limit(self) -> bool:
        """Whether some setting moves a limit that is passed."""
        return any(excess > 0 for excess in self._open(self._result, RiskLevel.GREEN).values())

    def is_mended_by(self, result: CutResult) -> bool:
        """Whether `result` keeps every limit in GREEN that some setting of this setup moves."""
        return self._is_good(result, self._open(result, RiskLevel.GREEN), RiskLevel.GREEN)

    def fixes(self, goal: RiskLevel, settings: int) -> list[Fix]:
        """Return, nearest first, what brings all that moves to `goal` (GREEN or YELLOW) by turning so many settings."""
        found: dict[tuple[str, ...], Fix] = {}
        start = self._open(self._result, goal)
        probed = [(knob, (probe.step, self._open(probe.result, goal))) for knob, probe in self._probes]
        for group in combinations(probed, settings):
            if self._trials.is_spent:
                break
            fields = tuple(sorted({knob.field for knob, _ in group}))
            if len(fields) == settings and fields not in found:
                knobs = [knob for knob, _ in group]
                fix = self._fix(knobs, Lines(knobs, start, [there for _, there in group]), goal)
                if fix is not None:
                    found[fields] = fix
        return sorted(found.values(), key=lambda fix: fix.rank)

    def _probe(self, knob: Knob) -> _Probe | None:
        """Try `knob` a little to one side of where it stands."""
        for value in (knob.ladder.below(_PROBE * knob.now), knob.ladder.above(knob.now / _PROBE)):
            if value is not None and abs(math.log(value / knob.now)) > _FLAT:
                result = self._trials.judge(knob.turned(self._setup, value))
                return None if result is None else _Probe(math.log(value / knob.now), result)
        return None

    def _settled(self) -> frozenset[LimitKey]:
        """Return the limits that are passed and that no setting moves."""
        before = excesses(self._result, RiskLevel.GREEN)
        passed = {key for key, excess in before.items() if excess > 0}
        for _, probe in self._probes:
            after = excesses(probe.result, RiskLevel.GREEN)
            passed = {key for key in passed if abs(after.get(key, _KEPT) - before[key]) <= _FLAT}
        return frozenset(passed)

    def _fix(self, knobs: Sequence[Knob], lines: Lines, goal: RiskLevel) -> Fix | None:
        found: dict[tuple[float, ...], Fix] = {}
        tried: set[tuple[float, ...]] = set()
        for _ in range(_ROUNDS):
            values = lines.nearest()
            fix = None if values is None or values in tried else self._tried(knobs, values)
            if fix is None or values is None:
                break
            tried.add(values)
            still_open = self._open(fix.result, goal)
            if self._is_good(fix.result, still_open, goal):
                found[values] = fix
            lines.bend(values, still_open)
        if not found:
            return None
        values, fix = min(found.items(), key=lambda pair: pair[1].rank)
        return self._moved_back(knobs[0], values[0], fix, goal) if len(knobs) == 1 else fix

    def _moved_back(self, knob: Knob, value: float, fix: Fix, goal: RiskLevel) -> Fix:
        """Return `fix` as near to the present as the next rungs of its knob stay good."""
        for nearer in _rungs_back(knob, value):
            closer = self._tried([knob], [nearer])
            if closer is None or not self._is_good(closer.result, self._open(closer.result, goal), goal):
                break
            fix = closer
        return fix

    def _tried(self, knobs: Sequence[Knob], values: Sequence[float]) -> Fix | None:
        setup = self._setup
        turned = [(knob, value) for knob, value in zip(knobs, values, strict=True) if value != knob.now]
        for knob, value in turned:
            setup = knob.turned(setup, value)
        result = self._trials.judge(setup)
        if result is None:
            return None
        distance = length([math.log(value / knob.now) for knob, value in turned])
        return Fix(setup, result, distance, tuple(knob.field for knob, _ in turned))

    def _is_good(self, result: CutResult, still_open: Excesses, goal: RiskLevel) -> bool:
        allowed = max(goal.severity, self.reachable.severity)
        return result.risk_level.severity <= allowed and all(excess <= _FLAT for excess in still_open.values())

    def _open(self, result: CutResult, goal: RiskLevel) -> dict[LimitKey, float]:
        return {key: excess for key, excess in excesses(result, goal).items() if key not in self.settled}


def _concerned(result: CutResult, knobs: Sequence[Knob]) -> Sequence[Knob]:
    """Return the knobs that a passed limit depends on; all of them where a limit is none of the rule table's."""
    names: set[str] = set()
    for rule_id, _ in levels(result):
        rule = RULES.get(rule_id)
        if rule is None:
            return knobs
        names |= rule.needs
    return [knob for knob in knobs if knob.field in names]


def _rungs_back(knob: Knob, value: float) -> Iterator[float]:
    """Yield the next rungs from `value` towards where the knob stands now, without that place itself."""
    for _ in range(_FINER):
        gap = abs(value - knob.now)
        towards = knob.ladder.above if value < knob.now else knob.ladder.below
        found = towards(value + (knob.now - value) * _FLAT + math.copysign(_FLAT, knob.now - value))
        if found is None or abs(found - knob.now) >= gap or abs(found - knob.now) < _FLAT:
            return
        value = found
        yield value
