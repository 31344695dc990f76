"""Rules of geometry that hold for the cut as a whole. RMOS engineering rules unless a source is named."""

import math

from rmos.design.cutting import Target, ToolType
from rmos.design.materials import MaterialClass
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.rules.rule import ROUTER, SAW, Finding, Rule, needs

OWN = ("RMOS engineering rule",)
_ROOM_FOR_FINISH = 1.10
_FLUTE_MARGIN_MM = 0.5
CLAMP_MARGIN_MM = 2.0
_SHALLOWER = "rout a shallower channel, or start with or leave a thicker top"
"""One text for the three limits of the top, so that it is told once where several are passed."""
_LEAST_TOP_MM = (1.2, 0.8)
_TOP_SHARE_PCT = (55.0, 99.0)
_DENSE_PASS_PCT, _SOFT_PASS_PCT, _SHELL_PASS_PCT = (50.0, 100.0), (100.0, 150.0), (35.0, 50.0)
_TOTAL_DEPTH_PCT = (300.0, 500.0)
_GAP_MM = (0.15, 1.0)
_CORNER_MM = (0.1, 0.25)
_UNKNOWN_TIP_DEG = 90.0
_CURVE_MM = (0.05, 0.1)
_CHANNEL = Target.CHANNEL


def _is_channel(facts: CutFacts) -> bool:
    return facts.cut.target is _CHANNEL


def _channel_width(facts: CutFacts) -> Finding:
    width = facts.design.channel_width_mm
    return Finding(width, _ROOM_FOR_FINISH * facts.diameter, facts.diameter, {"diameter": facts.diameter})


def _pass_depth(facts: CutFacts) -> Finding:
    if facts.material_class is MaterialClass.SHELL:
        green, yellow = _SHELL_PASS_PCT
    elif facts.material_class is MaterialClass.WOOD and facts.is_dense:
        green, yellow = _DENSE_PASS_PCT
    else:
        green, yellow = _SOFT_PASS_PCT
    figures = {"pass": facts.effective_pass, "diameter": facts.diameter}
    return Finding(100 * facts.depth_ratio, green, yellow, figures, 0)


def _total_depth(facts: CutFacts) -> Finding:
    figures = {"depth": facts.total_depth, "diameter": facts.diameter}
    return Finding(100 * facts.total_depth / facts.diameter, *_TOTAL_DEPTH_PCT, figures, facts.last_pass)


def _flute_reach(facts: CutFacts) -> Finding:
    reach = max(0.0, facts.flute_length - min(_FLUTE_MARGIN_MM, facts.diameter / 2))
    return Finding(facts.total_depth, reach, reach, {"flutes": facts.flute_length}, facts.last_pass)


def _clamping(facts: CutFacts) -> Finding:
    flutes = facts.flute_length
    return Finding(facts.stickout, flutes + CLAMP_MARGIN_MM, flutes, {"flutes": flutes})


def _collet_reach(facts: CutFacts) -> Finding:
    depth = facts.total_depth
    return Finding(facts.stickout, depth + CLAMP_MARGIN_MM, depth, {"depth": depth}, facts.last_pass)


def _top_left(facts: CutFacts) -> Finding:
    return _left_of(facts, facts.design.top_thickness_mm)


def _top_left_finished(facts: CutFacts) -> Finding | None:
    finished = facts.design.finished_top_thickness_mm
    return None if finished is None else _left_of(facts, finished)


def _left_of(facts: CutFacts, thickness: float | None) -> Finding:
    top = math.nan if thickness is None else thickness
    left = max(0.0, top - facts.total_depth)
    return Finding(left, *_LEAST_TOP_MM, {"top": top, "depth": facts.total_depth}, facts.last_pass)


def _top_share(facts: CutFacts) -> Finding:
    top = facts.design.top_thickness_mm
    share = math.nan if top is None else 100 * facts.total_depth / top
    return Finding(share, *_TOP_SHARE_PCT, {"depth": facts.total_depth}, facts.last_pass)


def _land(facts: CutFacts) -> Finding | None:
    land = (facts.design.inner_diameter_mm - facts.design.soundhole_diameter_mm) / 2
    if land == 0:
        return None
    green = 1.0 if facts.is_dense else 1.5
    return Finding(land, green, green / 2, {})


def _ring_gap(facts: CutFacts) -> Finding:
    design = facts.design
    rings, channel = design.rings_and_glue_mm, design.channel_width_mm
    return Finding(max(0.0, channel - rings), *_GAP_MM, {"rings": rings, "channel": channel})


def _corner(facts: CutFacts) -> Finding | None:
    if facts.tool_type is ToolType.BALL:
        left, called = facts.diameter / 2, "ball nose"
    elif facts.tool_type is ToolType.VBIT:
        called = "V-bit"
        left = facts.total_depth * math.tan(math.radians((facts.tip_angle or _UNKNOWN_TIP_DEG) / 2))
    else:
        return None
    return Finding(left, *_CORNER_MM, {"type": called}, facts.last_pass)


