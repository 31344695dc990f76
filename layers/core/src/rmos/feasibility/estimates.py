"""What a cut takes: its passes, its seconds, and what these count."""

import math

from rmos.design.units import FORMATS, DisplayUnits, plain_number
from rmos.feasibility.assembly import Assembled
from rmos.feasibility.blanks import SawLines, needed_for_lines
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.fields import labelled
from rmos.feasibility.models import CutTime, Estimates
from rmos.feasibility.physics import times
from rmos.feasibility.words import listed

_LEFT_OUT = "plunges included, rapids, clamping and tool changes left out"
_OFF_THE_CIRCLE = "not estimated: a blade does not follow this circle"


def estimates_of(parts: Assembled, units: DisplayUnits) -> Estimates:
    """Return the estimates of one cut; what cannot be said is null, and `cut_time_basis` says why there is no time."""
    facts = parts.facts
    if not facts.is_known("depth", "cut.depth_per_pass_mm"):
        return Estimates(_lacking(parts), None, None, ())
    if not facts.is_known("cut.feed_mm_per_min", "tool.diameter_mm"):
        basis, cut_time = _lacking(parts), None
    elif facts.is_saw:
        basis, cut_time = _sawn(parts, units)
    else:
        basis, cut_time = _routed(facts)
    passes = tuple([-plain_number(depth) for depth in facts.pass_depths])
    return Estimates(basis, cut_time, plain_number(facts.effective_pass), passes)


def _routed(facts: CutFacts) -> tuple[str, CutTime]:
    laps, passes = len(facts.radii), len(facts.pass_depths)
    seconds = times.cut_time_s(facts.radii, passes, facts.total_depth, _motion(facts))
    return f"laps: {laps} in each pass, passes: {passes}; {_LEFT_OUT}", _band(seconds)


def _sawn(parts: Assembled, units: DisplayUnits) -> tuple[str, CutTime | None]:
    facts, lines, ring_index = parts.facts, parts.lines, parts.facts.cut.ring_index
    if ring_index is None:
        return _OFF_THE_CIRCLE, None
    if lines is None:
        return _without([needed_for_lines(facts.design, ring_index)]), None
    run_in = _run_in_mm(facts)
    seconds = lines.number * len(facts.pass_depths) * times.line_time_s(lines.length + run_in, _motion(facts))
    return _said(lines, run_in, units), _band(seconds)


def _run_in_mm(facts: CutFacts) -> float:
    """Return how far a blade moves from its first touch to its full depth: sqrt(h (D - h)), 13 mm of 80 at 2.2."""
    depth = min(facts.total_depth, facts.diameter / 2)
    return math.sqrt(depth * (facts.diameter - depth))


def _said(lines: SawLines, run_in: float, units: DisplayUnits) -> str:
    written = FORMATS[units]["mm"]
    return (
        f"{lines.number} cuts of {written(lines.length)} and a run-in of {written(run_in)} in each pass, spare pieces "
        "included; returns, clamping and cutting the stock to size left out"
    )


def _lacking(parts: Assembled) -> str:
    needed = (parts.depth_field, "cut.depth_per_pass_mm", "cut.feed_mm_per_min", "tool.diameter_mm")
    return _without([name for name in dict.fromkeys(needed) if name in parts.facts.missing])


def _without(names: list[str]) -> str:
    return f"not estimated without: {listed([labelled(name) for name in names])}"


def _motion(facts: CutFacts) -> times.Motion:
    return times.Motion(facts.feed, facts.plunge, facts.acceleration)


def _band(seconds: float) -> CutTime:
    low, high = times.time_band_s(seconds)
    return CutTime(high=plain_number(round(high, 1)), low=plain_number(round(low, 1)))
