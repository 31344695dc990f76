"""From a value and its limits to a colour and a score, so that 70 and more is GREEN and nothing else is."""

from collections.abc import Iterable, Mapping

from rmos.feasibility.models import Category, Direction, RiskLevel

BEST, GREEN_SCORE, YELLOW_SCORE = 100.0, 70.0, 40.0
_BELOW_GREEN, _BELOW_YELLOW = 69.99, 39.99
_FULL_SHARE = 0.5
_HOPELESS = 1.5


def classified(value: float, green: float, yellow: float, direction: Direction) -> RiskLevel:
    """Return the colour of `value`; on a limit it still has the better one."""
    if direction is Direction.MIN:
        value, green, yellow = -value, -green, -yellow
    if value <= green:
        return RiskLevel.GREEN
    return RiskLevel.YELLOW if value <= yellow else RiskLevel.RED


def scored(value: float, green: float, yellow: float, direction: Direction) -> float:
    """Return 0 to 100, to two decimals.

    100 to half the GREEN limit (for a MIN: from twice it), then falling linearly to 70 at the GREEN limit, 40 at the
    YELLOW one, 0 at 1.5 times it (for a MIN: at two thirds of it). 21.8 µm against 10 and 25 scores 46.4.
    """
    if direction is Direction.MAX:
        points = ((_FULL_SHARE * green, BEST), (green, GREEN_SCORE), (yellow, YELLOW_SCORE), (_HOPELESS * yellow, 0.0))
        raw = _falling(value, points)
    else:
        points = (
            (-green / _FULL_SHARE, BEST),
            (-green, GREEN_SCORE),
            (-yellow, YELLOW_SCORE),
            (-yellow / _HOPELESS, 0.0),
        )
        raw = _falling(-value, points)
    return held(raw, classified(value, green, yellow, direction))


def held(score: float, risk: RiskLevel) -> float:
    """Return `score` to two decimals, inside the range of its colour."""
    score = round(score, 2)
    if risk is RiskLevel.GREEN:
        return max(score, GREEN_SCORE)
    if risk is RiskLevel.YELLOW:
        return min(max(score, YELLOW_SCORE), _BELOW_GREEN)
    return min(score, _BELOW_YELLOW)


def worst(levels: Iterable[RiskLevel]) -> RiskLevel:
    return max(levels, key=lambda level: level.severity)


def overall(
    scores: Iterable[tuple[Category, float]], decisive: Iterable[float], weights: Mapping[Category, float]
) -> float:
    """Return half the least of `decisive` and half the weighted mean of `scores`."""
    pairs = list(scores)
    total = sum(weights[category] for category, _ in pairs)
    mean = sum(weights[category] * score for category, score in pairs) / total
    return 0.5 * min(decisive) + 0.5 * mean


def _falling(x: float, points: tuple[tuple[float, float], ...]) -> float:
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return 0.0