def _ridges(facts: CutFacts) -> Finding | None:
    if facts.stepover <= facts.diameter:
        return None
    return Finding(facts.stepover, facts.diameter, facts.diameter, {})


def _blade_exposure(facts: CutFacts) -> Finding:
    reach = facts.diameter / 3
    return Finding(facts.total_depth, 0.75 * reach, reach, {"diameter": facts.diameter}, facts.last_pass)


def _blade_curve(facts: CutFacts) -> Finding:
    depth = min(facts.total_depth, facts.diameter)
    chord = 2 * math.sqrt(depth * (facts.diameter - depth))
    radius = facts.design.outer_diameter_mm / 2 if _is_channel(facts) else facts.design.soundhole_diameter_mm / 2
    return Finding(chord**2 / (8 * radius), *_CURVE_MM, {"chord": chord, "radius": radius})


CUT_RULES = (
    Rule(
        rule_id="CHANNEL_VS_BIT",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="The bit fits into the channel",
        limits="channel width GREEN from 1.1 D (a finishing pass on both walls), YELLOW from 1 D (one slot)",
        why="The channel is {value:mm} wide, the bit {diameter:mm}; clean walls want {green:mm}.",
        hint="take a smaller bit",
        sources=OWN,
        confidence=0.9,
        check=_channel_width,
        applies=_is_channel,
        needs=needs("tool.diameter_mm"),
        is_safety=True,
    ),
    Rule(
        rule_id="PASS_DEPTH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="percent",
        title="A pass is shallow beside the bit's diameter",
        limits="of D: wood from 500 kg/m3 GREEN to 50 %, YELLOW to 100; softer wood, sheet 100 and 150; shell 35, 50",
        why="A pass of {pass:mm} is {value:percent} of the bit's {diameter:mm}; this material wants at most "
        "{green:percent}.",
        hint="take shallower passes or a larger bit",
        sources=("StewMac: half the diameter", "Shapeoko guide: 0.1 to 0.5 D", "PreciseBits pearl recipe: 0.32 D"),
        confidence=0.7,
        check=_pass_depth,
        needs=needs(
            "cut.depth_per_pass_mm", "depth", "tool.diameter_mm", "material.class", "material.density_kg_per_m3", "law"
        ),
    ),
    Rule(
        rule_id="TOTAL_DEPTH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="percent",
        title="The cut is not too deep for a bit this thin",
        limits="of D: GREEN to 300 %, YELLOW to 500",
        why="The cut is {depth:mm} deep, {value:percent} of the bit's {diameter:mm}.",
        hint="take a thicker bit",
        sources=OWN,
        confidence=0.6,
        check=_total_depth,
        needs=needs("depth", "cut.depth_per_pass_mm", "tool.diameter_mm"),
    ),
    Rule(
        rule_id="FLUTE_REACH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="mm",
        title="The flutes reach to the bottom",
        limits="depth RED over the flutes' length less 0.5 mm, or half the diameter of a bit under 1 mm",
        why="The cut is {value:mm} deep; {flutes:mm} of flutes reach {green:mm}.",
        hint="take a bit with longer flutes or cut less deep",
        sources=OWN,
        confidence=0.9,
        check=_flute_reach,
        needs=needs("depth", "cut.depth_per_pass_mm", "tool.diameter_mm", "tool.flute_length_mm"),
        is_safety=True,
    ),
    Rule(
        rule_id="STICKOUT_CLAMPING",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="The collet holds the shank, not the flutes",
        limits="stickout GREEN from flutes + 2 mm, RED under the flutes' length",
        why="The bit stands out {value:mm} with {flutes:mm} of flutes; to hold the shank only takes {green:mm}.",
        hint="pull the bit further out of the collet, or take one with shorter flutes",
        sources=OWN,
        confidence=0.9,
        check=_clamping,
        needs=needs("tool.stickout_mm", "tool.flute_length_mm"),
    ),
    Rule(
        rule_id="STICKOUT_REACH",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="The collet stays clear of the work",
        limits="stickout GREEN from depth + 2 mm, RED under the depth",
        why="The bit stands out {value:mm} for a cut {depth:mm} deep; clearance wants {green:mm}.",
        hint="pull the bit further out of the collet",
        sources=OWN,
        confidence=0.9,
        check=_collet_reach,
        needs=needs("tool.stickout_mm", "depth", "cut.depth_per_pass_mm"),
    ),
    Rule(
        rule_id="TOP_REMAINING",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="Enough of the top is left under the channel",
        limits="GREEN from 1.2 mm, YELLOW from 0.8",
        why="A channel of {depth:mm} leaves {value:mm} of a {top:mm} top; at least {green:mm} is sound.",
        hint=_SHALLOWER,
        sources=("build logs: tops of 2.2 to 3.0 mm, channels of 0.9 to 2.0",),
        confidence=0.7,
        check=_top_left,
        applies=_is_channel,
        needs=needs("design.top_thickness_mm", "depth", "cut.depth_per_pass_mm"),
        is_safety=True,
    ),
    Rule(
        rule_id="TOP_SHARE",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="percent",
        title="The channel takes no more than its share of the top",
        limits="GREEN to 55 % of the thickness, RED over 99: that is through it",
        why="The channel takes {value:percent} of the top's thickness; up to {green:percent} is sound.",
        hint=_SHALLOWER,
        sources=OWN,
        confidence=0.6,
        check=_top_share,
        applies=_is_channel,
        needs=needs("design.top_thickness_mm", "depth", "cut.depth_per_pass_mm"),
        is_safety=True,
    ),
    Rule(
        rule_id="TOP_REMAINING_FINISHED",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="Enough of the top is left when it is thinned",
        limits="GREEN from 1.2 mm, YELLOW from 0.8",
        why="Thinned to {top:mm}, the top keeps {value:mm} under a channel of {depth:mm}; at least {green:mm} is "
        "sound.",
        hint=_SHALLOWER,
        sources=OWN,
        confidence=0.7,
        check=_top_left_finished,
        applies=_is_channel,
        needs=needs("depth", "cut.depth_per_pass_mm"),
        uses=needs("design.finished_top_thickness_mm"),
    ),
    Rule(
        rule_id="LAND_TO_SOUNDHOLE",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="The land between soundhole and channel holds",
        limits="GREEN from 1.5 mm, from 1.0 in wood of 500 kg/m3 and more; YELLOW from half of that; none is no land",
        why="{value:mm} of wood stands between the soundhole and the channel; this wood wants {green:mm}.",
        hint="move the channel outwards, or cut it through to the soundhole",
        sources=OWN,
        confidence=0.6,
        check=_land,
        applies=_is_channel,
        needs=needs("material.density_kg_per_m3"),
    ),
    Rule(
        rule_id="RING_GAP",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="mm",
        title="Rings and glue lines fill the channel",
        limits="gap GREEN to 0.15 mm, YELLOW to 1; more than 0.05 mm too wide is refused as input",
        why="Rings and glue lines take {rings:mm} of a {channel:mm} channel; {value:mm} stays open.",
        hint="widen a ring, or bring the diameters closer",
        sources=OWN,
        confidence=0.8,
        check=_ring_gap,
        applies=_is_channel,
        needs=needs("design.glue_line_mm"),
    ),
    Rule(
        rule_id="WALL_CORNER",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="mm",
        title="The tool leaves square walls",
        limits="left at the foot of the wall GREEN to 0.1 mm, YELLOW to 0.25: D / 2 of a ball nose, depth x "
        "tan(tip / 2) of a V-bit (90 degrees when not given)",
        why="A {type} leaves {value:mm} at the foot of the wall, where an inlay wants at most {green:mm}.",
        hint="take a flat end mill",
        sources=OWN,
        confidence=0.8,
        check=_corner,
        needs=needs("tool.diameter_mm", "depth", "cut.depth_per_pass_mm"),
        uses=needs("tool.tip_angle_deg"),
    ),
    Rule(
        rule_id="STEPOVER_RIDGES",
        category=Category.GEOMETRY,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="mm",
        title="Laps side by side leave nothing between them",
        limits="RED over the bit's diameter",
        why="Laps {value:mm} apart leave ridges; the bit is {green:mm} wide.",
        hint="step over less than the bit's diameter",
        sources=OWN,
        confidence=0.95,
        check=_ridges,
        needs=needs("cut.stepover_mm", "tool.diameter_mm"),
    ),
    Rule(
        rule_id="SAW_EXPOSURE",
        category=Category.GEOMETRY,
        modes=SAW,
        direction=Direction.MAX,
        unit="mm",
        title="The blade reaches this deep beside its collar",
        limits="whole depth, whatever the passes: GREEN to D / 4, RED over D / 3 (a clamping collar of D / 3)",
        why="The cut is {value:mm} deep; a {diameter:mm} blade on a collar of a third of it reaches {yellow:mm}, with "
        "room to spare {green:mm}.",
        hint="take a larger blade, saw thinner stock, or saw it from both sides",
        sources=("collar at least D / 4, better D / 3: general sawing practice",),
        confidence=0.6,
        check=_blade_exposure,
        needs=needs("cut.depth_per_pass_mm", "depth", "tool.diameter_mm"),
        is_safety=True,
    ),
    Rule(
        rule_id="SAW_CURVE",
        category=Category.GEOMETRY,
        modes=SAW,
        direction=Direction.MAX,
        unit="mm",
        title="A flat blade follows the curve",
        limits="chord^2 / 8 R of the blade in the cut: GREEN to 0.05 mm, YELLOW to 0.1",
        why="The blade's {chord:mm} in the cut strays {value:mm} from a circle of {radius:mm}.",
        hint="rout it with a bit; a saw cuts strips, segments and slices",
        sources=("geometry of the chord",),
        confidence=0.9,
        check=_blade_curve,
        applies=lambda facts: facts.cut.is_in_the_top,
        needs=needs("depth", "tool.diameter_mm"),
        is_safety=True,
    ),
)
