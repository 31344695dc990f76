"""By how much each limit of a cut is passed, as logarithms: what is a power law becomes a straight line."""

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from rmos.feasibility.models import Assessment, Category, CutResult, Direction, RiskLevel
from rmos.feasibility.scoring import worst

LimitKey: TypeAlias = tuple[str, int | None]
"""A rule and the ring it was applied to."""

_FAR = 9.0
"""Stands for a limit that is kept or passed by no finite factor."""


def excesses(cut: CutResult, goal: RiskLevel) -> dict[LimitKey, float]:
    """Return ln(value / limit) of every limit for `goal` (GREEN or YELLOW), positive where it is passed.

    For a MIN it is ln(limit / value). 21.8 µm against 10 is 0.78.
    """
    found: dict[LimitKey, float] = {}
    for assessment in cut.assessments:
        for key, direction, value, limit in _limits(assessment, goal):
            found[key] = max(_excess(direction, value, limit), found.get(key, -_FAR))
    return found


def levels(cut: CutResult) -> dict[LimitKey, RiskLevel]:
    """Return the colour of every limit that is not GREEN."""
    found: dict[LimitKey, RiskLevel] = {}
    for assessment in cut.assessments:
        if assessment.details.checks:
            for check in assessment.details.checks:
                if check.risk_level is not RiskLevel.GREEN:
                    found[check.rule_id, check.ring_index] = check.risk_level
        elif assessment.risk_level is not RiskLevel.GREEN and assessment.value is not None:
            found[_name(assessment), None] = assessment.risk_level
    return found


def held_back(cut: CutResult) -> Mapping[Category, RiskLevel]:
    """Return the categories whose colour is worse than any of their limits says, for what is missing or assumed."""
    found: dict[Category, RiskLevel] = {}
    for assessment in cut.assessments:
        if assessment.value is None:
            found[assessment.category] = assessment.risk_level
        elif assessment.details.checks:
            of_limits = worst(check.risk_level for check in assessment.details.checks)
            if assessment.risk_level.severity > of_limits.severity:
                found[assessment.category] = assessment.risk_level
    return found


def _limits(assessment: Assessment, goal: RiskLevel) -> Iterator[tuple[LimitKey, Direction, float, float]]:
    """Yield the limits of a category's checks, or, of an engine that shows none, those of the category itself."""
    for check in assessment.details.checks:
        limit = check.limit_green if goal is RiskLevel.GREEN else check.limit_yellow
        yield (check.rule_id, check.ring_index), check.direction, check.value, limit
    if assessment.details.checks or assessment.value is None:
        return
    limits = assessment.limit_green if goal is RiskLevel.GREEN else assessment.limit_yellow
    if isinstance(limits, tuple):
        yield (f"{_name(assessment)} low", None), Direction.MIN, assessment.value, limits[0]
        yield (f"{_name(assessment)} high", None), Direction.MAX, assessment.value, limits[1]
    elif limits is not None:
        yield (_name(assessment), None), assessment.direction, assessment.value, limits


def _name(assessment: Assessment) -> str:
    return assessment.rule_ids[0] if assessment.rule_ids else assessment.category.value


def _excess(direction: Direction, value: float, limit: float) -> float:
    if value > 0 and limit > 0:
        return math.log(value / limit) if direction is Direction.MAX else math.log(limit / value)
    is_kept = value <= limit if direction is Direction.MAX else value >= limit
    return -_FAR if is_kept else _FAR
