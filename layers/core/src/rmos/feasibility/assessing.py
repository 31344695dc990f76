"""From a category's outcomes to its assessment: the rule that binds, why, and what is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rmos.design.numbering import ring_name
from rmos.design.units import DisplayUnits, nine_digits
from rmos.feasibility.assembly import DEPTH, ESTIMATED_FORCE, LAW, Assembled
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.fields import labelled
from rmos.feasibility.laws import ESTIMATED, without_law
from rmos.feasibility.models import Assessment, Category, Check, CutResult, Details, Direction, Limit, RiskLevel
from rmos.feasibility.outcomes import Applied, Outcome, margin_pct, nearest, shown_figures
from rmos.feasibility.rules.rule import Figures, Rule
from rmos.feasibility.scoring import GREEN_SCORE, held
from rmos.feasibility.words import listed

_RUNOUT_SHARE = 0.3
_RUNOUT_DOUBT = 0.6
_MATERIAL = "material.class"


@dataclass(slots=True)
class Reader:
    """Which defaults the sender has confirmed for this cut, and in which units the answer is to be written."""

    confirmed: frozenset[str]
    units: DisplayUnits


@dataclass(slots=True)
class Judged:
    """An assessment with what a whole evaluation needs of it; `missing` are names of fields with their ring."""

    assessment: Assessment
    binding: Outcome | None
    used_defaults: frozenset[str]
    missing: frozenset[tuple[str, int | None]]


@dataclass(slots=True)
class JudgedCut:
    """A cut's result with the assessments behind it, and which of its defaults are confirmed."""

    result: CutResult
    assembled: Assembled
    judged: tuple[Judged, ...]
    confirmed: frozenset[str]


def assess(category: Category, applied: Applied, assembled: Assembled, reader: Reader) -> Judged:
    """Return what stands of one category of one cut."""
    facts, outcomes = assembled.facts, applied.outcomes
    used = _used(applied, facts)
    missing = _missing(applied, assembled)
    binding = nearest(outcomes)
    unconfirmed = used - reader.confirmed if used else _NOTHING
    risk = _risk(binding, applied, unconfirmed)
    notable = _notable(applied, binding)
    first, check = notable[0], None if binding is None else binding.check
    limit_green, limit_yellow, direction = _limits(binding, applied, first)
    assessment = Assessment(
        category=category,
        confidence=min([_confidence(rule, facts) for rule in notable]),
        details=Details(
            assumed=tuple(sorted(used)) if used else (),
            checks=tuple([each.check for each in outcomes]),
            figures={} if binding is None else shown_figures(_figures(binding, facts)),
            hints=_hints(notable, applied, check),
            missing=tuple(sorted({name for name, _ in missing})) if missing else (),
        ),
        direction=direction,
        limit_green=limit_green,
        limit_yellow=limit_yellow,
        margin_pct=None if check is None else margin_pct(check),
        risk_level=risk,
        rule_ids=tuple([rule.rule_id for rule in notable]),
        score=_score(check, risk),
        sources=first.sources if len(notable) == 1 else _sources(notable),
        unit=first.unit,
        value=None if check is None else check.value,
        why=_why(binding, missing, unconfirmed if risk is RiskLevel.YELLOW else _NOTHING, facts, reader.units),
    )
    return Judged(assessment, binding, used, missing)


def _score(check: Check | None, risk: RiskLevel) -> float:
    if check is None or risk is RiskLevel.UNKNOWN:
        return 0
    return check.score if risk is check.risk_level else held(check.score, risk)


def _used(applied: Applied, facts: CutFacts) -> frozenset[str]:
    """Return the assumed values that a rule of this category needed."""
    if not facts.assumed:
        return _NOTHING
    return facts.assumed.intersection(name for each in applied.outcomes for name in each.rule.needs)


def _missing(applied: Applied, assembled: Assembled) -> frozenset[tuple[str, int | None]]:
    if not applied.missing:
        return _NONE_MISSING
    return frozenset([_named(name, ring_index, assembled) for name, ring_index in applied.missing])


def _named(name: str, ring_index: int | None, assembled: Assembled) -> tuple[str, int | None]:
    if name == DEPTH:
        return assembled.depth_field, ring_index
    if name == LAW and assembled.facts.material_class is None:
        return _MATERIAL, ring_index
    return name, ring_index


def _risk(binding: Outcome | None, applied: Applied, unconfirmed: frozenset[str]) -> RiskLevel:
    risk = RiskLevel.UNKNOWN if binding is None else binding.check.risk_level
    if applied.missing and risk is not RiskLevel.RED:
        return RiskLevel.UNKNOWN
    if unconfirmed and risk is RiskLevel.GREEN:
        return RiskLevel.YELLOW
    return risk


