"""The inputs of an evaluation by name: which are required, which have a default, which may be left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from rmos.design.text_enum import TextEnum


class FieldNeed(TextEnum):
    """Whether an input must be given.

    REQUIRED: without it its categories are UNKNOWN. DEFAULTED: a value is assumed, named, and to be confirmed.
    OPTIONAL: without it the cautious reading is taken, or nothing depends on it.
    """

    REQUIRED = "REQUIRED"
    DEFAULTED = "DEFAULTED"
    OPTIONAL = "OPTIONAL"


@dataclass(frozen=True, slots=True)
class InputField:
    """One input. `default` is its assumed value; None where it is none or follows from others, as `text` says."""

    name: str
    need: FieldNeed
    unit: str
    text: str
    default: float | str | None = None


_R, _D, _O = FieldNeed.REQUIRED, FieldNeed.DEFAULTED, FieldNeed.OPTIONAL

DEFAULT_BURN_TENDENCY = 0.6
DEFAULT_ACCELERATION = 250.0
STEPOVER_SHARE = 0.4
PLUNGE_SHARE = 0.35

FIELDS: tuple[InputField, ...] = (
    InputField("design.channel_depth_mm", _R, "mm", "Depth of the channel in the top."),
    InputField("design.top_thickness_mm", _R, "mm", "Thickness of the top when it is routed."),
    InputField(
        "design.finished_top_thickness_mm", _O, "mm", "Thickness after thinning; absent, only a warning stands."
    ),
    InputField("design.glue_line_mm", _D, "mm", "Each of the n + 1 glue lines of n rings.", 0.05),
    InputField("ring.strip_thickness_mm", _R, "mm", "Thickness of a bent strip; for VENEER rings and STRIP patterns."),
    InputField("ring.tile_length_mm", _R, "mm", "Length of a tile along the arc; for square MOSAIC tiles."),
    InputField("ring.segments", _R, "count", "Number of segments; for SEGMENTED rings."),
    InputField("ring.slice_thickness_mm", _O, "mm", "Depth of the inlay; absent, the channel's depth."),
    InputField("ring.tile_profile", _O, "", "SQUARE or TAPERED; absent counts as SQUARE."),
    InputField("ring.kerf_mm", _O, "mm", "Width of the saw's cut; absent, 0.8 mm, and 0 for knife-cut veneer."),
    InputField("ring.bending", _O, "", "DRY or HOT; absent counts as DRY."),
    InputField("material.class", _R, "", "What the cut is made in: top_material for the top, the ring's for the rest."),
    InputField("material.density_kg_per_m3", _R, "kg/m3", "Density at 12 % moisture."),
    InputField("material.burn_tendency", _D, "", "0 never to 1 at once.", DEFAULT_BURN_TENDENCY),
    InputField("material.janka_n", _O, "N", "Side hardness; shown, no law uses it."),
    InputField("machine.spindle_power_w", _R, "W", "Power at the cutter."),
    InputField("machine.min_rpm", _R, "rpm", "Slowest spindle speed."),
    InputField("machine.max_rpm", _R, "rpm", "Fastest spindle speed."),
    InputField("machine.rpm_steps", _O, "rpm", "The speeds of a stepped dial."),
    InputField("machine.max_feed_mm_per_min", _R, "mm/min", "Fastest cutting feed."),
    InputField("machine.acceleration_mm_per_s2", _D, "mm/s2", "Acceleration of the axes.", DEFAULT_ACCELERATION),
    InputField("machine.axis_force_n", _R, "N", "Force at which an axis loses steps or stretches its belt."),
    InputField("machine.runout_mm", _O, "mm", "Runout at the collet; absent, 0.025 mm lowers the confidence."),
    InputField("tool.diameter_mm", _R, "mm", "Cutting diameter."),
    InputField("tool.flutes", _R, "count", "Cutting edges of a bit."),
    InputField("tool.flute_length_mm", _R, "mm", "Length of the flutes."),
    InputField("tool.stickout_mm", _R, "mm", "Collet face to tip."),
    InputField("tool.shank_diameter_mm", _R, "mm", "Shank in the collet."),
    InputField("tool.material", _D, "", "CARBIDE or HSS.", "CARBIDE"),
    InputField("tool.edge", _D, "", "NEW, USED or DULL.", "USED"),
    InputField(
        "tool.helix", _O, "", "UPCUT throws chips out; in a slot deeper than the bit is wide absent counts as not."
    ),
    InputField("tool.runout_mm", _O, "mm", "Runout at the tip; goes before the machine's."),
    InputField(
        "tool.max_rpm", _O, "rpm", "As marked; absent, the usual limit of the diameter. A blade must be marked."
    ),
    InputField("tool.tip_angle_deg", _O, "deg", "Included angle of a V-bit; no rule of a rosette uses it yet."),
    InputField("tool.teeth", _R, "count", "Teeth of a blade."),
    InputField("tool.kerf_mm", _R, "mm", "Width of a blade's cut."),
    InputField("tool.plate_mm", _R, "mm", "Thickness of a blade's plate."),
    InputField("cut.spindle_rpm", _R, "rpm", "Spindle speed."),
    InputField("cut.feed_mm_per_min", _R, "mm/min", "Cutting feed."),
    InputField("cut.depth_per_pass_mm", _R, "mm", "Depth of one pass; the effective one is at most the whole depth."),
    InputField("cut.plunge_mm_per_min", _D, "mm/min", "Feed downwards; assumed 35 % of the feed."),
    InputField("cut.stepover_mm", _D, "mm", "Sideways step of a channel's laps; assumed 40 % of the diameter."),
    InputField("cut.operation", _D, "", "ROUGH or FINISH.", "FINISH"),
    InputField("cut.entry", _O, "", "PLUNGE, RAMP or HELIX; absent counts as PLUNGE."),
)

FIELD_BY_NAME: Mapping[str, InputField] = {each.name: each for each in FIELDS}
