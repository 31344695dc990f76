"""Which rules a person may acknowledge: those that say "careful" in this very verdict, and no other."""

from collections.abc import Iterator, Sequence

from rmos.errors import FieldProblem, Invalid
from rmos.feasibility.models import Assessment, Feasibility, RiskLevel, Yield


class NotAcknowledgeable(Invalid):
    slug = "not-acknowledgeable"
    title = "Nothing to acknowledge"


def acknowledged(given: Sequence[str], feasibility: Feasibility) -> tuple[str, ...]:
    """Return `given`, each once, when every one of them is YELLOW in this verdict.

    A rule that blocks cannot be acknowledged away, and one that found nothing has nothing to acknowledge. A failed
    engine found no rule at all: its run is an ERROR whatever was acknowledged, so that nothing is kept of it.

    Raises:
        NotAcknowledgeable: with a pointer to each id that is not YELLOW here.
    """
    if feasibility.risk_level is RiskLevel.ERROR:
        return ()
    levels = _levels_of_rules(feasibility)
    problems = [
        FieldProblem(f"/acknowledged_rule_ids/{index}", _why_not(rule_id, levels.get(rule_id)))
        for index, rule_id in enumerate(given)
        if levels.get(rule_id) is not RiskLevel.YELLOW
    ]
    if problems:
        raise NotAcknowledgeable("only what is YELLOW in this verdict can be acknowledged", problems=problems)
    return tuple(dict.fromkeys(given))


def still_acknowledged(earlier: Sequence[str], feasibility: Feasibility) -> tuple[str, ...]:
    """Return what was acknowledged of an earlier verdict and is YELLOW in this one too."""
    levels = _levels_of_rules(feasibility)
    return tuple(rule_id for rule_id in earlier if levels.get(rule_id) is RiskLevel.YELLOW)


def _levels_of_rules(feasibility: Feasibility) -> dict[str, RiskLevel]:
    """Return every rule that was applied, or could not be, with the worst that it found."""
    worst: dict[str, RiskLevel] = {}
    for rule_id, level in _findings(feasibility):
        known = worst.get(rule_id)
        if known is None or level.severity > known.severity:
            worst[rule_id] = level
    return worst


def _findings(feasibility: Feasibility) -> Iterator[tuple[str, RiskLevel]]:
    assessed: list[Assessment | Yield] = [each for cut in feasibility.cuts for each in cut.assessments]
    if feasibility.material_yield is not None:
        assessed.append(feasibility.material_yield)
    for each in assessed:
        checked = {check.rule_id for check in each.details.checks}
        yield from ((check.rule_id, check.risk_level) for check in each.details.checks)
        # YELLOW with all its checks GREEN: it rests on a default that is not confirmed. Unchecked: an input is missing.
        yield from (
            (rule_id, each.risk_level)
            for rule_id in each.rule_ids
            if each.risk_level is RiskLevel.YELLOW or rule_id not in checked
        )


def _why_not(rule_id: str, level: RiskLevel | None) -> str:
    if level is None:
        return f"{rule_id!r} is no rule of this verdict; GET /api/rmos/feasibility/rules lists the rules"
    if level is RiskLevel.GREEN:
        return f"{rule_id} is GREEN here: there is nothing to acknowledge"
    return f"{rule_id} is {level} here, which cannot be acknowledged away: change the cut"
