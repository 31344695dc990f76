"""Values between the points of a table."""

from bisect import bisect_right
from collections.abc import Sequence


def interpolated(points: Sequence[tuple[float, float]], x: float) -> float:
    """Return the value at `x`, linear between `points` (in rising x) and constant beyond the first and the last."""
    if x <= points[0][0]:
        return points[0][1]
    if x >= points[-1][0]:
        return points[-1][1]
    above = bisect_right(points, (x, float("inf")))
    (x0, y0), (x1, y1) = points[above - 1], points[above]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
