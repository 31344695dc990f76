"""Rules of speed: what the tool, its plate and the machine may turn."""

from rmos.design.materials import MaterialClass
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics import speeds
from rmos.feasibility.rules.rule import ANY, ROUTER, SAW, Finding, Rule, needs

_SPINNING = needs("cut.spindle_rpm", "tool.diameter_mm")
_PLATE_SLACK = 1.15
_SAW_BURST_M_PER_S = 100.0
_SAW_STANDARD_M_PER_S = 80.0
_SOFTWOOD_M_PER_S, _HARDWOOD_M_PER_S, _EXOTIC_M_PER_S = 90.0, 70.0, 65.0
_EXOTIC_KG_PER_M3 = 800.0


def _marked(facts: CutFacts) -> Finding | None:
    if facts.marked_max_rpm is None:
        return None
    return _against(facts, facts.marked_max_rpm)


def _unmarked(facts: CutFacts) -> Finding | None:
    if facts.marked_max_rpm is not None or facts.diameter < speeds.SMALLEST_LISTED_DIAMETER_MM:
        return None
    return _against(facts, speeds.unmarked_max_rpm(facts.diameter))


def _machine_limit(facts: CutFacts) -> Finding:
    return _against(facts, facts.machine_max_rpm)


def _against(facts: CutFacts, max_rpm: float) -> Finding:
    limit = speeds.rim_speed_m_per_s(facts.diameter, max_rpm)
    return Finding(facts.rim_speed, limit, limit, {"rpm": facts.rpm, "max_rpm": max_rpm})


def _machine_least(facts: CutFacts) -> Finding:
    limit = speeds.rim_speed_m_per_s(facts.diameter, facts.machine_min_rpm)
    figures = {"rpm": facts.rpm, "min_rpm": facts.machine_min_rpm}
    return Finding(facts.rim_speed, limit, limit, figures)


def _step(facts: CutFacts) -> Finding | None:
    if facts.rpm_steps is None:
        return None
    nearest = min(facts.rpm_steps, key=lambda rpm: abs(rpm - facts.rpm), default=facts.rpm)
    away = 100 * abs(nearest - facts.rpm) / facts.rpm
    return Finding(away, 2.0, 10.0, {"rpm": facts.rpm, "nearest_rpm": nearest})


def _saw_marked(facts: CutFacts) -> Finding | None:
    return _marked(facts)


def _saw_rim(facts: CutFacts) -> Finding:
    return Finding(facts.rim_speed, _wood_limit(facts), _SAW_BURST_M_PER_S, {"rpm": facts.rpm})


def _wood_limit(facts: CutFacts) -> float:
    if facts.material_class is MaterialClass.SHEET:
        return _SAW_STANDARD_M_PER_S
    if not facts.is_known("material.density_kg_per_m3") or facts.density >= _EXOTIC_KG_PER_M3:
        return _EXOTIC_M_PER_S
    return _HARDWOOD_M_PER_S if facts.is_dense else min(_SOFTWOOD_M_PER_S, _SAW_STANDARD_M_PER_S)


def _plate(facts: CutFacts) -> Finding:
    stable = speeds.plate_max_rpm(facts.plate, facts.diameter)
    limit = speeds.rim_speed_m_per_s(facts.diameter, stable)
    return Finding(facts.rim_speed, limit, _PLATE_SLACK * limit, {"rpm": facts.rpm, "max_rpm": stable})


