"""By how much each limit of a cut is passed, as logarithms: what is a power law becomes a straight line."""

import math
from collections.abc import Mapping
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
    is_green = goal is RiskLevel.GREEN
    found: dict[LimitKey, float] = {}
    for assessment in cut.assessments:
        for check in assessment.details.checks:
            key = check.rule_id, check.ring_index
            excess = _excess(check.direction, check.value, check.limit_green if is_green else check.limit_yellow)
            found[key] = max(excess, found.get(key, -_FAR))
        if not assessment.details.checks and assessment.value is not None:
            found.update(_of_category(assessment, assessment.value, is_green))
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


def _of_category(assessment: Assessment, value: float, is_green: bool) -> dict[LimitKey, float]:
    """Return the excess over the limits of a category, of an engine that shows no checks."""
    limits, name = assessment.limit_green if is_green else assessment.limit_yellow, _name(assessment)
    if isinstance(limits, tuple):
        low, high = limits
        return {
            (f"{name} low", None): max(-_FAR, _excess(Direction.MIN, value, low)),
            (f"{name} high", None): max(-_FAR, _excess(Direction.MAX, value, high)),
        }
    return {} if limits is None else {(name, None): max(-_FAR, _excess(assessment.direction, value, limits))}


def _name(assessment: Assessment) -> str:
    return assessment.rule_ids[0] if assessment.rule_ids else assessment.category.value


def _excess(direction: Direction, value: float, limit: float) -> float:
    if value > 0 and limit > 0:
        return math.log(value / limit) if direction is Direction.MAX else math.log(limit / value)
    is_kept = value <= limit if direction is Direction.MAX else value >= limit
    return -_FAR if is_kept else _FAR
