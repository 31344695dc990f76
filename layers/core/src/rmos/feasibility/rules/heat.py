"""Rules of heat: how near a cut is to scorching, as an index."""

from rmos.design.cutting import Helix
from rmos.design.materials import MaterialClass
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics import burning
from rmos.feasibility.rules.chipload import SAW_LOW_MM
from rmos.feasibility.rules.rule import ROUTER, SAW, Finding, Rule, needs

_CLEARS_CHIPS = {Helix.UPCUT}
_PACKED_CHIPS = 1.2
_SAW_REFERENCE_M_PER_S = 70.0

_TURNING = needs("cut.feed_mm_per_min", "cut.spindle_rpm", "tool.diameter_mm", "tool.edge", "law")
_SOURCES = (
    "RMOS index after Igaz 2018 (heat goes into the tool) and Fire Science Reviews 2:4 (wood chars)",
    "burn tendencies: WOOD magazine (cherry and maple burn easily); comparisons, not measurements",
)


def _is_shell(facts: CutFacts) -> bool:
    return facts.material_class is MaterialClass.SHELL


def _is_no_shell(facts: CutFacts) -> bool:
    return facts.material_class is not MaterialClass.SHELL


def _burn(facts: CutFacts) -> Finding:
    is_packed = facts.is_slot and facts.total_depth > facts.diameter and facts.helix not in _CLEARS_CHIPS
    wear = facts.wear * (_PACKED_CHIPS if is_packed else 1.0)
    least = facts.known_law.chip_floor_mm(facts.diameter)
    ratio = burning.bit_speed_ratio(facts.rim_speed)
    index = burning.burn_index(least, facts.least_mean_chip, ratio, facts.burn_tendency, wear)
    figures: dict[str, float | str] = {
        "chip": facts.least_mean_chip,
        "edge": facts.edge.lower(),
        "speed": facts.rim_speed,
        "tendency": facts.burn_tendency,
    }
    return Finding(index, 1.0, 2.0, figures, facts.last_pass if is_packed else 0)


def _shell_rubbing(facts: CutFacts) -> Finding:
    index = facts.chip_band.low / facts.thinnest_chip * facts.wear
    return Finding(index, 1.0, 2.0, {"chip": facts.thinnest_chip, "edge": facts.edge.lower()})


def _saw_burn(facts: CutFacts) -> Finding:
    ratio = facts.rim_speed / _SAW_REFERENCE_M_PER_S
    index = burning.burn_index(SAW_LOW_MM, facts.feed_per_tooth, ratio, facts.burn_tendency, facts.wear)
    figures: dict[str, float | str] = {
        "chip": facts.feed_per_tooth,
        "edge": facts.edge.lower(),
        "speed": facts.rim_speed,
        "tendency": facts.burn_tendency,
    }
    return Finding(index, 1.0, 2.0, figures)


RULES = (
    Rule(
        rule_id="HEAT_BURN",
        category=Category.HEAT,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="ratio",
        title="The wall does not scorch",
        limits="burn index GREEN to 1, YELLOW to 2: (floor / mean chip) sqrt(speed / 8 m/s) (0.7 + 0.6 b) wear, x 1.2 "
        "in a slot deeper than the bit is wide unless the flutes cut upwards",
        why="The burn index is {value:ratio} (mean chip {chip:mm} at {speed:m/s}, burn tendency {tendency:ratio}, "
        "{edge} edges); scorching becomes likely over {green:ratio}.",
        hint="feed faster or turn slower; use a sharp upcut bit",
        sources=_SOURCES,
        confidence=0.4,
        check=_burn,
        applies=_is_no_shell,
        needs=_TURNING
        | needs(
            "tool.flutes",
            "material.burn_tendency",
            "depth",
            "cut.depth_per_pass_mm",
            "cut.stepover_mm",
            "machine.acceleration_mm_per_s2",
        ),
        uses=needs("tool.helix"),
    ),
    Rule(
        rule_id="HEAT_SHELL",
        category=Category.HEAT,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="ratio",
        title="The shell is cut, not rubbed hot",
        limits="0.001 mm / chip x wear GREEN to 1, YELLOW to 2; shell has no burn law, so YELLOW at best",
        why="The rubbing index in shell is {value:ratio} (chip {chip:mm}, {edge} edges); over {green:ratio} it is "
        "rubbed hot, and hot shell cracks and smells.",
        hint="feed faster, use a sharp bit, keep it wet",
        sources=("RMOS: the low end of the cited shell band (PreciseBits pearl recipe)",),
        confidence=0.3,
        check=_shell_rubbing,
        applies=_is_shell,
        needs=_TURNING
        | needs(
            "tool.flutes",
            "depth",
            "cut.depth_per_pass_mm",
            "cut.stepover_mm",
            "machine.acceleration_mm_per_s2",
            "material.density_kg_per_m3",
            "law.force",
        ),
    ),
    Rule(
        rule_id="SAW_HEAT_BURN",
        category=Category.HEAT,
        modes=SAW,
        direction=Direction.MAX,
        unit="ratio",
        title="The blade does not scorch the cut",
        limits="burn index GREEN to 1, YELLOW to 2: (0.02 mm / fz) sqrt(speed / 70 m/s) (0.7 + 0.6 b) wear",
        why="The burn index is {value:ratio} ({chip:mm} for each tooth at {speed:m/s}, burn tendency {tendency:ratio}, "
        "{edge} teeth); scorching becomes likely over {green:ratio}.",
        hint="feed faster, turn slower, or take fewer teeth",
        sources=(*_SOURCES, "speed reference: upper end for hardwood, Central Saws"),
        confidence=0.3,
        check=_saw_burn,
        needs=_TURNING | needs("tool.teeth", "material.burn_tendency"),
    ),
)
