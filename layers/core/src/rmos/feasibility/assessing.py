"""From a category's outcomes to its assessment: the rule that binds, why, and what is behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rmos.design.units import DisplayUnits, nine_digits
from rmos.feasibility.assembly import DEPTH, ESTIMATED_FORCE, LAW, SAW_MAX_RPM, Assembled
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Assessment, Category, Check, Details, Direction, Limit, RiskLevel
from rmos.feasibility.outcomes import Applied, Outcome, margin_pct
from rmos.feasibility.rules.rule import Rule
from rmos.feasibility.scoring import held
from rmos.feasibility.words import listed, sentence

_RUNOUT_SHARE = 0.3
_RUNOUT_DOUBT = 0.6


@dataclass(frozen=True, slots=True)
class Judged:
    """An assessment with what a whole evaluation needs of it."""

    assessment: Assessment
    binding: Outcome | None
    used_defaults: frozenset[str]
    missing: frozenset[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Which defaults the sender has confirmed for this cut, and in which units the answer is to be written."""

    confirmed: frozenset[str]
    units: DisplayUnits


def assess(category: Category, applied: Applied, assembled: Assembled, reader: Reader) -> Judged:
    """Return what stands of one category of one cut."""
    facts = assembled.facts
    used = facts.assumed.intersection(name for each in applied.outcomes for name in each.rule.needs)
    missing = frozenset(_named(name, ring_index, assembled) for name, ring_index in applied.missing)
    unconfirmed = used - reader.confirmed
    binding = min(applied.outcomes, key=_order, default=None)
    risk = _risk(binding, applied, unconfirmed)
    notable = _notable(applied, binding)
    why = " ".join(_sentences(binding, missing, unconfirmed, risk, facts, reader.units))
    details = _details(applied, binding, notable, missing, used, facts)
    confidence = min((_confidence(rule, facts) for rule in notable), default=0.0)
    sources = tuple(dict.fromkeys(source for rule in notable for source in rule.sources))
    rule_ids = tuple(rule.rule_id for rule in notable)
    if binding is None:
        assessment = Assessment.model_construct(
            category=category,
            rule_ids=rule_ids,
            value=None,
            unit=applied.withheld[0].unit,
            limit_green=None,
            limit_yellow=None,
            direction=applied.withheld[0].direction,
            margin_pct=None,
            score=0.0,
            risk_level=risk,
            why=why,
            sources=sources,
            confidence=confidence,
            details=details,
        )
        return Judged(assessment, None, used, missing)
    finding, rule = binding.finding, binding.rule
    limit_green, limit_yellow, direction = _limits(binding, applied.outcomes)
    assessment = Assessment.model_construct(
        category=category,
        rule_ids=rule_ids,
        value=finding.value,
        unit=rule.unit,
        limit_green=limit_green,
        limit_yellow=limit_yellow,
        direction=direction,
        margin_pct=margin_pct(finding.value, finding.green, rule.direction),
        score=0.0 if risk is RiskLevel.UNKNOWN else held(binding.score, risk),
        risk_level=risk,
        why=why,
        sources=sources,
        confidence=confidence,
        details=details,
    )
    return Judged(assessment, binding, used, missing)


def _order(outcome: Outcome) -> tuple[int, float]:
    return -outcome.risk.severity, outcome.score


def _named(name: str, ring_index: int | None, assembled: Assembled) -> tuple[str, int | None]:
    if name == DEPTH:
        return assembled.depth_field, ring_index
    if name == SAW_MAX_RPM:
        return "tool.max_rpm", ring_index
    return name, ring_index


def _risk(binding: Outcome | None, applied: Applied, unconfirmed: frozenset[str]) -> RiskLevel:
    risk = RiskLevel.UNKNOWN if binding is None else binding.risk
    if applied.missing and risk is not RiskLevel.RED:
        return RiskLevel.UNKNOWN
    if unconfirmed and risk is RiskLevel.GREEN:
        return RiskLevel.YELLOW
    return risk


def _notable(applied: Applied, binding: Outcome | None) -> tuple[Rule, ...]:
    """Return the rules behind the colour, the binding one first: those not GREEN and those not applicable."""
    first = [] if binding is None else [binding.rule]
    others = [each.rule for each in applied.outcomes if each.risk is not RiskLevel.GREEN]
    return tuple({rule.rule_id: rule for rule in (*first, *others, *applied.withheld)}.values())


