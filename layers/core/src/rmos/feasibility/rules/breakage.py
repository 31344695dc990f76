"""Rules of breakage: what snaps a bit or jams a blade."""

from rmos.design.cutting import Entry, ToolMaterial
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.rules.deflection import BENDING_NEEDS
from rmos.feasibility.rules.rule import ROUTER, SAW, Finding, Rule, needs

_ALLOWED_MPA = {ToolMaterial.CARBIDE: 1000.0, ToolMaterial.HSS: 500.0}
_GREEN_SHARE, _YELLOW_SHARE = 0.4, 0.7
_PLUNGE_PCT = {Entry.PLUNGE: (50.0, 100.0), Entry.RAMP: (95.0, 120.0), Entry.HELIX: (85.0, 120.0)}
_CLEARANCE_MM = (0.1, 0.03)


def _stress(facts: CutFacts) -> Finding:
    allowed = _ALLOWED_MPA[facts.tool_material]
    figures = {"allowed": allowed, "force": facts.tooth_force, "stickout": facts.stickout}
    return Finding(facts.stress, _GREEN_SHARE * allowed, _YELLOW_SHARE * allowed, figures, 0)


def _plunge(facts: CutFacts) -> Finding:
    green, yellow = _PLUNGE_PCT[facts.entry]
    figures: dict[str, float | str] = {"plunge": facts.plunge, "feed": facts.feed, "entry": facts.entry.lower()}
    return Finding(100 * facts.plunge / facts.feed, green, yellow, figures, 0)


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
        why="The bit goes in by {entry} at {plunge:mm/min}, {value:percent} of its feed; {green:percent} is good.",
        hint="lower the plunge feed; a ramp or helix may enter faster than a plunge",
        sources=("cnctoolkit: vertical 25 to 50 %, ramp 70 to 95 %, helix 60 to 85 %",),
        confidence=0.5,
        check=_plunge,
        needs=needs("cut.feed_mm_per_min", "cut.plunge_mm_per_min"),
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
