"""Rules of breakage: what snaps a bit or jams a blade."""

from rmos.design.cutting import Entry, ToolMaterial
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics import chips
from rmos.feasibility.rules.chipload import CHIP_NEEDS
from rmos.feasibility.rules.deflection import BENDING_NEEDS
from rmos.feasibility.rules.rule import ROUTER, SAW, Finding, Rule, needs

_ALLOWED_MPA = {ToolMaterial.CARBIDE: 1000.0, ToolMaterial.HSS: 500.0}
_GREEN_SHARE, _YELLOW_SHARE = 0.4, 0.7
_PLUNGE_PCT = {Entry.PLUNGE: (50.0, 100.0), Entry.RAMP: (95.0, 120.0), Entry.HELIX: (85.0, 120.0)}
_GREEN_BITE, _YELLOW_BITE = 0.4, 0.6
_GENTLER = "lower the plunge feed; a ramp or helix may enter faster than a plunge"
_CLEARANCE_MM = (0.1, 0.03)


def _stress(facts: CutFacts) -> Finding:
    allowed = _ALLOWED_MPA[facts.tool_material]
    figures = {"allowed": allowed, "force": facts.tooth_force, "stickout": facts.stickout}
    return Finding(facts.stress, _GREEN_SHARE * allowed, _YELLOW_SHARE * allowed, figures, 0)


def _plunge(facts: CutFacts) -> Finding:
    green, yellow = _PLUNGE_PCT[facts.entry]
    figures: dict[str, float | str] = {"plunge": facts.plunge, "feed": facts.feed, "entry": facts.entry.lower()}
    return Finding(100 * facts.plunge / facts.feed, green, yellow, figures, 0)


def _goes_straight_down(facts: CutFacts) -> bool:
    """Whether the bit drills itself in; on a ramp or helix its sides cut, and the feed along it is judged as a chip."""
    return facts.entry is Entry.PLUNGE


def _bite(facts: CutFacts) -> Finding:
    """Judge how deep each edge drills: 3000 mm/min at 18,000 rpm with 2 flutes is 0.0833 mm.

    The guide's 40 % of a feed at the thickest good chip, 0.179 mm for 6 mm in maple, allows 0.0716 mm.
    """
    bite = chips.feed_per_tooth_mm(facts.plunge, facts.rpm, facts.teeth)
    most = facts.chip_band.high
    figures = {"plunge": facts.plunge, "rpm": facts.rpm, "teeth": facts.teeth}
    return Finding(bite, _GREEN_BITE * most, _YELLOW_BITE * most, figures)


def _clearance(facts: CutFacts) -> Finding:
    side = (facts.kerf - facts.plate) / 2
    return Finding(side, *_CLEARANCE_MM, {"kerf": facts.kerf, "plate": facts.plate})


RULES = (
    Rule(
        rule_id="BREAKAGE_STRESS",
        category=Category.BREAKAGE,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="MPa",
        title="The bit does not snap",
        limits="of 1000 MPa in carbide, 500 in HSS: GREEN to 0.4, YELLOW to 0.7",
        why="{force:N} at {stickout:mm} stresses the bit to {value:MPa} of {allowed:MPa} allowed.",
        hint="shorten the stickout, take shallower passes, or take a thicker bit",
        sources=("transverse rupture strength of carbide 3000 to 4000 MPa, a third to a quarter of it",),
        confidence=0.5,
        check=_stress,
        needs=BENDING_NEEDS,
    ),
    Rule(
        rule_id="BREAKAGE_PLUNGE",
        category=Category.BREAKAGE,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="percent",
        title="The bit enters the wood gently",
        limits="of the feed: plunge GREEN to 50 %, YELLOW to 100; ramp 95 and 120; helix 85 and 120",
        why="The bit goes in by {entry} at {plunge:mm/min}, {value:percent} of its feed; up to {green:percent} is "
        "good.",
        hint=_GENTLER,
        sources=("cnctoolkit: vertical 25 to 50 %, ramp 70 to 95 %, helix 60 to 85 %",),
        confidence=0.5,
        check=_plunge,
        needs=needs("cut.feed_mm_per_min", "cut.plunge_mm_per_min"),
        uses=needs("cut.entry"),
    ),
    Rule(
        rule_id="BREAKAGE_PLUNGE_CHIP",
        category=Category.BREAKAGE,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="mm",
        title="The bit drills no more at a turn than its tip can cut",
        limits="straight plunges only: plunge / (rpm x flutes) GREEN to 0.4 of the thickest good chip (CHIP_OVERLOAD), "
        "YELLOW to 0.6",
        why="Straight down each edge drills {value:mm} ({plunge:mm/min}, {rpm:rpm}, {teeth:count} edges); the tip "
        "takes up to {green:mm} here.",
        hint=_GENTLER,
        sources=(
            "Shapeoko A-to-Z guide: 30 to 40 % of the feed straight down in wood, more on a ramp",
            "Amana solid wood chart v5 (thickest chip; down a ramp feed / flutes, a half with 2 flutes)",
        ),
        confidence=0.4,
        check=_bite,
        applies=_goes_straight_down,
        needs=CHIP_NEEDS | needs("cut.plunge_mm_per_min"),
        uses=needs("cut.entry"),
    ),
    Rule(
        rule_id="SAW_SIDE_CLEARANCE",
        category=Category.BREAKAGE,
        modes=SAW,
        direction=Direction.MIN,
        unit="mm",
        title="The plate runs free in its kerf",
        limits="each side GREEN from 0.1 mm, YELLOW from 0.03",
        why="A {plate:mm} plate in a {kerf:mm} kerf has {value:mm} on each side; under {green:mm} it may bind.",
        hint="take a blade with more set or a thinner plate",
        sources=("RMOS engineering rule",),
        confidence=0.4,
        check=_clearance,
        needs=needs("tool.kerf_mm", "tool.plate_mm"),
    ),
)
