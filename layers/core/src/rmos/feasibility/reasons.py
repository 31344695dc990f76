"""Why a verdict is as it is, in sentences: what is worst first, what is only assumed once."""

from collections.abc import Iterator, Sequence

from rmos.design.numbering import cut_name
from rmos.feasibility.assembly import ESTIMATED_FORCE
from rmos.feasibility.assessing import Judged, JudgedCut
from rmos.feasibility.fields import labelled
from rmos.feasibility.models import Assessment, CutResult, RiskLevel, Yield
from rmos.feasibility.words import listed


def urgency(assessment: Assessment | Yield) -> tuple[int, float]:
    """Order assessments by what is to be looked at first."""
    return -assessment.risk_level.severity, assessment.score


def reasons(cuts: Sequence[JudgedCut], supply: Yield, risk: RiskLevel) -> Iterator[str]:
    """Yield a sentence for each category that is not GREEN, the worst first; what is GREEN says how near it is."""
    notable = [
        (cut.result, each.assessment)
        for cut in cuts
        for each in cut.judged
        if each.assessment.risk_level is not RiskLevel.GREEN and not _is_only_held(each)
    ]
    notable.sort(key=lambda pair: urgency(pair[1]))
    for result, assessment in notable:
        yield said_of(result, assessment, _because(assessment))
    if risk is not RiskLevel.GREEN:
        yield from _held_by_assumptions(cuts)
    else:
        result, tightest = min(
            ((cut.result, each.assessment) for cut in cuts for each in cut.judged), key=lambda pair: pair[1].score
        )
        yield (
            f"Every category of every cut is GREEN. Nearest to its limit: {tightest.category} of {title_of(result)}. "
            + (tightest.why)
        )
    if supply.risk_level is not RiskLevel.GREEN:
        yield _said_of_supply(supply)


def why_blocked(cuts: Sequence[CutResult], supply: Yield | None) -> Iterator[str]:
    """Yield the sentence of `reasons` for each category that blocks, the worst first."""
    blocking = [(cut, each) for cut in cuts for each in cut.assessments if not each.risk_level.is_feasible]
    blocking.sort(key=lambda pair: urgency(pair[1]))
    for cut, assessment in blocking:
        yield said_of(cut, assessment, _because(assessment))
    if supply is not None and supply.decides and not supply.risk_level.is_feasible:
        yield _said_of_supply(supply)


def said_of(result: CutResult, assessment: Assessment, text: str) -> str:
    """Return `text` after the cut, the category and its colour: "channel: heat is YELLOW. …"."""
    return f"{title_of(result)}: {assessment.category} is {assessment.risk_level}. {text}"


def _said_of_supply(supply: Yield) -> str:
    aside = "" if supply.decides else ", a matter of cost that blocks nothing"
    return f"material is {supply.risk_level}{aside}. {_because(supply)}"


def _is_only_held(judged: Judged) -> bool:
    """Whether a category keeps its GREEN limits and is YELLOW for what is assumed and could be told."""
    return (
        judged.assessment.risk_level is RiskLevel.YELLOW
        and judged.binding is not None
        and judged.binding.check.risk_level is RiskLevel.GREEN
        and ESTIMATED_FORCE not in judged.used_defaults
    )


def _held_by_assumptions(cuts: Sequence[JudgedCut]) -> Iterator[str]:
    """Yield one sentence for all categories that only assumptions hold back, in the cuts where these are the same."""
    titles: dict[tuple[str, str], list[str]] = {}
    for cut in cuts:
        held_ones = [each for each in cut.judged if _is_only_held(each)]
        if held_ones:
            assumed = sorted(frozenset().union(*(each.used_defaults for each in held_ones)) - cut.confirmed)
            categories = listed([each.assessment.category.value for each in held_ones])
            said = f"{categories} {'is' if len(held_ones) == 1 else 'are'} YELLOW"
            names = listed([labelled(name) for name in assumed])
            titles.setdefault((said, names), []).append(title_of(cut.result))
    for (said, names), found in titles.items():
        yield f"{listed(found)}: {said} only while this is assumed: {names}. Tell it, or confirm the default."


def title_of(result: CutResult) -> str:
    """Return what sentences call a cut: its name, or "cut 1"."""
    return result.name or cut_name(result.index)


def _because(assessment: Assessment | Yield) -> str:
    cure = f" To do: {'; and '.join(assessment.details.hints)}." if assessment.details.hints else ""
    return f"{assessment.why}{cure}"
