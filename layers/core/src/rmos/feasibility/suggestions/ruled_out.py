"""Which input stands in the way where no setting helps."""

from collections.abc import Iterator, Mapping, Sequence

from rmos.design.cutting import Cut
from rmos.design.numbering import ring_name
from rmos.design.units import FORMATS, DisplayUnits
from rmos.feasibility.assembly import ESTIMATED_FORCE, LAW
from rmos.feasibility.fields import labelled
from rmos.feasibility.laws import ESTIMATED, without_law
from rmos.feasibility.models import Assessment, Check, CutResult, Direction, Judgement, RiskLevel, RuledOut
from rmos.feasibility.places import pointer_of
from rmos.feasibility.resolution import Resolved
from rmos.feasibility.rules.table import RULES
from rmos.feasibility.suggestions.remedies import CHOSEN_AT_THE_MACHINE, Remedies

DECIDING_FIELD: Mapping[str, str] = {
    "CHIP_RUBBING": "tool.diameter_mm",
    "CHIP_OVERLOAD": "tool.diameter_mm",
    "CHIP_NO_WINDOW": "tool.diameter_mm",
    "SAW_CHIP_RUBBING": "tool.teeth",
    "SAW_CHIP_OVERLOAD": "tool.teeth",
    "SAW_GULLET": "tool.teeth",
    "HEAT_BURN": "tool.edge",
    "HEAT_SHELL": "tool.edge",
    "SAW_HEAT_BURN": "tool.teeth",
    "DEFLECTION_TIP": "tool.flute_length_mm",
    "SAW_DEFLECTION": "tool.diameter_mm",
    "SPEED_MARKED": "tool.max_rpm",
    "SPEED_UNMARKED": "tool.diameter_mm",
    "SPEED_MACHINE_MAX": "machine.max_rpm",
    "SPEED_MACHINE_MIN": "machine.min_rpm",
    "SPEED_STEP": "machine.rpm_steps",
    "SAW_SPEED_MARKED": "tool.max_rpm",
    "SAW_SPEED_RIM": "tool.diameter_mm",
    "SAW_PLATE_STABILITY": "tool.plate_mm",
    "POWER_SPINDLE": "machine.spindle_power_w",
    "POWER_AXIS_FORCE": "machine.axis_force_n",
    "POWER_FEED": "machine.max_feed_mm_per_min",
    "SAW_POWER_SPINDLE": "machine.spindle_power_w",
    "SAW_POWER_AXIS_FORCE": "machine.axis_force_n",
    "BREAKAGE_STRESS": "tool.diameter_mm",
    "BREAKAGE_PLUNGE": "cut.plunge_mm_per_min",
    "BREAKAGE_PLUNGE_CHIP": "cut.plunge_mm_per_min",
    "SAW_SIDE_CLEARANCE": "tool.plate_mm",
    "STEPOVER_RIDGES": "cut.stepover_mm",
    "CHANNEL_VS_BIT": "tool.diameter_mm",
    "PASS_DEPTH": "tool.diameter_mm",
    "TOTAL_DEPTH": "tool.diameter_mm",
    "FLUTE_REACH": "tool.flute_length_mm",
    "STICKOUT_CLAMPING": "tool.stickout_mm",
    "STICKOUT_REACH": "tool.stickout_mm",
    "TOP_REMAINING": "design.top_thickness_mm",
    "TOP_SHARE": "design.top_thickness_mm",
    "TOP_REMAINING_FINISHED": "design.finished_top_thickness_mm",
    "LAND_TO_SOUNDHOLE": "design.inner_diameter_mm",
    "RING_GAP": "design.rings",
    "WALL_CORNER": "tool.type",
    "SAW_EXPOSURE": "tool.diameter_mm",
    "SAW_CURVE": "cut.mode",
    "RING_FREE_WIDTH": "ring.width_mm",
    "RING_LAID_WIDTH": "ring.width_mm",
    "STRIP_STRAIN": "ring.strip_thickness_mm",
    "TILE_GAP": "ring.tile_profile",
    "TILE_CLOSURE": "ring.tile_length_mm",
    "TILE_LENGTH": "ring.tile_length_mm",
    "SEGMENT_ARC": "ring.segments",
    "INLAY_DEPTH": "ring.slice_thickness_mm",
}
"""The input that decides a rule where the settings of a cut do not: what a sender would look at first."""


