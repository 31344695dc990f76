"""A cut's limits as straight lines over the logarithms of its settings, bent to what each trial finds."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import exp, inf, log
from operator import mul

from rmos.feasibility.suggestions.excesses import LimitKey
from rmos.feasibility.suggestions.setups import Knob
from rmos.feasibility.suggestions.steps import Line, length, nearest_step

_KEPT = -9.0
_SLACK = 1e-7
_NEXT = 1e-6

Excesses = Mapping[LimitKey, float]


class Lines:
    """How the excesses go from `start` when `knobs` are turned; `probes` are steps of each knob and what they gave."""

    def __init__(self, knobs: Sequence[Knob], start: Excesses, probes: Sequence[tuple[float, Excesses]]) -> None:
        self._knobs = knobs
        self._start = start
        self._slopes = {
            key: [(found.get(key, _gone(excess)) - excess) / step for step, found in probes]
            for key, excess in start.items()
        }

    def nearest(self) -> tuple[float, ...] | None:
        """Return the values nearest to the present ones that the lines allow and the ladders have, or None."""
        step = nearest_step([*self._limits(), *self._bounds()], len(self._knobs))
        if step is None:
            return None
        near = [_around(knob, each) for knob, each in zip(self._knobs, step, strict=True)]
        return min(product(*near), key=self._order, default=None)

    def step_to(self, values: Sequence[float]) -> list[float]:
        return [log(value / knob.now) for knob, value in zip(self._knobs, values, strict=True)]

    def bend(self, values: Sequence[float], found: Excesses) -> None:
        """Turn every line so that it goes through what a trial at `values` found (Broyden's update)."""
        step = self.step_to(values)
        square = sum(each * each for each in step)
        if square == 0:
            return
        for key, slopes in self._slopes.items():
            missed = found.get(key, _KEPT) - self._predicted(key, step)
            for i, each in enumerate(step):
                slopes[i] += missed * each / square

    def _predicted(self, key: LimitKey, step: Sequence[float]) -> float:
        change: float = sum(map(mul, self._slopes[key], step))
        return self._start[key] + change

    def _limits(self) -> list[Line]:
        return [Line(tuple(slopes), -self._start[key]) for key, slopes in self._slopes.items()]

    def _bounds(self) -> list[Line]:
        found: list[Line] = []
        for i, knob in enumerate(self._knobs):
            unit = tuple(1.0 if j == i else 0.0 for j in range(len(self._knobs)))
            least, most = knob.ladder.above(0.0), knob.ladder.below(inf)
            if least is not None and most is not None:
                found.append(Line(unit, max(0.0, log(most / knob.now))))
                found.append(Line(tuple(-each for each in unit), max(0.0, -log(least / knob.now))))
        return found

    def _order(self, values: Sequence[float]) -> tuple[float, float]:
        """Order rungs by the limits they would pass, then by how near they are."""
        step = self.step_to(values)
        passed = max((self._predicted(key, step) for key in self._slopes), default=0.0)
        return max(0.0, passed - _SLACK), length(step)


def _gone(excess: float) -> float:
    """Return what a limit that a probe no longer meets counts for there: just kept, where it was passed before."""
    return min(excess, 0.0)


def _around(knob: Knob, step: float) -> list[float]:
    """Return the rungs on either side of a step's value and the one beyond; where the knob is now for no step."""
    if step == 0:
        return [knob.now]
    value, ladder = knob.now * exp(step), knob.ladder
    below, above = ladder.below(value), ladder.above(value)
    beyond = None
    if step < 0 and below is not None:
        beyond = ladder.below(below * (1 - _NEXT))
    elif step > 0 and above is not None:
        beyond = ladder.above(above * (1 + _NEXT))
    return sorted({each for each in (below, above, beyond) if each is not None})
