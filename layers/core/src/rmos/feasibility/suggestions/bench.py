"""Trying a setup on one cut: the engine's own judgement, of as little of the request as the cut needs."""

from dataclasses import replace

from rmos.design.cutting import Cut
from rmos.feasibility.assembly import has_opened
from rmos.feasibility.engine import FeasibilityEngine
from rmos.feasibility.evaluation import judged_cut
from rmos.feasibility.models import CutResult
from rmos.feasibility.resolution import ChosenTool, Resolved
from rmos.feasibility.suggestions.setups import Setup

_AMPLE = 30
"""Trials enough to look for a second way where there is one."""


class Budget:
    """How many trials are left to a request: a count and not a time, so that the same request has the same answer."""

    def __init__(self, trials: int, whole: "Budget | None" = None) -> None:
        self.left = trials
        self.is_ample = trials >= _AMPLE
        self._whole = whole

    def take(self) -> bool:
        """Return whether there is a trial left, and use it."""
        if self.left <= 0:
            return False
        self.left -= 1
        return self._whole is None or self._whole.take()

    def share(self, parts: int) -> "Budget":
        """Return an equal part of what is left; what is not used of it stays here for the parts after it."""
        return Budget(self.left // parts, self)


class Bench:
    """One cut of a request, with the last earlier one that roughed its target, as that decides what is left to cut.

    `setup` is the cut as it was asked for.
    """

    def __init__(self, engine: FeasibilityEngine, resolved: Resolved, index: int) -> None:
        context = resolved.request.context
        cut = context.cuts[index]
        kept = [*[i for i in range(index) if has_opened(context.cuts[i], cut)][-1:], index]
        names = tuple(_moved(name, kept) for name in context.confirmed_defaults)
        alone = context.model_copy(update={"cuts": tuple(context.cuts[i] for i in kept), "confirmed_defaults": names})
        self._engine = engine
        self._resolved = replace(
            resolved,
            request=resolved.request.model_copy(update={"context": alone}),
            tools=tuple(resolved.tools[i] for i in kept),
        )
        tool = resolved.tools[index]
        self.index = index
        self.setup = None if tool is None else Setup(cut, tool, cut.tool_id)

    def judge(self, setup: Setup) -> CutResult | None:
        """Return the cut's result in this setup; None when the engine fails or judges no cuts."""
        return self.judge_cut(setup.cut, setup.tool)

    def judge_cut(self, cut: Cut, tool: ChosenTool | None) -> CutResult | None:
        """Return the result of `cut` with `tool` in the place of this bench's own; None as in `judge`."""
        request = self._resolved.request
        cuts = (*request.context.cuts[:-1], cut)
        context = request.context.model_copy(update={"cuts": cuts})
        tried = replace(
            self._resolved,
            request=request.model_copy(update={"context": context}),
            tools=(*self._resolved.tools[:-1], tool),
        )
        return judged_cut(self._engine, tried, len(cuts) - 1)


def _moved(name: str, kept: list[int]) -> str:
    """Return the name of a confirmed default, its pointer following the cut to its new place."""
    for position, index in enumerate(kept):
        place = f"/context/cuts/{index}/"
        if name.startswith(place):
            return f"/context/cuts/{position}/{name.removeprefix(place)}"
    return "" if name.startswith("/context/cuts/") else name
