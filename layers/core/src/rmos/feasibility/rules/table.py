"""The one table of rules. What is not in it is never applied, and what is in it carries its text and its check."""

from collections.abc import Iterable, Mapping

from rmos.design.cutting import Mode
from rmos.feasibility.models import Category
from rmos.feasibility.rules import breakage, chipload, deflection, geometry, heat, power, rimspeed, rings, yields
from rmos.feasibility.rules.rule import Rule

RULESET_VERSION = "1.4.4"
"""Changes with any limit, law or reference value, and with a sentence: a result's hash covers it."""

WEIGHTS: Mapping[Category, float] = {
    Category.CHIPLOAD: 0.25,
    Category.HEAT: 0.20,
    Category.DEFLECTION: 0.20,
    Category.RIMSPEED: 0.15,
    Category.BOM_EFFICIENCY: 0.05,
    Category.POWER: 0.05,
    Category.BREAKAGE: 0.05,
    Category.GEOMETRY: 0.05,
}


def _table(rules: Iterable[Rule]) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.rule_id in found:
            raise ValueError(f"two rules have the id {rule.rule_id}")
        found[rule.rule_id] = rule
    return found


RULES: Mapping[str, Rule] = _table(
    (
        *chipload.RULES,
        *heat.RULES,
        *deflection.RULES,
        *rimspeed.RULES,
        *power.RULES,
        *breakage.RULES,
        *geometry.CUT_RULES,
        *rings.RING_RULES,
        *yields.RULES,
    )
)


def _by_category(mode: Mode) -> Mapping[Category, tuple[Rule, ...]]:
    return {
        category: tuple(rule for rule in RULES.values() if rule.category is category and mode in rule.modes)
        for category in Category
        if category is not Category.BOM_EFFICIENCY
    }


RULES_OF_MODE: Mapping[Mode, Mapping[Category, tuple[Rule, ...]]] = {mode: _by_category(mode) for mode in Mode}
READS_OF_MODE: Mapping[Mode, Mapping[Category, frozenset[str]]] = {
    mode: {
        category: frozenset().union(*(rule.needs | rule.uses for rule in rules)) for category, rules in table.items()
    }
    for mode, table in RULES_OF_MODE.items()
}
"""The fields that a category's rules read."""
