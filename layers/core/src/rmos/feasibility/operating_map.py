"""One cut judged over a grid of feeds and spindle speeds: where it is safe, and what binds where it is not."""

from collections.abc import Sequence
from dataclasses import dataclass

from rmos.design.library import BuiltInLibrary, Library
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Category, CutResult, RiskLevel
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.resolution import resolve
from rmos.feasibility.suggestions.bench import Bench

_BUILT_IN = BuiltInLibrary()


@dataclass(frozen=True, slots=True)
class Cell:
    """How one feed at one speed was judged; `binding` is the category that stands worst."""

    risk_level: RiskLevel
    score: float
    binding: Category | None


_FAILED = Cell(RiskLevel.ERROR, 0, None)


@dataclass(frozen=True, slots=True)
class Grid:
    """The feeds (mm/min) and speeds (rpm) over which cut `cut` is judged."""

    cut: int
    feeds: Sequence[float]
    rpms: Sequence[float]


def judged_grid(
    request: FeasibilityInput, registry: EngineRegistry, engine_id: str, grid: Grid, library: Library = _BUILT_IN
) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each feed with a cell for each speed, all else of the cut as it was sent.

    Only this cut is judged (with an earlier one that roughs its target), by the engine as it judges any request. A
    plunge feed that was told stays; an assumed one goes with the feed.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing.
    """
    resolved = resolve(request, library)
    bench = Bench(registry.get(engine_id), resolved, grid.cut)
    asked, tool = request.context.cuts[grid.cut], resolved.tools[grid.cut]
    return tuple(
        tuple(
            _cell(bench.judge_cut(asked.model_copy(update={"feed_mm_per_min": feed, "spindle_rpm": rpm}), tool))
            for rpm in grid.rpms
        )
        for feed in grid.feeds
    )


def _cell(result: CutResult | None) -> Cell:
    if result is None:
        return _FAILED
    worst = min(result.assessments, key=lambda each: (-each.risk_level.severity, each.score))
    return Cell(result.risk_level, result.overall_score, worst.category)
