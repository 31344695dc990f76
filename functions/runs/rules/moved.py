"""Which rules moved between two runs, and by how much."""

from typing import Final, TypeAlias

from pydantic import JsonValue
from rmos.runs.models import JsonObject, RunArtifact

from runs.models import RuleMoved, Standing

_RISKS: Final = ("GREEN", "YELLOW", "UNKNOWN", "RED", "ERROR")
_LIMITS: Final = ("limit_green", "limit_yellow")
_Place: TypeAlias = tuple[int | None, str]


def named(items: JsonValue, field: str) -> dict[str, JsonObject]:
    """Return the objects of a list under the value of their `field`, numbered where that stands more than once."""
    found: dict[str, JsonObject] = {}
    seen: dict[str, int] = {}
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            name = str(item.get(field))
            seen[name] = seen.get(name, 0) + 1
            found[name if seen[name] == 1 else f"{name} {seen[name]}"] = item
    return found


def rules_moved(a: RunArtifact, b: RunArtifact) -> tuple[RuleMoved, ...]:
    """Return the rules whose verdict differs, or whose limits do where another engine or ruleset judged.

    The material yield, which is of no cut, counts as one. A rule that stands on one side only (a cut more) moved unless
    it is GREEN there. The gravest come first.
    """
    assessed_a, assessed_b = _assessed(a), _assessed(b)
    moved = [
        (place, assessed_a.get(place), assessed_b.get(place))
        for place in assessed_a | assessed_b
        if _risk(assessed_a.get(place)) != _risk(assessed_b.get(place))
        or (_judge(a) != _judge(b) and _limits(assessed_a.get(place)) != _limits(assessed_b.get(place)))
    ]
    moved.sort(key=lambda each: (-max(_rank(each[1]), _rank(each[2])), each[0][0] is None, each[0]))
    return tuple(
        RuleMoved(
            cut=place[0],
            cut_name=_cut_name(b, place[0]) or _cut_name(a, place[0]),
            category=place[1],
            rule_ids=_rule_ids(in_b or in_a or {}),
            a=_standing(in_a),
            b=_standing(in_b),
        )
        for place, in_a, in_b in moved
    )


def _assessed(run: RunArtifact) -> dict[_Place, JsonObject]:
    found: dict[_Place, JsonObject] = {
        (index, name): assessment
        for index, cut in enumerate(_cuts(run))
        if isinstance(cut, dict)
        for name, assessment in named(cut.get("assessments"), "category").items()
    }
    material_yield = run.feasibility.get("yield")
    if isinstance(material_yield, dict):
        found[None, str(material_yield.get("category"))] = material_yield
    return found


def _cuts(run: RunArtifact) -> list[JsonValue]:
    cuts = run.feasibility.get("cuts")
    return cuts if isinstance(cuts, list) else []


def _cut_name(run: RunArtifact, index: int | None) -> str | None:
    cut = None if index is None else dict(enumerate(_cuts(run))).get(index)
    name = cut.get("name") if isinstance(cut, dict) else None
    return name if isinstance(name, str) else None


def _judge(run: RunArtifact) -> tuple[str | None, ...]:
    return run.engine_id, run.engine_version, run.ruleset_version


def _risk(assessment: JsonObject | None) -> JsonValue:
    return assessment.get("risk_level") if assessment is not None else "GREEN"


def _rank(assessment: JsonObject | None) -> int:
    risk = _risk(assessment)
    return _RISKS.index(risk) if isinstance(risk, str) and risk in _RISKS else 0


def _limits(assessment: JsonObject | None) -> list[JsonValue] | None:
    return [assessment.get(limit) for limit in _LIMITS] if assessment is not None else None


def _standing(assessment: JsonObject | None) -> Standing | None:
    return Standing.model_validate(assessment) if assessment is not None else None


def _rule_ids(assessment: JsonObject) -> tuple[str, ...]:
    rule_ids = assessment.get("rule_ids")
    return tuple(str(rule_id) for rule_id in rule_ids) if isinstance(rule_ids, list) else ()
