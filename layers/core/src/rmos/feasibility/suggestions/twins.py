"""Cuts that are the same in all but their names: what mends one of them mends the others."""

from collections.abc import Iterable
from dataclasses import replace

from rmos.feasibility.models import Judgement
from rmos.feasibility.resolution import Resolved
from rmos.feasibility.suggestions.remedies import Remedies


def groups_of_twins(resolved: Resolved, verdict: Judgement, indices: Iterable[int]) -> list[list[int]]:
    """Return the cuts with these indices, those together that are set and judged the same, in their order."""
    found: list[list[int]] = []
    for index in indices:
        group = next((each for each in found if _are_twins(resolved, verdict, each[0], index)), None)
        if group is None:
            found.append([index])
        else:
            group.append(index)
    return found


def for_twin(remedies: Remedies, index: int, resolved: Resolved) -> Remedies:
    """Return the remedies of a cut as those of its twin `index`, under that one's own name."""
    name = {"name": resolved.request.context.cuts[index].name}
    fixes = tuple(
        replace(fix, setup=replace(fix.setup, cut=fix.setup.cut.model_copy(update=name))) for fix in remedies.fixes
    )
    return replace(remedies, index=index, fixes=fixes)


def _are_twins(resolved: Resolved, verdict: Judgement, one: int, other: int) -> bool:
    cut, twin = (resolved.request.context.cuts[index] for index in (one, other))
    return (
        verdict.cuts[one].assessments == verdict.cuts[other].assessments
        and cut.model_copy(update={"name": twin.name}) == twin
        and resolved.tools[one] == resolved.tools[other]
    )
