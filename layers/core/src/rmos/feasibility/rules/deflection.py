"""Rules of deflection: how far the tool gives way."""

from rmos.design.cutting import Operation
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics import sawing
from rmos.feasibility.rules.rule import ROUTER, SAW, Finding, Rule, needs

_UM_PER_MM = 1000
_FINISH_UM = (10.0, 25.0)
_ROUGH_UM = (25.0, 50.0)
_SAW_UM = (50.0, 100.0)

FORCE_NEEDS = needs(
    "cut.feed_mm_per_min",
    "cut.spindle_rpm",
    "cut.depth_per_pass_mm",
    "depth",
    "tool.diameter_mm",
    "tool.flutes",
    "tool.edge",
    "material.density_kg_per_m3",
    "law",
    "law.force",
)
BENDING_NEEDS = FORCE_NEEDS | needs(
    "tool.stickout_mm", "tool.flute_length_mm", "tool.shank_diameter_mm", "tool.material"
)
SAW_FORCE_NEEDS = needs(
    "cut.feed_mm_per_min",
    "cut.spindle_rpm",
    "cut.depth_per_pass_mm",
    "depth",
    "tool.diameter_mm",
    "tool.teeth",
    "tool.kerf_mm",
    "tool.edge",
    "material.density_kg_per_m3",
    "law",
    "law.force",
)


def _tip(facts: CutFacts) -> Finding:
    green, yellow = _ROUGH_UM if facts.operation is Operation.ROUGH else _FINISH_UM
    figures: dict[str, float | str] = {
        "force": facts.tooth_force,
        "stickout": facts.stickout,
        "diameter": facts.diameter,
        "pass": facts.effective_pass,
        "operation": facts.operation.lower(),
        "length_to_diameter": facts.stickout / facts.diameter,
    }
    return Finding(_UM_PER_MM * facts.deflection, green, yellow, figures, 0)


def _blade(facts: CutFacts) -> Finding:
    deflection = sawing.blade_deflection_mm(facts.saw_force)
    return Finding(_UM_PER_MM * deflection, *_SAW_UM, {"force": facts.saw_force})


RULES = (
    Rule(
        rule_id="DEFLECTION_TIP",
        category=Category.DEFLECTION,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="um",
        title="The bit does not bend away from the line",
        limits="finishing GREEN to 10 µm, YELLOW to 25; roughing 25 and 50",
        why="{force:N} bends the tip of a {diameter:mm} bit {stickout:mm} out of the collet by {value:um}; a "
        "{operation} cut wants at most {green:um}.",
        hint="shorten the stickout, take shallower passes, or take a thicker bit or shank",
        sources=(
            "G-Wizard: 0.001 in rough, 0.0002 in finish",
            "better-tool-library: 0.025 mm, 0.05 at most",
            "cantilever with a core of 0.8 D; carbide 600 GPa",
        ),
        confidence=0.6,
        check=_tip,
        needs=BENDING_NEEDS | needs("cut.operation"),
    ),
    Rule(
        rule_id="SAW_DEFLECTION",
        category=Category.DEFLECTION,
        modes=SAW,
        direction=Direction.MAX,
        unit="um",
        title="The blade does not wander",
        limits="GREEN to 50 µm, YELLOW to 100, for 0.15 of the cutting force against 60 N/mm",
        why="{force:N} along the rim lets the blade give {value:um} sideways; strips want at most {green:um}.",
        hint="cut less deep, feed slower, or take a smaller or thicker blade",
        sources=("Merhar 2017: 60 to 81 N/mm on a commercial blade", "limits: RMOS, from strip tolerances"),
        confidence=0.3,
        check=_blade,
        needs=SAW_FORCE_NEEDS,
    ),
)
