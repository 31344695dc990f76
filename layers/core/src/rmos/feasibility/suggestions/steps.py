"""The nearest step in one or two settings that straight lines allow."""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

_TOUCHES = 1e-9
_FLAT = 1e-7
_FARTHEST = 8.0


class Line(NamedTuple):
    """`slopes` x step <= `room`, in logarithms of the settings."""

    slopes: tuple[float, ...]
    room: float

    def value(self, step: Sequence[float]) -> float:
        return sum(slope * each for slope, each in zip(self.slopes, step, strict=True))

    def allows(self, step: Sequence[float]) -> bool:
        return self.value(step) <= self.room + _TOUCHES


def length(step: Sequence[float]) -> float:
    """Return the sum of relative changes: halving one setting and doubling another is 2 ln 2."""
    return sum(abs(each) for each in step)


def nearest_step(lines: Sequence[Line], dimensions: int) -> tuple[float, ...] | None:
    """Return the shortest step that all lines allow, or None.

    The optimum of a linear programme lies where as many lines (or axes) cross as there are dimensions.
    """
    binding = [line for line in lines if _can_bind(line)]
    if any(line.room < -_TOUCHES and _is_flat(line) for line in binding):
        return None
    allowed = (step for step in _corners(binding, dimensions) if all(line.allows(step) for line in binding))
    return min(allowed, key=lambda step: (length(step), step), default=None)


def _can_bind(line: Line) -> bool:
    return _FARTHEST * length(line.slopes) > line.room


def _is_flat(line: Line) -> bool:
    return length(line.slopes) < _FLAT


def _corners(lines: Sequence[Line], dimensions: int) -> Iterator[tuple[float, ...]]:
    if dimensions == 1:
        yield (0.0,)
        for line in lines:
            if not _is_flat(line):
                yield (line.room / line.slopes[0],)
        return
    axes = (Line((1.0, 0.0), 0.0), Line((0.0, 1.0), 0.0))
    for one, other in combinations((*axes, *lines), 2):
        (a, b), (c, d) = one.slopes, other.slopes
        determinant = a * d - b * c
        if math.fabs(determinant) > _FLAT:
            yield (one.room * d - b * other.room) / determinant, (a * other.room - one.room * c) / determinant
