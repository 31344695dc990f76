"""From a resolved request to the facts of each cut: what is missing and what is assumed is written down on the way."""

from dataclasses import dataclass, field
from typing import TypeVar

from rmos.design.cutting import (
    Context,
    Cut,
    Edge,
    Entry,
    Machine,
    Mode,
    Operation,
    Target,
    Tool,
    ToolMaterial,
    ToolType,
)
from rmos.design.materials import Material, MaterialClass
from rmos.design.rosette import DEFAULT_GLUE_LINE_MM, Design
from rmos.design.units import nine_digits
from rmos.feasibility.blanks import SawLines, lines_of, needed_for_lines
from rmos.feasibility.facts import NOT_GIVEN, CutFacts
from rmos.feasibility.fields import DEFAULT_ACCELERATION, DEFAULT_BURN_TENDENCY, PLUNGE_SHARE, STEPOVER_SHARE
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.laws import CuttingLaw, law_for
from rmos.feasibility.places import is_confirmed
from rmos.feasibility.resolution import INLINE_CONFIDENCE, ChosenTool, Resolved

DEPTH = "depth"
LAW = "law"
ESTIMATED_FORCE = "law.force"
USUAL_RUNOUT_MM = 0.025

T = TypeVar("T")

_NO_MACHINE = Machine()
_NO_MATERIAL = Material(material_class=MaterialClass.WOOD)
_NO_TOOL = {Mode.ROUTER: Tool(type=ToolType.FLAT), Mode.SAW: Tool(type=ToolType.SAW_BLADE)}


@dataclass(slots=True)
class Ledger:
    """What one cut lacks and what was assumed for it, by the names of `rmos.feasibility.fields`."""

    missing: set[str] = field(default_factory=set)
    assumed: dict[str, float | str] = field(default_factory=dict)

    def required(self, name: str, value: float | None) -> float:
        if value is None:
            self.missing.add(name)
            return NOT_GIVEN
        return value

    def defaulted(self, name: str, value: T | None, default: T) -> T:
        if value is None:
            self.assumed[name] = default if isinstance(default, str) else float(default)  # type: ignore[arg-type]
            return default
        return value


@dataclass(slots=True)
class Assembled:
    """The facts of a cut beside what it lacks and what was assumed; `depth_field` names where its depth comes from.

    `lines` is what a saw cuts of its ring, None where that is not told and for a bit.
    """

    facts: CutFacts
    ledger: Ledger
    depth_field: str
    lines: SawLines | None


def assembled(resolved: Resolved, index: int) -> Assembled:
    """Return the facts of cut `index`."""
    ledger = Ledger()
    request = resolved.request
    cut, design = request.context.cuts[index], request.design
    chosen_tool, chosen = resolved.tools[index], resolved.material_of(cut)
    tool = _NO_TOOL[cut.mode] if chosen_tool is None else chosen_tool.values
    machine = resolved.machine or _NO_MACHINE
    material = _NO_MATERIAL if chosen is None else chosen.values
    _note_design(design, ledger)
    _note_tool(chosen_tool, cut, ledger)
    law = _law(None if chosen is None else chosen.values.material_class, cut.mode, ledger)
    lines = None if cut.mode is Mode.ROUTER or cut.ring_index is None else lines_of(design, cut.ring_index)
    depth_field, total_depth = _total_depth(request, cut, lines)
    if total_depth is None:
        ledger.missing.update((DEPTH, depth_field))
    diameter = ledger.required("tool.diameter_mm", tool.diameter_mm)
    feed = ledger.required("cut.feed_mm_per_min", cut.feed_mm_per_min)
    facts = CutFacts(
        index=index,
        cut=cut,
        design=design,
        material_class=None if chosen is None else material.material_class,
        material_label="an unnamed material" if chosen is None else chosen.label,
        material_confidence=INLINE_CONFIDENCE if chosen is None else chosen.confidence,
        law=law,
        density=ledger.required("material.density_kg_per_m3", material.density_kg_per_m3),
        burn_tendency=ledger.defaulted("material.burn_tendency", material.burn_tendency, DEFAULT_BURN_TENDENCY),
        tool_type=tool.type,
        tool_material=ledger.defaulted("tool.material", tool.material, ToolMaterial.CARBIDE),
        edge=ledger.defaulted("tool.edge", tool.edge, Edge.USED),
        helix=tool.helix,
        tip_angle=tool.tip_angle_deg,
        diameter=diameter,
        teeth=_teeth(tool, cut, ledger),
        flute_length=ledger.required("tool.flute_length_mm", tool.flute_length_mm),
        stickout=ledger.required("tool.stickout_mm", tool.stickout_mm),
        shank_diameter=ledger.required("tool.shank_diameter_mm", tool.shank_diameter_mm),
        kerf=ledger.required("tool.kerf_mm", tool.kerf_mm),
        plate=ledger.required("tool.plate_mm", tool.plate_mm),
        marked_max_rpm=tool.max_rpm,
        runout=_runout(tool, machine),
        rpm=ledger.required("cut.spindle_rpm", cut.spindle_rpm),
        feed=feed,
        plunge=ledger.defaulted("cut.plunge_mm_per_min", cut.plunge_mm_per_min, nine_digits(PLUNGE_SHARE * feed)),
        stepover=ledger.defaulted("cut.stepover_mm", cut.stepover_mm, nine_digits(STEPOVER_SHARE * diameter)),
        depth_per_pass=ledger.required("cut.depth_per_pass_mm", cut.depth_per_pass_mm),
        total_depth=NOT_GIVEN if total_depth is None else total_depth,
        operation=ledger.defaulted("cut.operation", cut.operation, Operation.FINISH),
        entry=cut.entry or Entry.PLUNGE,
        is_roughed=_is_roughed(request.context, index),
        spindle_power=ledger.required("machine.spindle_power_w", machine.spindle_power_w),
        machine_min_rpm=ledger.required("machine.min_rpm", machine.min_rpm),
        machine_max_rpm=ledger.required("machine.max_rpm", machine.max_rpm),
        rpm_steps=machine.rpm_steps,
        max_feed=ledger.required("machine.max_feed_mm_per_min", machine.max_feed_mm_per_min),
        acceleration=ledger.defaulted(
            "machine.acceleration_mm_per_s2", machine.acceleration_mm_per_s2, DEFAULT_ACCELERATION
        ),
        axis_force=ledger.required("machine.axis_force_n", machine.axis_force_n),
        missing=frozenset(ledger.missing),
        assumed=frozenset(ledger.assumed),
    )
    return Assembled(facts, ledger, depth_field, lines)