_MOST = 20


def ruled_out(resolved: Resolved, verdict: Judgement, found: Sequence[Remedies]) -> tuple[RuledOut, ...]:
    """Return what keeps the cuts that are not GREEN from being so, whatever their settings."""
    reasons: dict[tuple[str, str], RuledOut] = {}
    for reason in _reasons(resolved, verdict, found):
        reasons.setdefault((reason.pointer, reason.reason), reason)
    return tuple(reasons.values())[:_MOST]


def _reasons(resolved: Resolved, verdict: Judgement, found: Sequence[Remedies]) -> Iterator[RuledOut]:
    if verdict.risk_level is RiskLevel.ERROR or not verdict.cuts:
        yield RuledOut(pointer="", reason=" ".join(verdict.reasons) or "The engine gives no cut's figures.")
        return
    for missing in verdict.missing_inputs:
        yield RuledOut(
            pointer=missing.pointer, reason=f"{_capital(labelled(missing.field))} is required and not given."
        )
    mended = tuple(f"/context/cuts/{each.index}/" for each in found if each.fixes)
    for default in verdict.assumed_defaults:
        is_spelled_out = default.field in CHOSEN_AT_THE_MACHINE and default.pointer.startswith(mended)
        if not default.confirmed and not is_spelled_out:
            said = f"{_capital(labelled(default.field))} is assumed to be {default.value} {default.unit}".rstrip()
            yield RuledOut(pointer=default.pointer, reason=f"{said}; tell it, or confirm the default.")
    for each in found:
        yield from _of_cut(resolved, verdict.cuts[each.index], each)
    supply = verdict.material_yield
    if supply is not None and supply.decides and supply.risk_level is RiskLevel.RED:
        yield RuledOut(pointer="/context/stock", reason=supply.why)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_cut(resolved: Resolved, present: CutResult, remedy: Remedies) -> Iterator[RuledOut]:
    """Yield what is still passed after the nearest fix, or now where there is none."""
    context, index = resolved.request.context, present.index
    cut, units = context.cuts[index], context.display_units
    result = remedy.fixes[0].result if remedy.fixes else present
    chosen = resolved.material_of(cut)
    if chosen is not None and any(LAW in each.details.missing for each in present.assessments):
        yield RuledOut(chosen.pointer, f"{without_law(chosen.values.material_class, cut.mode)}.")
    if chosen is not None and any(ESTIMATED_FORCE in each.details.assumed for each in present.assessments):
        yield RuledOut(chosen.pointer, ESTIMATED)
    if remedy.is_open:
        return
    for assessment in result.assessments:
        for check in assessment.details.checks:
            is_settled = (check.rule_id, check.ring_index) in remedy.settled
            if check.risk_level is not RiskLevel.GREEN and (is_settled or not remedy.settled):
                field = DECIDING_FIELD.get(check.rule_id, "cut")
                yield RuledOut(_placed(field, resolved, cut, index, check.ring_index), _why(assessment, check, units))


def _why(assessment: Assessment, check: Check, units: DisplayUnits) -> str:
    """Return the sentence of the check that binds, or the title and the numbers of another one."""
    rule = RULES.get(check.rule_id)
    if rule is None or check is min(assessment.details.checks, key=lambda each: each.score):
        return assessment.why
    bound = "at most" if check.direction is Direction.MAX else "at least"
    written = FORMATS[units][check.unit]
    answer = "No" if check.risk_level is RiskLevel.RED else "Not quite"
    said = f"{rule.title}? {answer}: {written(check.value)}, where {bound} {written(check.limit_green)} is good."
    return said if check.ring_index is None else f"{ring_name(check.ring_index).capitalize()}: {said}"


def _placed(field: str, resolved: Resolved, cut: Cut, index: int, ring_index: int | None) -> str:
    """Return the pointer of a field in the request as it was sent: an id, where its owner was named by one."""
    owner = field.partition(".")[0]
    if field == "cut":
        return f"/context/cuts/{index}"
    if owner == "tool" and cut.tool_id is not None:
        return f"/context/cuts/{index}/tool_id"
    if owner == "machine" and resolved.request.context.machine_id is not None:
        return "/context/machine_id"
    chosen = resolved.material_of(cut)
    if owner == "material" and chosen is not None:
        return chosen.pointer
    return pointer_of(field, index, cut, ring_index)
