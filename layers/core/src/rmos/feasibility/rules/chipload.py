"""Rules of chip load: rubbing and overload apart, as they need opposite cures."""

from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics import sawing
from rmos.feasibility.rules.rule import ROUTER, SAW, Finding, Rule, needs

SAW_RUBBING_MM, SAW_LOW_MM, SAW_HIGH_MM, SAW_OVERLOAD_MM = 0.008, 0.02, 0.15, 0.35

CHIP_NEEDS = needs(
    "cut.feed_mm_per_min",
    "cut.spindle_rpm",
    "cut.depth_per_pass_mm",
    "depth",
    "tool.diameter_mm",
    "tool.flutes",
    "law",
    "material.density_kg_per_m3",
)
_SAW_CHIP = needs("cut.feed_mm_per_min", "cut.spindle_rpm", "tool.teeth", "law")
_RUNOUT = needs("tool.runout_mm", "machine.runout_mm")
_BAND_SOURCES = (
    "Shapeoko A-to-Z guide (floor)",
    "Amana solid wood chart v5 and AST speeds and feeds (ceiling, derating with depth)",
)


def _rubbing(facts: CutFacts) -> Finding:
    band = facts.chip_band
    lap = facts.narrowest_engagement * facts.diameter
    figures = {"lap": lap, "feed": facts.arc_feed, "rpm": facts.rpm, "teeth": facts.teeth}
    return Finding(facts.thinnest_chip, band.low, band.rubbing, figures)


def _overload(facts: CutFacts) -> Finding:
    band = facts.chip_band
    figures = {"feed": facts.feed, "rpm": facts.rpm, "teeth": facts.teeth}
    return Finding(facts.thickest_chip, band.high, band.overload, figures, 0)


def _window(facts: CutFacts) -> Finding:
    band = facts.chip_band
    return Finding(band.high, band.low, band.low, {"pass": facts.effective_pass, "diameter": facts.diameter}, 0)


def _saw_rubbing(facts: CutFacts) -> Finding:
    return Finding(facts.feed_per_tooth, SAW_LOW_MM, SAW_RUBBING_MM, _saw_figures(facts))


def _saw_overload(facts: CutFacts) -> Finding:
    return Finding(facts.feed_per_tooth, SAW_HIGH_MM, SAW_OVERLOAD_MM, _saw_figures(facts))


def _saw_figures(facts: CutFacts) -> dict[str, float]:
    return {"feed": facts.feed, "rpm": facts.rpm, "teeth": facts.teeth}


def _gullet(facts: CutFacts) -> Finding:
    pitch = sawing.tooth_pitch_mm(facts.diameter, facts.teeth)
    fill = sawing.gullet_fill_ratio(facts.feed_per_tooth, facts.effective_pass, pitch)
    return Finding(100 * fill, 100, 150, {"pitch": pitch, "teeth_in_cut": facts.saw_arc / pitch})