def _note_design(design: Design, ledger: Ledger) -> None:
    if design.top_thickness_mm is None:
        ledger.missing.add("design.top_thickness_mm")
    if design.glue_line_mm is None:
        ledger.assumed["design.glue_line_mm"] = DEFAULT_GLUE_LINE_MM


def _note_tool(chosen: ChosenTool | None, cut: Cut, ledger: Ledger) -> None:
    if chosen is None:
        return
    for name in chosen.assumed:
        ledger.assumed[f"tool.{name}"] = getattr(chosen.values, name)
    if cut.mode is Mode.SAW and chosen.values.max_rpm is None:
        ledger.missing.add("tool.max_rpm")


def _law(material_class: MaterialClass | None, mode: Mode, ledger: Ledger) -> CuttingLaw | None:
    if material_class is None:
        ledger.missing.update(("material.class", LAW))
        return None
    law = law_for(material_class, mode)
    if law is None:
        ledger.missing.add(LAW)
    elif law.force_is_estimated:
        ledger.assumed[ESTIMATED_FORCE] = material_class.value
    return law


def _total_depth(request: FeasibilityInput, cut: Cut, lines: SawLines | None) -> tuple[str, float | None]:
    """Return how deep a cut goes, and the field that says so.

    A saw goes through the thickest declared stock of its ring; without stock as deep as its pass is set, and at least
    through what the ring is made from: where that is not told, its depth is not either.
    """
    design = request.design
    if cut.mode is Mode.SAW and cut.ring_index is not None:
        return _sawn_depth(request, cut, cut.ring_index, lines)
    if cut.target is Target.SOUNDHOLE:
        return "design.top_thickness_mm", design.top_thickness_mm
    if cut.ring_index is not None:
        own = design.rings[cut.ring_index].slice_thickness_mm
        if own is not None:
            return "ring.slice_thickness_mm", own
    return "design.channel_depth_mm", design.channel_depth_mm


def _sawn_depth(
    request: FeasibilityInput, cut: Cut, ring_index: int, lines: SawLines | None
) -> tuple[str, float | None]:
    stock = [piece.thickness_mm for piece in request.context.stock if piece.ring_index == ring_index]
    if stock or cut.depth_per_pass_mm is None:
        return "cut.depth_per_pass_mm", max(stock, default=None)
    if lines is None:
        return needed_for_lines(request.design, ring_index), None
    return "cut.depth_per_pass_mm", max(cut.depth_per_pass_mm, lines.depth)


def _teeth(tool: Tool, cut: Cut, ledger: Ledger) -> float:
    if cut.mode is Mode.SAW:
        return ledger.required("tool.teeth", tool.teeth)
    return ledger.required("tool.flutes", tool.flutes)


def _runout(tool: Tool, machine: Machine) -> float:
    given = (tool.runout_mm, machine.runout_mm)
    return next((runout for runout in given if runout is not None), USUAL_RUNOUT_MM)


def _is_roughed(context: Context, index: int) -> bool:
    """Whether a FINISH cut goes where an earlier one roughed; what is only assumed makes no cut lighter."""
    cut, confirmed = context.cuts[index], context.confirmed_defaults
    if cut.operation is Operation.ROUGH or not any(has_opened(earlier, cut) for earlier in context.cuts[:index]):
        return False
    told = {"cut.operation": cut.operation, "cut.stepover_mm": cut.stepover_mm}
    return all(value is not None or is_confirmed(name, index, cut, confirmed) for name, value in told.items())


def has_opened(earlier: Cut, cut: Cut) -> bool:
    """Whether `earlier` roughs with a bit what `cut` is to finish; a blade opens nothing."""
    is_there = (earlier.target, earlier.ring_index) == (cut.target, cut.ring_index)
    return is_there and earlier.mode is Mode.ROUTER and earlier.operation is Operation.ROUGH