def _limits(binding: Outcome, outcomes: Sequence[Outcome]) -> tuple[Limit, Limit, Direction]:
    """Return the limits of the binding rule, joined with those of the rule at the other end of its band."""
    rule, finding = binding.rule, binding.finding
    other = next((each.finding for each in outcomes if each.rule.rule_id == rule.pairs_with), None)
    if other is None:
        return finding.green, finding.yellow, rule.direction
    low, high = (finding, other) if rule.direction is Direction.MIN else (other, finding)
    return (low.green, high.green), (low.yellow, high.yellow), Direction.BAND


def _sentences(  # noqa: PLR0913  # each says one thing
    binding: Outcome | None,
    missing: frozenset[tuple[str, int | None]],
    unconfirmed: frozenset[str],
    risk: RiskLevel,
    facts: CutFacts,
    units: DisplayUnits,
) -> Iterable[str]:
    if binding is not None:
        figures = {
            **binding.finding.figures,
            "value": binding.finding.value,
            "green": binding.finding.green,
            "yellow": binding.finding.yellow,
        }
        yield sentence(binding.rule.parts, figures, units)
    lacking = sorted({name for name, _ in missing if name != LAW})
    if lacking:
        yield f"It cannot be judged without {listed(lacking)}."
    if any(name == LAW for name, _ in missing) and facts.material_class is not None:
        yield f"There is no cutting law for {facts.material_class}, so this is not known."
    if unconfirmed and risk is RiskLevel.YELLOW:
        assumed = sorted(unconfirmed - {ESTIMATED_FORCE})
        if assumed:
            yield f"YELLOW at best while {listed(assumed)} {'is' if len(assumed) == 1 else 'are'} assumed."
        if ESTIMATED_FORCE in unconfirmed:
            yield "No force in shell is published; with an estimate this is YELLOW at best."


def _confidence(rule: Rule, facts: CutFacts) -> float:
    """Return the rule's confidence, lowered by the material's and by a runout that the chip drowns in."""
    confidence = rule.confidence
    if LAW in rule.needs:
        confidence = min(confidence, facts.material_confidence)
    if rule.pairs_with is not None and not facts.is_saw and facts.runout > _RUNOUT_SHARE * facts.feed_per_tooth:
        confidence = round(confidence * _RUNOUT_DOUBT, 2)
    return confidence


def _details(  # noqa: PLR0913  # the parts of one record
    applied: Applied,
    binding: Outcome | None,
    notable: Sequence[Rule],
    missing: frozenset[tuple[str, int | None]],
    used: frozenset[str],
    facts: CutFacts,
) -> Details:
    figures = {} if binding is None else _rounded(binding)
    if binding is not None and binding.rule.pairs_with is not None and not facts.is_saw:
        figures["runout"] = facts.runout
        figures["feed_that_drowns_runout"] = nine_digits(facts.runout / _RUNOUT_SHARE * facts.rpm * facts.teeth)
    wants_cure = [rule for rule in notable if binding is None or rule is not binding.rule or binding.risk.severity > 0]
    return Details.model_construct(
        checks=tuple(_check(each) for each in applied.outcomes),
        figures=figures,
        missing=tuple(sorted({name for name, _ in missing})),
        assumed=tuple(sorted(used)),
        hints=tuple(dict.fromkeys(rule.hint for rule in wants_cure if rule not in applied.withheld)),
    )


def _rounded(binding: Outcome) -> dict[str, float | str]:
    return {
        name: value if isinstance(value, str) else nine_digits(value) for name, value in binding.finding.figures.items()
    }


def _check(outcome: Outcome) -> Check:
    finding, rule = outcome.finding, outcome.rule
    return Check.model_construct(
        rule_id=rule.rule_id,
        value=finding.value,
        unit=rule.unit,
        limit_green=finding.green,
        limit_yellow=finding.yellow,
        direction=rule.direction,
        score=outcome.score,
        risk_level=outcome.risk,
        ring_index=outcome.ring_index,
        pass_index=finding.pass_index,
    )
