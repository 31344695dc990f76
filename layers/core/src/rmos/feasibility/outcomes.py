"""Rules applied: each outcome is a value, its limits, a colour and a score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rmos.design.cutting import Target
from rmos.design.units import int_if_whole, often_plain_number, plain_number
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Check, Direction
from rmos.feasibility.rules.rule import Figures, Finding, RingPlace, Rule
from rmos.feasibility.scoring import GREEN_SCORE, judged


@dataclass(slots=True)
class Outcome:
    """One rule applied once, and the figures for its sentence."""

    rule: Rule
    check: Check
    figures: Figures


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
    radii = design.inner_radii_mm()
    indices = range(len(radii)) if index is None else (index,)
    return [RingPlace(i, design.rings[i], radii[i]) for i in indices]


def applied(rules: Sequence[Rule], facts: CutFacts) -> Applied:
    """Apply `rules` to a cut and its rings."""
    result = Applied()
    missing = facts.missing
    places: Sequence[RingPlace] | None = None
    for rule in rules:
        if rule.check is None:
            places = places_of(facts) if places is None else places
            _apply_to_rings(rule, facts, places, result)
        elif rule.applies is not None and not rule.applies(facts):
            continue
        elif missing and not rule.needs.isdisjoint(missing):
            ring_index = facts.cut.ring_index
            _withhold(result, rule, [(name, ring_index) for name in rule.needs & missing])
        else:
            finding = rule.check(facts)
            if finding is not None:
                result.outcomes.append(outcome(rule, finding, None))
    return result


def outcome(rule: Rule, finding: Finding, ring_index: int | None) -> Outcome:
    """Return the colour and score of a finding; its numbers are rounded to 9 digits before."""
    value, direction = plain_number(finding.value), rule.direction
    green, yellow = often_plain_number(finding.green), often_plain_number(finding.yellow)
    risk, score = judged(value, green, yellow, direction)
    check = Check(direction, green, yellow, finding.pass_index, ring_index, risk, rule.rule_id, score, rule.unit, value)
    return Outcome(rule, check, finding.figures)


def _apply_to_rings(rule: Rule, facts: CutFacts, places: Sequence[RingPlace], result: Applied) -> None:
    """Apply `rule` to each ring and keep what is not GREEN, or else the ring nearest to a limit."""
    if rule.ring_check is None or rule.ring_applies is None:
        return
    found: list[Outcome] = []
    for place in places:
        if not rule.ring_applies(facts, place.ring):
            continue
        lacking = _lacking(rule, facts, place)
        if lacking:
            _withhold(result, rule, lacking)
            continue
        finding = rule.ring_check(facts, place)
        if finding is not None:
            found.append(outcome(rule, finding, place.index))
    if found:
        notable = [each for each in found if each.check.score < GREEN_SCORE]
        result.outcomes.extend(notable or [_least(found)])


def nearest(outcomes: Sequence[Outcome]) -> Outcome | None:
    """Return the outcome that stands nearest to its limit or is furthest beyond, or None when there is none."""
    return _least(outcomes) if outcomes else None


def _least(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the first with the least score, which orders by colour too: each colour has its own range."""
    scores = [each.check.score for each in outcomes]
    return outcomes[scores.index(min(scores))]


def shown_figures(figures: Figures) -> dict[str, float | str]:
    """Return figures as a result shows them: plain numbers in the order of their names, words as they are."""
    return {name: value if isinstance(value, str) else plain_number(value) for name, value in sorted(figures.items())}


def _lacking(rule: Rule, facts: CutFacts, place: RingPlace) -> list[tuple[str, int | None]]:
    if not (rule.ring_attributes or facts.missing):
        return []
    ring, index = place.ring, place.index
    found: list[tuple[str, int | None]] = [
        (f"ring.{name}", index) for name in rule.ring_attributes if getattr(ring, name) is None
    ]
    if not rule.needs.isdisjoint(facts.missing):
        found += [(name, index) for name in rule.needs & facts.missing]
    return found


def _withhold(result: Applied, rule: Rule, lacking: Iterable[tuple[str, int | None]]) -> None:
    result.missing.update(lacking)
    result.withheld.append(rule)


def margin_pct(check: Check) -> float | None:
    """Return the room to the GREEN limit in percent of it, negative beyond; None when the limit is 0."""
    green = check.limit_green
    if green == 0:
        return None
    room = green - check.value if check.direction is Direction.MAX else check.value - green
    return int_if_whole(round(100 * room / green, 1))