RULES = (
    Rule(
        rule_id="CHIP_RUBBING",
        category=Category.CHIPLOAD,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="The chip is thick enough to be cut",
        limits="GREEN from max(floor(D), 0.5 % of D), YELLOW from half the floor; floor 0.0127 mm to 1/8 in, 0.0254 mm "
        "from 6 mm; shell GREEN from 0.001 mm",
        why="Each tooth cuts {value:mm} in a lap {lap:mm} wide ({feed:mm/min}, {rpm:rpm}, {teeth:count} edges); under "
        "{green:mm} a bit rubs instead of cutting.",
        hint="feed faster, turn slower, or take a bit with fewer flutes",
        sources=_BAND_SOURCES,
        confidence=0.7,
        check=_rubbing,
        needs=CHIP_NEEDS | needs("cut.stepover_mm", "machine.acceleration_mm_per_s2"),
        uses=_RUNOUT,
        pairs_with="CHIP_OVERLOAD",
    ),
    Rule(
        rule_id="CHIP_OVERLOAD",
        category=Category.CHIPLOAD,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="mm",
        title="The chip is not too thick for the bit",
        limits="GREEN to min(3 % of D, 0.19 mm + 0.006 (D - 6.35)) x material (1.25 at 400 kg/m3, 1 at 700, 0.6 at "
        "1200; 1.25 in sheet) x depth (1 at 1 D, 0.75 at 2 D, 0.5 at 3 D), YELLOW to 1.5 times that; shell GREEN to "
        "0.01 mm",
        why="Each tooth cuts {value:mm} ({feed:mm/min}, {rpm:rpm}, {teeth:count} edges); this bit takes up to "
        "{green:mm} here.",
        hint="feed slower, turn faster, or take shallower passes",
        sources=_BAND_SOURCES,
        confidence=0.7,
        check=_overload,
        needs=CHIP_NEEDS,
        uses=_RUNOUT,
        pairs_with="CHIP_RUBBING",
    ),
    Rule(
        rule_id="CHIP_NO_WINDOW",
        category=Category.CHIPLOAD,
        modes=ROUTER,
        direction=Direction.MIN,
        unit="mm",
        title="There is a chip load that is neither too thin nor too thick",
        limits="the band's upper end must not lie under its lower end",
        why="The thickest chip this bit takes {pass:mm} deep is {value:mm}; it starts to cut at {green:mm}.",
        hint="take shallower passes or a larger bit",
        sources=_BAND_SOURCES,
        confidence=0.6,
        check=_window,
        needs=CHIP_NEEDS,
    ),
    Rule(
        rule_id="SAW_CHIP_RUBBING",
        category=Category.CHIPLOAD,
        modes=SAW,
        direction=Direction.MIN,
        unit="mm",
        title="The blade's teeth cut instead of rubbing",
        limits="in wood and sheet GREEN from 0.02 mm for each tooth, YELLOW from 0.008; no band for shell",
        why="Each tooth advances {value:mm} ({feed:mm/min}, {rpm:rpm}, {teeth:count} teeth); under {green:mm} they "
        "rub. More teeth are not finer at this feed.",
        hint="feed faster, turn slower, or take a blade with fewer teeth",
        sources=("RMOS band for strips and slitting; table-saw practice about 0.018 mm (Carbide3D forum)",),
        confidence=0.5,
        check=_saw_rubbing,
        needs=_SAW_CHIP,
        pairs_with="SAW_CHIP_OVERLOAD",
    ),
    Rule(
        rule_id="SAW_CHIP_OVERLOAD",
        category=Category.CHIPLOAD,
        modes=SAW,
        direction=Direction.MAX,
        unit="mm",
        title="The blade's teeth do not bite too much",
        limits="in wood and sheet GREEN to 0.15 mm for each tooth, YELLOW to 0.35; no band for shell",
        why="Each tooth advances {value:mm} ({feed:mm/min}, {rpm:rpm}, {teeth:count} teeth); up to {green:mm} is good.",
        hint="feed slower or take a blade with more teeth",
        sources=("RMOS band for strips and slitting; industrial solid wood 0.3 to 0.5 mm (SealTool)",),
        confidence=0.5,
        check=_saw_overload,
        needs=_SAW_CHIP,
        pairs_with="SAW_CHIP_RUBBING",
    ),
    Rule(
        rule_id="SAW_GULLET",
        category=Category.CHIPLOAD,
        modes=SAW,
        direction=Direction.MAX,
        unit="percent",
        title="The gullets hold the chips",
        limits="fz x depth at most 0.3 of the gullet (0.2 p^2); YELLOW to 1.5 times that",
        why="A gullet fills to {value:percent} of what it can carry out ({teeth_in_cut:ratio} teeth in the cut).",
        hint="feed slower, cut less deep, or take a blade with fewer teeth",
        sources=("general sawing practice: gullet area about 0.2 of the pitch squared, filled to 0.3",),
        confidence=0.4,
        check=_gullet,
        needs=_SAW_CHIP | needs("tool.diameter_mm", "cut.depth_per_pass_mm", "depth"),
    ),
)
