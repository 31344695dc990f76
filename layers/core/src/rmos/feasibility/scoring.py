"""From a value and its limits to a colour and a score, so that 70 and more is GREEN and nothing else is."""

from collections.abc import Iterable, Mapping

from rmos.design.units import int_if_whole
from rmos.feasibility.models import Category, Direction, RiskLevel

BEST, GREEN_SCORE, YELLOW_SCORE = 100, 70, 40
_BELOW_GREEN, _BELOW_YELLOW = 69.99, 39.99
_FULL_SHARE = 0.5
_HOPELESS = 1.5
# Members of an enumeration are slow to look up in Python 3.11, and these are asked for a hundred times a verdict.
_GREEN, _YELLOW, _RED, _MIN = RiskLevel.GREEN, RiskLevel.YELLOW, RiskLevel.RED, Direction.MIN


def judged(value: float, green: float, yellow: float, direction: Direction) -> tuple[RiskLevel, float]:
    """Return the colour and the score (0 to 100, two decimals) of `value`; on a limit it still has the better colour.

    The score is 100 to half the GREEN limit (for a MIN: from twice it), then falls linearly to 70 at the GREEN limit,
    40 at the YELLOW one and 0 at 1.5 times it (for a MIN: at two thirds of it). 21.8 µm against 10 and 25 is
    YELLOW, 46.4.
    """
    if direction is _MIN:
        full, hopeless = -green / _FULL_SHARE, -yellow / _HOPELESS
        value, green, yellow = -value, -green, -yellow
    else:
        full, hopeless = _FULL_SHARE * green, _HOPELESS * yellow
    if value <= full:
        return _GREEN, BEST
    if value <= green:
        score = BEST - (BEST - GREEN_SCORE) * (value - full) / (green - full)
        return _GREEN, held(score, _GREEN)
    if value <= yellow:
        score = GREEN_SCORE - (GREEN_SCORE - YELLOW_SCORE) * (value - green) / (yellow - green)
        return _YELLOW, held(score, _YELLOW)
    if value < hopeless:
        return _RED, held(YELLOW_SCORE * (hopeless - value) / (hopeless - yellow), _RED)
    return _RED, 0


def held(score: float, risk: RiskLevel) -> float:
    """Return `score` to two decimals, inside the range of its colour, as an int when it is whole."""
    least, most = _RANGES.get(risk, _BLOCKED)
    return int_if_whole(min(max(round(score, 2), least), most))


_BLOCKED = 0, _BELOW_YELLOW
_RANGES = {_GREEN: (GREEN_SCORE, BEST), _YELLOW: (YELLOW_SCORE, _BELOW_GREEN)}


def worst(levels: Iterable[RiskLevel]) -> RiskLevel:
    return max(levels, key=lambda level: level.severity)


def overall(
    scores: Iterable[tuple[Category, float]], decisive: Iterable[float], weights: Mapping[Category, float]
) -> float:
    """Return half the least of `decisive` and half the weighted mean of `scores`."""
    total = weighted = 0.0
    for category, score in scores:
        weight = weights[category]
        total += weight
        weighted += weight * score
    return 0.5 * min(decisive) + 0.5 * weighted / total
