"""Rules applied: each outcome is a value, its limits, a colour and a score."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rmos.design.cutting import Target
from rmos.design.units import nine_digits
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Direction, RiskLevel
from rmos.feasibility.rules.rule import Finding, RingPlace, Rule
from rmos.feasibility.scoring import classified, scored


class Outcome(NamedTuple):
    """One rule applied once; numbers are rounded to 9 significant digits before they were classified."""

    rule: Rule
    finding: Finding
    score: float
    risk: RiskLevel
    ring_index: int | None


@dataclass(slots=True)
class Applied:
    """The outcomes of one category's rules, and what was missing where one could not be applied."""

    outcomes: list[Outcome] = field(default_factory=list)
    missing: set[tuple[str, int | None]] = field(default_factory=set)
    """Names of fields, with the ring they are of."""
    withheld: list[Rule] = field(default_factory=list)
    """Rules that could not be applied."""


def places_of(facts: CutFacts) -> Sequence[RingPlace]:
    """Return the rings that a cut concerns: all for the channel they lie in, its own for a RING or BLANK."""
    design, index = facts.design, facts.cut.ring_index
    if facts.cut.target is Target.SOUNDHOLE:
        return ()
    indices = range(len(design.rings)) if index is None else (index,)
    return [RingPlace(i, design.rings[i], design.inner_radius_mm(i)) for i in indices]


def applied(rules: Sequence[Rule], facts: CutFacts, places: Sequence[RingPlace]) -> Applied:
    """Apply `rules` to a cut and its rings."""
    result = Applied()
    for rule in rules:
        if rule.applies is not None and not rule.applies(facts):
            continue
        if rule.check is not None:
            lacking = rule.needs & facts.missing
            if lacking:
                _withhold(result, rule, ((name, facts.cut.ring_index) for name in lacking))
                continue
            finding = rule.check(facts)
            if finding is not None:
                result.outcomes.append(outcome(rule, finding, None))
        else:
            _apply_to_rings(rule, facts, places, result)
    return result


def outcome(rule: Rule, finding: Finding, ring_index: int | None) -> Outcome:
    """Return the colour and score of a finding."""
    value, green, yellow = nine_digits(finding.value), nine_digits(finding.green), nine_digits(finding.yellow)
    risk = classified(value, green, yellow, rule.direction)
    score = scored(value, green, yellow, rule.direction)
    return Outcome(rule, Finding(value, green, yellow, finding.figures, finding.pass_index), score, risk, ring_index)


def _apply_to_rings(rule: Rule, facts: CutFacts, places: Sequence[RingPlace], result: Applied) -> None:
    if rule.ring_check is None or rule.ring_applies is None:
        return
    for place in places:
        if not rule.ring_applies(facts, place.ring):
            continue
        lacking = set(_lacking(rule, facts, place))
        if lacking:
            _withhold(result, rule, lacking)
            continue
        finding = rule.ring_check(facts, place)
        if finding is not None:
            result.outcomes.append(outcome(rule, finding, place.index))


def _lacking(rule: Rule, facts: CutFacts, place: RingPlace) -> Iterator[tuple[str, int | None]]:
    for name in rule.needs:
        owner, _, attribute = name.partition(".")
        is_missing = getattr(place.ring, attribute) is None if owner == "ring" else name in facts.missing
        if is_missing:
            yield name, place.index


def _withhold(
    result: Applied, rule: Rule, lacking: Iterator[tuple[str, int | None]] | set[tuple[str, int | None]]
) -> None:
    result.missing.update(lacking)
    result.withheld.append(rule)


def margin_pct(value: float, green: float, direction: Direction) -> float | None:
    """Return the room to the GREEN limit in percent of it, negative beyond; None when the limit is 0."""
    if green == 0:
        return None
    room = green - value if direction is Direction.MAX else value - green
    return round(100 * room / green, 1)