def _notable(applied: Applied, binding: Outcome | None) -> tuple[Rule, ...]:
    """Return the rules behind the colour, the binding one first: those not GREEN and those not applicable."""
    if binding is not None and binding.check.score >= GREEN_SCORE and not applied.withheld:
        return (binding.rule,)
    first = () if binding is None else (binding.rule,)
    others = [each.rule for each in applied.outcomes if each.check.score < GREEN_SCORE]
    return tuple({rule.rule_id: rule for rule in (*first, *others, *applied.withheld)}.values())


def _limits(binding: Outcome | None, applied: Applied, first: Rule) -> tuple[Limit, Limit, Direction]:
    """Return the limits of the binding rule, joined with those of the rule at the other end of its band."""
    if binding is None:
        return None, None, first.direction
    check = binding.check
    if first.pairs_with is not None:
        for each in applied.outcomes:
            if each.rule.rule_id == first.pairs_with:
                low, high = (check, each.check) if first.direction is Direction.MIN else (each.check, check)
                return (low.limit_green, high.limit_green), (low.limit_yellow, high.limit_yellow), Direction.BAND
    return check.limit_green, check.limit_yellow, first.direction


def _why(
    binding: Outcome | None,
    missing: frozenset[tuple[str, int | None]],
    unconfirmed: frozenset[str],
    facts: CutFacts,
    units: DisplayUnits,
) -> str:
    """Return the sentence of the limit that binds, what is missing, and which defaults (`unconfirmed`) hold it back."""
    sentences = [] if binding is None else [_placed(binding, units)]
    if missing:
        lacking = sorted({name for name, _ in missing if name != LAW})
        if lacking:
            what = "It" if binding is None else "The rest"
            sentences.append(f"{what} cannot be judged without: {listed([labelled(name) for name in lacking])}.")
        else:
            what = "this" if binding is None else "the rest"
            sentences.append(f"{without_law(facts.material_class, facts.cut.mode)}, so {what} is not known.")
    if unconfirmed:
        assumed = sorted(unconfirmed - {ESTIMATED_FORCE})
        if assumed:
            sentences.append(f"YELLOW at best while this is assumed: {listed([labelled(name) for name in assumed])}.")
        if ESTIMATED_FORCE in unconfirmed:
            sentences.append(ESTIMATED)
    return " ".join(sentences)


def _placed(outcome: Outcome, units: DisplayUnits) -> str:
    """Return the sentence of an outcome, with the ring that it is about."""
    sentence, ring_index = said(outcome, units), outcome.check.ring_index
    return sentence if ring_index is None else f"{ring_name(ring_index).capitalize()}: {sentence}"


def said(outcome: Outcome, units: DisplayUnits) -> str:
    """Return the sentence of an outcome, with its numbers."""
    check = outcome.check
    figures = dict(outcome.figures, value=check.value, green=check.limit_green, yellow=check.limit_yellow)
    return outcome.rule.template.said(figures, units)


def _confidence(rule: Rule, facts: CutFacts) -> float:
    """Return the rule's confidence, lowered by the material's and by a runout in which the chip drowns."""
    confidence = rule.confidence
    if LAW in rule.needs and facts.material_confidence < confidence:
        confidence = facts.material_confidence
    if _is_of_bit_chip(rule) and nine_digits(facts.runout) > nine_digits(_RUNOUT_SHARE * facts.feed_per_tooth):
        confidence = round(confidence * _RUNOUT_DOUBT, 2)
    return confidence


def _is_of_bit_chip(rule: Rule) -> bool:
    return rule.rule_id in {"CHIP_RUBBING", "CHIP_OVERLOAD"}


def _hints(notable: Sequence[Rule], applied: Applied, check: Check | None) -> tuple[str, ...]:
    """Return what helps against each limit that is passed."""
    passed = notable[1:] if check is not None and check.score >= GREEN_SCORE else notable
    if not passed:
        return ()
    return tuple(dict.fromkeys([rule.hint for rule in passed if rule not in applied.withheld]))


def _sources(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([source for rule in rules for source in rule.sources]))


def _figures(binding: Outcome, facts: CutFacts) -> Figures:
    if not _is_of_bit_chip(binding.rule):
        return binding.figures
    drowns = facts.runout / _RUNOUT_SHARE * facts.rpm * facts.teeth
    return {**binding.figures, "runout": facts.runout, "feed_that_drowns_runout": drowns}


_NOTHING: frozenset[str] = frozenset()
_NONE_MISSING: frozenset[tuple[str, int | None]] = frozenset()
