"""How one cut is set up, and the settings of it that a person at the machine can change."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from rmos.design.cutting import Cut, Machine, Mode, Tool
from rmos.design.units import DisplayUnits, nine_digits
from rmos.feasibility.fields import STEPOVER_SHARE
from rmos.feasibility.resolution import ChosenTool
from rmos.feasibility.rules.geometry import CLAMP_MARGIN_MM
from rmos.feasibility.suggestions.ladders import Ladder, Multiples, Rungs

_FEED_STEP = {DisplayUnits.MM: 10.0, DisplayUnits.INCH: 25.4}
_RPM_STEP = 100.0
_PASS_STEP_MM = 0.01
_MOST_PASSES = 40
_STICKOUT_STEP_MM = 0.1
_STEPOVER_STEP_MM = 0.01
_LEAST_STEPOVER_SHARE = 0.1

FEED, RPM, PASS = "cut.feed_mm_per_min", "cut.spindle_rpm", "cut.depth_per_pass_mm"
PLUNGE, STEPOVER, STICKOUT = "cut.plunge_mm_per_min", "cut.stepover_mm", "tool.stickout_mm"


@dataclass(frozen=True, slots=True)
class Setup:
    """A cut and its tool; `tool_id` is the reference row that the tool is, as far as it is chosen by id."""

    cut: Cut
    tool: ChosenTool
    tool_id: str | None

    def setting(self, field: str) -> float | None:
        """Return where a setting of the cut or its tool stands, by its field's name; None where it is not told."""
        owner, _, name = field.partition(".")
        value: float | None = getattr(self.cut if owner == "cut" else self.tool.values, name)
        return value

    def with_cut(self, **values: float | str) -> "Setup":
        return replace(self, cut=self.cut.model_copy(update=values))

    def with_stickout(self, stickout_mm: float) -> "Setup":
        """Return the setup with its bit clamped anew: what a row assumed of the stickout is now told."""
        values = self.tool.values.model_copy(update={"stickout_mm": stickout_mm})
        tool = ChosenTool(values, self.tool.assumed - {"stickout_mm"})
        return replace(self, tool=tool, tool_id=None)


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting: its field, where it stands, where it can be put, and the setup with it put there."""

    field: str
    now: float
    ladder: Ladder
    turned: Callable[[Setup, float], Setup]


@dataclass(frozen=True, slots=True)
class Shop:
    """What bounds the settings besides the tool: the machine, the whole depth in mm, and the units feeds come in."""

    machine: Machine
    depth: float | None
    units: DisplayUnits

    @property
    def feed_step(self) -> float:
        return _FEED_STEP[self.units]


def knobs_of(setup: Setup, shop: Shop) -> tuple[Knob, ...]:
    """Return the settings of a cut that are known and can be changed; the feed twice where a plunge can follow it."""
    cut, tool = setup.cut, setup.tool.values
    found = [_feed(cut, shop), _rpm(cut, shop.machine), _depth_per_pass(cut, shop.depth)]
    if cut.mode is Mode.ROUTER:
        found += [_stickout(tool, shop.depth), _stepover(cut, tool), _plunge(cut, shop), _feed_and_plunge(cut, shop)]
    return tuple(knob for knob in found if knob is not None)


def least_stickout_mm(tool: Tool, depth: float | None) -> float | None:
    """Return the shortest stickout that clamps no flute and clears the work, to 0.1 mm; None if a length is unknown.

    12.7 mm of flutes ask for 14.7 mm, whatever a shorter one would do for deflection.
    """
    if tool.flute_length_mm is None or depth is None:
        return None
    least = max(tool.flute_length_mm, depth) + CLAMP_MARGIN_MM
    return Multiples(least, math.inf, _STICKOUT_STEP_MM).above(least)


def _feed(cut: Cut, shop: Shop) -> Knob | None:
    most = shop.machine.max_feed_mm_per_min
    if cut.feed_mm_per_min is None or most is None:
        return None
    ladder = Multiples(shop.feed_step, most, shop.feed_step)
    return Knob(FEED, cut.feed_mm_per_min, ladder, lambda setup, feed: setup.with_cut(feed_mm_per_min=feed))


def _feed_and_plunge(cut: Cut, shop: Shop) -> Knob | None:
    """Return the feed lowered with a plunge that was told and keeps its share of it."""
    feed, plunge, step = cut.feed_mm_per_min, cut.plunge_mm_per_min, shop.feed_step
    if feed is None or plunge is None:
        return None

    def turned(setup: Setup, value: float) -> Setup:
        most = plunge / feed * value
        return setup.with_cut(
            feed_mm_per_min=value, plunge_mm_per_min=Multiples(step, most, step).below(most) or nine_digits(most)
        )

    return Knob(FEED, feed, Multiples(step, feed, step), turned)


def _rpm(cut: Cut, machine: Machine) -> Knob | None:
    least, most = machine.min_rpm, machine.max_rpm
    if cut.spindle_rpm is None or least is None or most is None:
        return None
    ladder: Ladder = Multiples(max(least, _RPM_STEP), most, _RPM_STEP)
    if machine.rpm_steps is not None:
        ladder = Rungs(sorted(step for step in machine.rpm_steps if least <= step <= most))
    return Knob(RPM, cut.spindle_rpm, ladder, lambda setup, rpm: setup.with_cut(spindle_rpm=rpm))


def _depth_per_pass(cut: Cut, depth: float | None) -> Knob | None:
    if cut.depth_per_pass_mm is None or depth is None:
        return None
    now = min(cut.depth_per_pass_mm, depth)
    ladder = Multiples(max(_PASS_STEP_MM, depth / _MOST_PASSES), now, _PASS_STEP_MM)
    return Knob(PASS, now, ladder, lambda setup, pass_mm: setup.with_cut(depth_per_pass_mm=pass_mm))


def _stickout(tool: Tool, depth: float | None) -> Knob | None:
    least = least_stickout_mm(tool, depth)
    if tool.stickout_mm is None or least is None:
        return None
    ladder = Multiples(least, max(least, tool.stickout_mm), _STICKOUT_STEP_MM)
    return Knob(STICKOUT, tool.stickout_mm, ladder, Setup.with_stickout)


def _stepover(cut: Cut, tool: Tool) -> Knob | None:
    diameter = tool.diameter_mm
    if diameter is None:
        return None
    now = STEPOVER_SHARE * diameter if cut.stepover_mm is None else cut.stepover_mm
    ladder = Multiples(_LEAST_STEPOVER_SHARE * diameter, diameter, _STEPOVER_STEP_MM)
    return Knob(STEPOVER, now, ladder, lambda setup, stepover: setup.with_cut(stepover_mm=stepover))


def _plunge(cut: Cut, shop: Shop) -> Knob | None:
    most = cut.feed_mm_per_min
    if cut.plunge_mm_per_min is None or most is None:
        return None
    ladder = Multiples(shop.feed_step, most, shop.feed_step)
    return Knob(PLUNGE, cut.plunge_mm_per_min, ladder, lambda setup, plunge: setup.with_cut(plunge_mm_per_min=plunge))