RULES = (  # where two stand equally far beyond their limits, the first is named: what is dangerous goes first
    Rule(
        rule_id="SPEED_MARKED",
        category=Category.RIMSPEED,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="m/s",
        title="The bit does not turn faster than it is marked",
        limits="RED over the marked speed; shown as speed at the rim",
        why="{rpm:rpm} moves the rim at {value:m/s}; the bit is marked {max_rpm:rpm} ({green:m/s}).",
        hint="turn slower",
        sources=("the tool's own marking; EN 847-1 asks for one on cutters from 16 mm",),
        confidence=0.95,
        check=_marked,
        needs=_SPINNING,
        uses=needs("tool.max_rpm"),
        is_safety=True,
    ),
    Rule(
        rule_id="SPEED_UNMARKED",
        category=Category.RIMSPEED,
        modes=ROUTER,
        direction=Direction.MAX,
        unit="m/s",
        title="An unmarked bit does not turn faster than is usual for its size",
        limits="24,000 rpm to 25.4 mm, 18,000 to 50.8, 16,000 to 63.5, 12,000 to 88.9; under 6 mm no table",
        why="{rpm:rpm} moves the rim at {value:m/s}; unmarked bits of this size run up to {max_rpm:rpm} ({green:m/s}).",
        hint="turn slower, or enter the speed marked on the bit",
        sources=("router bit speed chart, woodworking.about.com", "Freud and Whiteside are lower from 1 in up"),
        confidence=0.6,
        check=_unmarked,
        needs=_SPINNING,
        uses=needs("tool.max_rpm"),
        is_safety=True,
    ),
    Rule(
        rule_id="SAW_SPEED_MARKED",
        category=Category.RIMSPEED,
        modes=SAW,
        direction=Direction.MAX,
        unit="m/s",
        title="The blade does not turn faster than it is marked",
        limits="RED over the marked speed",
        why="{rpm:rpm} moves the rim at {value:m/s}; the blade is marked {max_rpm:rpm} ({green:m/s}).",
        hint="turn slower",
        sources=("the blade's own marking, which EN 847-1 asks for",),
        confidence=0.95,
        check=_saw_marked,
        needs=_SPINNING | needs("tool.max_rpm"),
        is_safety=True,
    ),
    Rule(
        rule_id="SAW_SPEED_RIM",
        category=Category.RIMSPEED,
        modes=SAW,
        direction=Direction.MAX,
        unit="m/s",
        title="The blade's rim is not too fast for the wood",
        limits="GREEN to 80 m/s in softwood and sheet, 70 in hardwood, 65 from 800 kg/m3 or where the density is not "
        "given; RED over 100",
        why="{rpm:rpm} moves the rim at {value:m/s}; this material wants at most {green:m/s}.",
        hint="turn slower or take a smaller blade",
        sources=("SealTool: 80 m/s standard, 100 at most", "Central Saws: bands by wood", "Kaczmarek 2016"),
        confidence=0.7,
        check=_saw_rim,
        needs=_SPINNING,
        uses=needs("material.density_kg_per_m3"),
        is_safety=True,
    ),
    Rule(
        rule_id="SPEED_MACHINE_MAX",
        category=Category.RIMSPEED,
        modes=ANY,
        direction=Direction.MAX,
        unit="m/s",
        title="The spindle reaches this speed",
        limits="RED over the machine's fastest speed",
        why="{rpm:rpm} is asked ({value:m/s} at the rim); the spindle turns up to {max_rpm:rpm}.",
        hint="turn slower",
        sources=("the machine's own range",),
        confidence=0.95,
        check=_machine_limit,
        needs=_SPINNING | needs("machine.max_rpm"),
    ),
    Rule(
        rule_id="SPEED_MACHINE_MIN",
        category=Category.RIMSPEED,
        modes=ANY,
        direction=Direction.MIN,
        unit="m/s",
        title="The spindle turns this slowly",
        limits="RED under the machine's slowest speed",
        why="{rpm:rpm} is asked ({value:m/s} at the rim); the spindle turns no slower than {min_rpm:rpm}.",
        hint="turn faster",
        sources=("the machine's own range",),
        confidence=0.95,
        check=_machine_least,
        needs=_SPINNING | needs("machine.min_rpm"),
    ),
    Rule(
        rule_id="SPEED_STEP",
        category=Category.RIMSPEED,
        modes=ANY,
        direction=Direction.MAX,
        unit="percent",
        title="The dial has this speed",
        limits="GREEN within 2 % of a step, YELLOW within 10 %",
        why="{rpm:rpm} lies {value:percent} from the dial's nearest step, {nearest_rpm:rpm}.",
        hint="choose a step of the dial",
        sources=("the machine's own steps",),
        confidence=0.9,
        check=_step,
        needs=needs("cut.spindle_rpm"),
        uses=needs("machine.rpm_steps"),
    ),
    Rule(
        rule_id="SAW_PLATE_STABILITY",
        category=Category.RIMSPEED,
        modes=SAW,
        direction=Direction.MAX,
        unit="m/s",
        title="The plate keeps its stiffness at this speed",
        limits="GREEN to 2.6e8 x plate / D^2 rpm (mm), YELLOW to 1.15 times that",
        why="{rpm:rpm} moves the rim at {value:m/s}; this plate runs true up to about {max_rpm:rpm}.",
        hint="turn slower, take a smaller or thicker blade, or a larger clamping collar",
        sources=("fitted to Tenryu's table", "Merhar 2017 and Stakhiev: stay 15 % under the critical speed"),
        confidence=0.5,
        check=_plate,
        needs=_SPINNING | needs("tool.plate_mm"),
    ),
)
