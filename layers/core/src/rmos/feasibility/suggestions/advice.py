"""Suggestions for a whole request: the smallest changes that make it better, each one judged in full before it is told.

They follow from the request and the library's tools, and are no part of the verdict: a result and its hash are the same
with and without them, and a run keeps the result only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rmos.design.cutting import MAX_CUTS
from rmos.design.library import BuiltInLibrary, ToolLibrary
from rmos.feasibility.engine import FeasibilityEngine
from rmos.feasibility.evaluation import judged
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Category, CutTime, Judgement, RiskLevel, RuledOut, Suggestion
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.resolution import Resolved, resolve
from rmos.feasibility.suggestions.bench import Bench, Budget
from rmos.feasibility.suggestions.patches import operations, patched_cut
from rmos.feasibility.suggestions.plans import Plan, plans
from rmos.feasibility.suggestions.remedies import Remedies, remedies
from rmos.feasibility.suggestions.ruled_out import ruled_out
from rmos.feasibility.suggestions.search import Fix
from rmos.feasibility.suggestions.setups import Setup
from rmos.feasibility.suggestions.tradeoffs import summary, total_time, trade_off
from rmos.feasibility.suggestions.twins import for_twin, groups_of_twins

MOST_SUGGESTIONS = 5
_TRIALS = 7 * MAX_CUTS
"""How many setups of single cuts may be tried: enough in a full request for a trial beside each setting of each cut.

With the judgements below it bounds the time, whatever is asked.
"""
_FULL_JUDGEMENTS = 18
"""How many cuts may be judged again to verify offers: each offer judges the whole request."""
_BUILT_IN = BuiltInLibrary()


@dataclass(frozen=True, slots=True)
class Advice:
    """What to change, nearest first, and what no change of a setting gets around."""

    suggestions: tuple[Suggestion, ...]
    ruled_out: tuple[RuledOut, ...]


NO_ADVICE = Advice((), ())


@dataclass(frozen=True, slots=True)
class _Offer:
    """A plan and what it was found to be worth."""

    plan: Plan
    suggestion: Suggestion

    def is_simpler_than(self, other: "_Offer") -> bool:
        """Whether this takes fewer other tools and gives no less: then nobody would fetch the tool."""
        return (
            self.plan.other_tools < other.plan.other_tools
            and self.suggestion.overall_score >= other.suggestion.overall_score
            and _is_no_slower(self.suggestion.cut_time_s, other.suggestion.cut_time_s)
        )


def advise(
    request: FeasibilityInput,
    registry: EngineRegistry,
    engine_id: str,
    library: ToolLibrary = _BUILT_IN,
    found: Judgement | None = None,
) -> Advice:
    """Return the nearest changes that make `request` better, GREEN wherever that can be reached.

    Where an input keeps the whole from a better colour, what mends a category and spoils none is offered all the
    same. Nearest is the smallest sum of relative changes (|ln(new / old)| of each setting); one setting goes before
    two, two before more, and another tool comes after all. GREEN requests get no advice. `found` is what this
    engine has found of `request`; it is judged here when that is not told.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing.
    """
    engine = registry.get(engine_id)
    resolved = resolve(request, library)
    verdict = judged(engine, resolved) if found is None else found
    if verdict.risk_level is RiskLevel.GREEN:
        return NO_ADVICE
    return _Adviser(engine, library, resolved, verdict).advice()


class _Adviser:
    """One request with its verdict, and what was found for each of its cuts."""

    def __init__(self, engine: FeasibilityEngine, library: ToolLibrary, resolved: Resolved, verdict: Judgement) -> None:
        self._engine, self._library = engine, library
        self._resolved, self._verdict = resolved, verdict
        poor = [cut.index for cut in verdict.cuts if cut.risk_level is not RiskLevel.GREEN]
        self._benches = {index: Bench(engine, resolved, index) for index in poor}
        self._remedies = sorted(self._searched(groups_of_twins(resolved, verdict, poor)), key=lambda each: each.index)

    def _searched(self, groups: Sequence[Sequence[int]]) -> Iterator[Remedies]:
        """Yield the remedies of each cut; one search serves cuts that are the same, and each search has its share."""
        budget = Budget(_TRIALS)
        for i, (first, *twins) in enumerate(groups):
            share = budget.share(len(groups) - i)
            found = remedies(self._benches[first], share, self._resolved, self._verdict, self._library)
            yield found
            for twin in twins:
                yield for_twin(found, twin, self._resolved)

    def advice(self) -> Advice:
        offered = [_Offer(plan, each) for plan in self._plans() if (each := self._suggested(plan)) is not None]
        best = min((each.suggestion.risk_level for each in offered), key=_severity, default=RiskLevel.RED)
        good = [each for each in offered if each.suggestion.risk_level is best]
        kept = tuple(each.suggestion for each in good if not any(other.is_simpler_than(each) for other in good))
        return Advice(kept, () if best is RiskLevel.GREEN else ruled_out(self._resolved, self._verdict, self._remedies))

    def _plans(self) -> list[Plan]:
        """Return the ways to mend all cuts, as many as may be verified."""
        mended = [each for each in self._remedies if each.fixes]
        return (
            []
            if not mended
            else plans(mended)[: max(1, min(MOST_SUGGESTIONS, _FULL_JUDGEMENTS // len(self._verdict.cuts)))]
        )

    def _suggested(self, plan: Plan) -> Suggestion | None:
        """Return `plan` as a suggestion if the whole request, judged with it, is better than before."""
        context = self._resolved.request.context
        cuts = list(context.cuts)
        for index, fix in plan.fixes:
            cuts[index] = patched_cut(fix.setup)
        changed = self._resolved.request.model_copy(
            update={"context": context.model_copy(update={"cuts": tuple(cuts)})}
        )
        verdict = judged(self._engine, resolve(changed, self._library))
        if not _is_better(verdict, self._verdict):
            return None
        pairs = [(index, before, fix.setup) for index, before, fix in self._turned(plan)]
        return Suggestion(
            changes=tuple(
                operation
                for index, before, after in pairs
                for operation in operations(index, context.cuts[index], before, after)
            ),
            cut_time_s=total_time(verdict.cuts),
            overall_score=verdict.overall_score,
            risk_level=verdict.risk_level,
            summary=summary(self._verdict.cuts, pairs, context.display_units),
            trade_off=trade_off(self._verdict, verdict, pairs, context.display_units),
        )

    def _turned(self, plan: Plan) -> Iterator[tuple[int, Setup, Fix]]:
        for index, fix in plan.fixes:
            before = self._benches[index].setup
            if before is not None:
                yield index, before, fix


def _is_better(verdict: Judgement, before: Judgement) -> bool:
    """Whether the whole may be cut now, or one category has a better colour and none a worse one."""
    if _severity(verdict.risk_level) > _severity(before.risk_level):
        return False
    if verdict.risk_level.is_feasible and verdict.risk_level is not before.risk_level:
        return True
    old, new = _severities(before), _severities(verdict)
    is_no_worse = old.keys() == new.keys() and all(new[key] <= severity for key, severity in old.items())
    return is_no_worse and old != new and verdict.overall_score >= before.overall_score


def _severities(verdict: Judgement) -> dict[tuple[int, Category], int]:
    return {(cut.index, each.category): each.risk_level.severity for cut in verdict.cuts for each in cut.assessments}


def _is_no_slower(time: CutTime | None, other: CutTime | None) -> bool:
    return time is not None and other is not None and time.high <= other.high


def _severity(level: RiskLevel) -> int:
    return level.severity
