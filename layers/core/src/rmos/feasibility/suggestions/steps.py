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


def length(step: Sequence[float]) -> float:
    """Return the sum of relative changes: halving one setting and doubling another is 2 ln 2."""
    return sum(map(abs, step))


def nearest_step(lines: Sequence[Line], dimensions: int) -> tuple[float, ...] | None:
    """Return the shortest step in one or two settings that all lines allow, or None.

    The optimum of a linear programme lies where as many lines (or axes) cross as there are dimensions. A step in one
    setting is one along the first axis of the plane.
    """
    binding = [line for line in lines if _FARTHEST * length(line.slopes) > line.room]
    if any(line.room < -_TOUCHES and _is_flat(line) for line in binding):
        return None
    bounds = [_bound(line) for line in sorted(binding, key=_reach)]
    nearest: tuple[float, tuple[float, ...]] = (math.inf, ())
    for x, y in _on_axis(binding) if dimensions == 1 else _crossings(binding):
        found = (abs(x) + abs(y), (x, y))
        if found < nearest and _is_allowed(bounds, x, y):
            nearest = found
    return nearest[1][:dimensions] or None


def _is_flat(line: Line) -> bool:
    return length(line.slopes) < _FLAT


def _reach(line: Line) -> float:
    """Order lines by how far a step may go before it passes them: those that forbid most are asked first."""
    return line.room / max(length(line.slopes), _FLAT)


def _bound(line: Line) -> tuple[float, float, float]:
    a, b = (*line.slopes, 0.0)[:2]
    return a, b, line.room + _TOUCHES


def _is_allowed(bounds: Sequence[tuple[float, float, float]], x: float, y: float) -> bool:
    for a, b, most in bounds:  # noqa: SIM110  # a generator takes three times as long, and this is asked most of all
        if a * x + b * y > most:
            return False
    return True


def _on_axis(lines: Sequence[Line]) -> Iterator[tuple[float, float]]:
    """Yield where lines in one setting cross its axis, and where it stands."""
    yield 0.0, 0.0
    for line in lines:
        if not _is_flat(line):
            yield line.room / line.slopes[0], 0.0


def _crossings(lines: Sequence[Line]) -> Iterator[tuple[float, float]]:
    """Yield where lines in two settings cross each other and the axes."""
    axes = (Line((1.0, 0.0), 0.0), Line((0.0, 1.0), 0.0))
    for ((a, b), one), ((c, d), other) in combinations((*axes, *lines), 2):
        determinant = a * d - b * c
        if abs(determinant) > _FLAT:
            yield (one * d - b * other) / determinant, (a * other - one * c) / determinant
