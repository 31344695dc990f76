"""The use cases of feasibility: judge a design, and say by what."""

import time
from typing import TypeVar

from rmos.design.library import Row, Table
from rmos.errors import NotFound
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.fields import FIELDS
from rmos.feasibility.models import Category, FeasibilityResponse, RiskLevel
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.rules.rule import Rule
from rmos.feasibility.rules.table import RULES, RULESET_VERSION, WEIGHTS
from rmos.logging import logger

from feasibility.models import (
    CategoryInfo,
    EnginePage,
    EvaluateRequest,
    FieldInfo,
    FieldPage,
    RiskLevelInfo,
    RowPage,
    RuleInfo,
    RulePage,
)

AnyRow = TypeVar("AnyRow", bound=Row)  # type: ignore[type-arg]  # of any values

_MEANINGS = {
    RiskLevel.GREEN: "Every limit is kept with room to spare.",
    RiskLevel.YELLOW: "It can be cut, but something is near or past its comfortable limit: look before you cut.",
    RiskLevel.RED: "A limit is passed: do not cut this.",
    RiskLevel.UNKNOWN: "A required input is missing, or no law covers the material: nothing can be promised.",
    RiskLevel.ERROR: "The engine failed; the reason is in the answer, the trace in the log.",
}


class RuleNotFound(NotFound):
    slug = "rule-not-found"
    title = "No such rule"


def evaluate(
    request: EvaluateRequest, registry: EngineRegistry, engine_id: str, request_id: str
) -> FeasibilityResponse:
    """Judge a request and log the decision.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing.
    """
    started = time.perf_counter()
    result = evaluate_feasibility(request, registry, engine_id)
    compute_ms = round((time.perf_counter() - started) * 1_000, 3)
    logger.info(
        "evaluated",
        extra={"risk_level": result.risk_level.value, "engine_id": engine_id, "result_sha256": result.result_sha256},
    )
    return FeasibilityResponse.model_construct(**dict(result), request_id=request_id, compute_ms=compute_ms)


def list_engines(registry: EngineRegistry, default_id: str) -> EnginePage:
    return EnginePage(items=registry.infos(), default_engine_id=default_id)


def list_categories() -> tuple[CategoryInfo, ...]:
    return tuple(
        CategoryInfo(
            category=category,
            weight=WEIGHTS[category],
            rule_ids=tuple(rule.rule_id for rule in RULES.values() if rule.category is category),
        )
        for category in Category
    )


def list_risk_levels() -> tuple[RiskLevelInfo, ...]:
    return tuple(
        RiskLevelInfo(
            risk_level=level,
            meaning=_MEANINGS[level],
            is_feasible=level.is_feasible,
            needs_review=level is RiskLevel.YELLOW,
        )
        for level in RiskLevel
    )


def list_rules() -> RulePage:
    return RulePage(ruleset_version=RULESET_VERSION, items=tuple(_info(rule) for rule in RULES.values()))


def get_rule(rule_id: str) -> RuleInfo:
    """Return one rule.

    Raises:
        RuleNotFound: there is none with this id.
    """
    rule = RULES.get(rule_id)
    if rule is None:
        raise RuleNotFound(f"no rule {rule_id!r}; GET /api/rmos/feasibility/rules lists them")
    return _info(rule)


def list_fields() -> FieldPage:
    return FieldPage(
        items=tuple(
            FieldInfo(
                name=each.name,
                need=each.need,
                unit=each.unit,
                text=each.text,
                default=each.default,
                categories=_categories_of(each.name),
            )
            for each in FIELDS
        )
    )


def list_rows(table: Table[AnyRow], query: str) -> RowPage[AnyRow]:
    """Return the rows whose id, label or an alias holds every word of `query`; all for an empty one."""
    return RowPage(version=table.version, items=tuple(table.matching(query)))


def _info(rule: Rule) -> RuleInfo:
    return RuleInfo(
        rule_id=rule.rule_id,
        category=rule.category,
        modes=tuple(sorted(rule.modes)),
        direction=rule.direction,
        unit=rule.unit,
        title=rule.title,
        limits=rule.limits,
        hint=rule.hint,
        sources=rule.sources,
        confidence=rule.confidence,
        needs=tuple(sorted(rule.needs)),
        uses=tuple(sorted(rule.uses)),
        is_safety=rule.is_safety,
    )


def _categories_of(field_name: str) -> tuple[Category, ...]:
    found = {rule.category for rule in RULES.values() if field_name in rule.needs | rule.uses}
    return tuple(category for category in Category if category in found)
