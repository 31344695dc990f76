"""Rules of power: what the spindle and the axes can give."""

from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.rules.deflection import FORCE_NEEDS, SAW_FORCE_NEEDS
from rmos.feasibility.rules.rule import ANY, ROUTER, SAW, Finding, Rule, needs

_USABLE = 0.8
_GREEN_SHARE, _YELLOW_SHARE = 0.6, 0.9
_FORCE_GREEN, _FORCE_YELLOW = 0.5, 0.8
_SAW_FEED_SHARE = 0.6


def _spindle(facts: CutFacts) -> Finding:
    return _of_power(facts, facts.power)


def _saw_spindle(facts: CutFacts) -> Finding:
    return _of_power(facts, facts.saw_power)


def _of_power(facts: CutFacts, power_w: float) -> Finding:
    usable = _USABLE * facts.spindle_power
    figures = {"usable": usable, "utilisation": power_w / usable}
    return Finding(power_w, _GREEN_SHARE * usable, _YELLOW_SHARE * usable, figures, 0)


def _axis(facts: CutFacts) -> Finding:
    return _of_force(facts, facts.tooth_force)


def _saw_axis(facts: CutFacts) -> Finding:
    return _of_force(facts, _SAW_FEED_SHARE * facts.saw_force)


def _of_force(facts: CutFacts, force_n: float) -> Finding:
    limit = facts.axis_force
    return Finding(force_n, _FORCE_GREEN * limit, _FORCE_YELLOW * limit, {"axis_force": limit}, 0)


def _feed(facts: CutFacts) -> Finding:
    return Finding(facts.feed, facts.max_feed, facts.max_feed, {"max_feed": facts.max_feed})


_POWER_WHY = "The cut takes {value:W} of {usable:W} that the spindle can spare."
_AXIS_WHY = "The cut pushes the axis with {value:N}; it slips or stretches at {axis_force:N}."
_AXIS_LIMITS = "GREEN to half of the axis force, YELLOW to 0.8 of it"

RULES = (
    Rule(
        rule_id="POWER_SPINDLE",
        category=Category.POWER,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="W",
        title="The spindle has the power",
        limits="of 0.8 of the power at the cutter GREEN to 0.6, YELLOW to 0.9",
        why=_POWER_WHY,
        hint="take shallower passes or feed slower",
        sources=("Ettelt and Kivimaa's law, face milling", "Shapeoko guide: about half of a router's input arrives"),
        confidence=0.6,
        check=_spindle,
        needs=FORCE_NEEDS | needs("machine.spindle_power_w"),
    ),
    Rule(
        rule_id="POWER_AXIS_FORCE",
        category=Category.POWER,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="N",
        title="The axes hold against the cut",
        limits=_AXIS_LIMITS,
        why=_AXIS_WHY,
        hint="take shallower passes or feed slower",
        sources=("Shapeoko guide: about 20 lbf (89 N) for a belt machine",),
        confidence=0.6,
        check=_axis,
        needs=FORCE_NEEDS | needs("machine.axis_force_n"),
    ),
    Rule(
        rule_id="POWER_FEED",
        category=Category.POWER,
        modes=ANY,
        direction=Direction.MAX,
        unit="mm/min",
        title="The axes reach this feed",
        limits="RED over the machine's fastest feed",
        why="{value:mm/min} is asked; the machine moves at up to {max_feed:mm/min}.",
        hint="feed slower",
        sources=("the machine's own limit",),
        confidence=0.95,
        check=_feed,
        needs=needs("cut.feed_mm_per_min", "machine.max_feed_mm_per_min"),
    ),
    Rule(
        rule_id="SAW_POWER_SPINDLE",
        category=Category.POWER,
        modes=SAW,
        direction=Direction.MAX,
        unit="W",
        title="The spindle drives the blade",
        limits="of 0.8 of the power at the cutter GREEN to 0.6, YELLOW to 0.9",
        why=_POWER_WHY,
        hint="cut less deep, feed slower, or take a thinner kerf",
        sources=("Ettelt and Kivimaa's law, ripping or cross-cutting",),
        confidence=0.6,
        check=_saw_spindle,
        needs=SAW_FORCE_NEEDS | needs("machine.spindle_power_w"),
    ),
    Rule(
        rule_id="SAW_POWER_AXIS_FORCE",
        category=Category.POWER,
        modes=SAW,
        direction=Direction.MAX,
        unit="N",
        title="The axis pushes the blade through",
        limits=_AXIS_LIMITS,
        why=_AXIS_WHY,
        hint="cut less deep or feed slower",
        sources=("RMOS: feed force as 0.6 of the force along the rim",),
        confidence=0.4,
        check=_saw_axis,
        needs=SAW_FORCE_NEEDS | needs("machine.axis_force_n"),
    ),
)
