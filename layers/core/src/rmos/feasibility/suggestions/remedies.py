"""What makes one cut better: its own settings first, another tool where they do not do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rmos.design.cutting import Cut, Machine
from rmos.design.library import ToolLibrary
from rmos.feasibility.models import AssumedDefault, CutResult, Judgement, RiskLevel
from rmos.feasibility.resolution import Resolved
from rmos.feasibility.suggestions.bench import Bench, Budget
from rmos.feasibility.suggestions.careful import careful_fix
from rmos.feasibility.suggestions.excesses import LimitKey, held_back
from rmos.feasibility.suggestions.search import Fix, Search
from rmos.feasibility.suggestions.setups import FEED, PASS, Setup, Shop, knobs_of
from rmos.feasibility.suggestions.tools import other_tools, tool_distance

_ENOUGH = 2
_MOST_TOOLS = 2
TOOL = "tool"
CHOSEN_AT_THE_MACHINE = ("cut.stepover_mm", "cut.plunge_mm_per_min", "cut.operation", "tool.stickout_mm")
"""Defaults that are not facts to be found out but settings to be made: a suggestion may spell them out."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """The fixes of one cut, nearest first, and the limits that no setting moves.

    `is_open` says that no setting was tried, as what is missing leaves the colour unknown whatever they are.
    """

    index: int
    fixes: tuple[Fix, ...]
    settled: frozenset[LimitKey] = frozenset()
    is_open: bool = False


class Workbench:
    """One cut with its bench, its shop and what it may spend."""

    def __init__(self, bench: Bench, budget: Budget, resolved: Resolved, result: CutResult) -> None:
        self._bench, self._budget = bench, budget
        context = resolved.request.context
        passes = result.estimates.passes
        depth = -passes[-1] if passes else None
        self.shop = Shop(resolved.machine or Machine(), depth, context.display_units)

    @property
    def is_spent(self) -> bool:
        return self._budget.left <= 0

    def judge(self, setup: Setup) -> CutResult | None:
        return self._bench.judge(setup) if self._budget.take() else None


def remedies(bench: Bench, budget: Budget, resolved: Resolved, verdict: Judgement, library: ToolLibrary) -> Remedies:
    """Return what makes cut `bench.index` better than it is."""
    present = verdict.cuts[bench.index]
    if bench.setup is None or not all(level.is_feasible for level in held_back(present).values()):
        return Remedies(bench.index, (), is_open=True)
    work = Workbench(bench, budget, resolved, present)
    setup = _spelled_out(bench.setup, bench.index, verdict.assumed_defaults)
    result = present if setup == bench.setup else work.judge(setup)
    if result is None:
        return Remedies(bench.index, ())
    if setup != bench.setup and _is_better(result.risk_level, present.risk_level):
        return Remedies(bench.index, (Fix(setup, result, 0.0, ()),))
    search = Search(work, setup, result, knobs_of(setup, work.shop))
    fixes = _of_settings(work, search, setup, present.risk_level)
    if len(fixes) < (_ENOUGH if budget.is_ample else 1):
        found = _of_tools(work, setup, present.risk_level, library)
        fixes += [fix for fix in found if all(_settings(fix) != _settings(other) for other in fixes)]
    return Remedies(bench.index, tuple(fixes), search.settled)


def _of_settings(work: Workbench, search: Search, setup: Setup, present: RiskLevel) -> list[Fix]:
    """Return the fixes that keep every limit in GREEN, of one setting, else of two, else of as many as it takes.

    Where none does, those of one or two that reach YELLOW. Limits that no setting moves are left as they are: what is
    ruled out does not hide what can be mended.
    """
    if not _is_better(search.reachable, present) and not search.moves_a_limit:
        return []
    found = search.fixes(RiskLevel.GREEN, 1) or search.fixes(RiskLevel.GREEN, 2)
    if found:
        return found
    fix = careful_fix(work, work.shop, search, setup)
    if fix is not None:
        return [fix]
    return [] if present is RiskLevel.YELLOW else search.fixes(RiskLevel.YELLOW, 1) or search.fixes(RiskLevel.YELLOW, 2)


def _of_tools(work: Workbench, setup: Setup, present: RiskLevel, library: ToolLibrary) -> list[Fix]:
    others = other_tools(setup, work.shop.depth, library)
    found = [fix for other in others for fix in _with_tool(work, setup, other, present)]
    best = min((fix.result.risk_level for fix in found), key=lambda level: level.severity, default=present)
    return sorted((fix for fix in found if fix.result.risk_level is best), key=lambda fix: fix.rank)[:_MOST_TOOLS]


def _with_tool(work: Workbench, setup: Setup, other: Setup, present: RiskLevel) -> Iterator[Fix]:
    """Yield what another tool gives at the present settings, or else with one of them changed."""
    result = work.judge(other)
    if result is None:
        return
    distance = tool_distance(setup, other)
    if result.risk_level is RiskLevel.GREEN:
        yield Fix(other, result, distance, (TOOL,))
        return
    knobs = [knob for knob in knobs_of(other, work.shop) if knob.field in {FEED, PASS}]
    search = Search(work, other, result, knobs)
    if _is_better(result.risk_level, present) and search.reachable is result.risk_level:
        yield Fix(other, result, distance, (TOOL,))
    elif _is_better(search.reachable, present):
        for fix in search.fixes(RiskLevel.GREEN, 1)[:1]:
            yield replace(fix, distance=distance + fix.distance, fields=(TOOL, *fix.fields))


def _spelled_out(setup: Setup, index: int, assumed: tuple[AssumedDefault, ...]) -> Setup:
    """Return the setup with the settings that were assumed for it told as they were assumed."""
    for default in assumed:
        if default.confirmed or default.field not in CHOSEN_AT_THE_MACHINE:
            continue
        if not default.pointer.startswith(f"/context/cuts/{index}/"):
            continue
        owner, _, name = default.field.partition(".")
        if owner == "cut":
            setup = setup.with_cut(**{name: default.value})
        elif isinstance(default.value, int | float):
            setup = setup.with_stickout(float(default.value))
    return setup


def _settings(fix: Fix) -> Cut:
    """Return the cut of a fix but for its tool: with the same settings the present tool is the nearer way."""
    return fix.setup.cut.model_copy(update={"tool": None, "tool_id": None})


def _is_better(level: RiskLevel, than: RiskLevel) -> bool:
    return level.is_feasible and level.severity < than.severity
