"""Whether what a CAM program made keeps to what was evaluated: the verdict is of the cuts, not of any program."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rmos.feasibility.models import Feasibility
from rmos.runs.gcode_check import Difference, EvaluatedCut, NotChecked, check_gcode
from rmos.runs.models import JsonObject, OutputsCheck, OutputsGiven

GCODE_DIFFERS: Final = "gcode_differs"
GCODE_NOT_CHECKED: Final = "gcode_not_checked"
"""The names under which a decision's details keep the lines that differ, or why the program was not checked."""


@dataclass(frozen=True, slots=True)
class OutputsFindings:
    """What reading the outputs showed; `differences` are the lines that do what was not evaluated."""

    check: OutputsCheck = OutputsCheck.NONE
    differences: tuple[Difference, ...] = ()
    not_checked: NotChecked | None = None
    warnings: tuple[str, ...] = ()

    @property
    def block_reason(self) -> str | None:
        """Why the program may not be kept with a run that may be cut, or None."""
        if not self.differences:
            return None
        first, more = self.differences[0], len(self.differences) - 1
        return f"The G-code does what was not evaluated. Line {first.line}: {first.detail}" + (
            f"; and {more} more" if more else ""
        )

    @property
    def details(self) -> JsonObject:
        """The same for programs, as a decision keeps it."""
        if self.differences:
            return {GCODE_DIFFERS: [{"line": each.line, "detail": each.detail} for each in self.differences]}
        if self.not_checked is not None:
            return {GCODE_NOT_CHECKED: {"line": self.not_checked.line, "reason": self.not_checked.reason}}
        return {}


def check_outputs(given: OutputsGiven | None, feasibility: Feasibility) -> OutputsFindings:
    """Read outputs against the cuts of a verdict that may be cut.

    Only G-code can be read, for spindle speeds, feeds and the lowest Z. What cannot be read is NOT_CHECKED with a
    warning that says why: silence would pass for a check.
    """
    if given is None or given.is_empty():
        return OutputsFindings()
    unread = _unread(given)
    if given.gcode_text is None:
        return OutputsFindings(OutputsCheck.NOT_CHECKED, warnings=unread)
    found = _checked(given.gcode_text, feasibility)
    if isinstance(found, NotChecked):
        line = "" if found.line is None else f"line {found.line}: "
        warning = f"The G-code was not checked against the evaluated cuts: {line}{found.reason}."
        return OutputsFindings(OutputsCheck.NOT_CHECKED, not_checked=found, warnings=(warning, *unread))
    return OutputsFindings(OutputsCheck.CHECKED, differences=tuple(found), warnings=unread)


def _unread(given: OutputsGiven) -> tuple[str, ...]:
    names = ("toolpaths_json", "opplan_json")
    return tuple(
        f"{name} was not checked against the evaluated cuts: only G-code is read."
        for name in names
        if getattr(given, name) is not None
    )


def _checked(text: str, feasibility: Feasibility) -> list[Difference] | NotChecked:
    cuts = list(_evaluated_cuts(feasibility))
    if not cuts:
        return NotChecked(None, f"the engine {feasibility.engine_id} says nothing of the depths of the cuts")
    return check_gcode(text, cuts)


def _evaluated_cuts(feasibility: Feasibility) -> Iterator[EvaluatedCut]:
    """Yield the cuts as they were judged: with the plunge that was assumed where none was given."""
    assumed = {each.pointer: each.value for each in feasibility.assumed_defaults}
    for result in feasibility.cuts:
        cut = feasibility.resolved_context.cuts[result.index]
        plunge = cut.plunge_mm_per_min or assumed.get(f"/context/cuts/{result.index}/plunge_mm_per_min")
        if result.estimates.passes and cut.spindle_rpm is not None and cut.feed_mm_per_min is not None:
            yield EvaluatedCut(
                spindle_rpm=cut.spindle_rpm,
                feed_mm_per_min=cut.feed_mm_per_min,
                plunge_mm_per_min=plunge if isinstance(plunge, int | float) else None,
                lowest_z_mm=min(result.estimates.passes),
            )
