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
    """One input. `label` is what a maker calls it, without an article.

    `default` is its assumed value; None where it is none or follows from others, as `text` says.
    """

    name: str
    label: str
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
    InputField("design.channel_depth_mm", "depth of the channel", _R, "mm", "Depth of the channel in the top."),
    InputField(
        "design.top_thickness_mm",
        "thickness of the top when it is routed",
        _R,
        "mm",
        "Thickness of the top when it is routed.",
    ),
    InputField(
        "design.finished_top_thickness_mm",
        "thickness of the finished top",
        _O,
        "mm",
        "Thickness after thinning; absent, only a warning stands.",
    ),
    InputField(
        "design.glue_line_mm", "thickness of a glue line", _D, "mm", "Each of the n + 1 glue lines of n rings.", 0.05
    ),
    InputField(
        "ring.strip_thickness_mm",
        "thickness of the bent strips",
        _R,
        "mm",
        "Thickness of a bent strip; for VENEER rings, and for others that are bent when it is given.",
    ),
    InputField(
        "ring.tile_length_mm",
        "length of a tile along the ring",
        _R,
        "mm",
        "Length of a tile along the arc; for MOSAIC patterns and LOG rings.",
    ),
    InputField("ring.segments", "number of segments", _R, "count", "Number of segments; for SEGMENTED rings."),
    InputField(
        "ring.slice_thickness_mm",
        "thickness of the inlay's slices",
        _O,
        "mm",
        "Depth of the inlay; absent, the channel's depth.",
    ),
    InputField(
        "ring.tile_profile",
        "shape of the tiles, square or tapered",
        _O,
        "",
        "SQUARE or TAPERED; absent counts as SQUARE.",
    ),
    InputField(
        "ring.kerf_mm",
        "width of the cut that slices the ring's parts",
        _O,
        "mm",
        "Width of the saw's cut; absent, 0.8 mm, and 0 for knife-cut veneer.",
    ),
    InputField("ring.bending", "way of bending, dry or hot", _O, "", "DRY or HOT; absent counts as DRY."),
    InputField(
        "material.class",
        "kind of material",
        _R,
        "",
        "What the cut is made in: top_material for the top, the ring's for the rest.",
    ),
    InputField("material.density_kg_per_m3", "density of the material", _R, "kg/m3", "Density at 12 % moisture."),
    InputField(
        "material.burn_tendency",
        "tendency of the material to burn",
        _D,
        "",
        "0 never to 1 at once.",
        DEFAULT_BURN_TENDENCY,
    ),
    InputField("material.janka_n", "hardness of the material", _O, "N", "Side hardness; shown, no law uses it."),
    InputField("machine.spindle_power_w", "power of the spindle", _R, "W", "Power at the cutter."),
    InputField("machine.min_rpm", "slowest speed of the spindle", _R, "rpm", "Slowest spindle speed."),
    InputField("machine.max_rpm", "fastest speed of the spindle", _R, "rpm", "Fastest spindle speed."),
    InputField("machine.rpm_steps", "speeds of the spindle's dial", _O, "rpm", "The speeds of a stepped dial."),
    InputField("machine.max_feed_mm_per_min", "fastest feed of the machine", _R, "mm/min", "Fastest cutting feed."),
    InputField(
        "machine.acceleration_mm_per_s2",
        "acceleration of the machine",
        _D,
        "mm/s2",
        "Acceleration of the axes.",
        DEFAULT_ACCELERATION,
    ),
    InputField(
        "machine.axis_force_n",
        "force that an axis of the machine holds",
        _R,
        "N",
        "Force at which an axis loses steps or stretches its belt.",
    ),
    InputField(
        "machine.runout_mm",
        "runout of the spindle",
        _O,
        "mm",
        "Runout at the collet; absent, 0.025 mm lowers the confidence.",
    ),
    InputField("tool.diameter_mm", "diameter of the bit or blade", _R, "mm", "Cutting diameter."),
    InputField("tool.flutes", "number of the bit's cutting edges", _R, "count", "Cutting edges of a bit."),
    InputField("tool.flute_length_mm", "length of the bit's flutes", _R, "mm", "Length of the flutes."),
    InputField("tool.stickout_mm", "how far the bit stands out of the collet", _R, "mm", "Collet face to tip."),
    InputField("tool.shank_diameter_mm", "thickness of the bit's shank", _R, "mm", "Shank in the collet."),
    InputField("tool.material", "material of the bit or blade", _D, "", "CARBIDE or HSS.", "CARBIDE"),
    InputField("tool.edge", "sharpness of the edges", _D, "", "NEW, USED or DULL.", "USED"),
    InputField(
        "tool.helix",
        "direction in which the flutes throw the chips",
        _O,
        "",
        "UPCUT throws chips out; in a slot deeper than the bit is wide absent counts as not.",
    ),
    InputField(
        "tool.runout_mm", "runout at the tip of the bit", _O, "mm", "Runout at the tip; goes before the machine's."
    ),
    InputField(
        "tool.max_rpm",
        "fastest speed marked on the bit or blade",
        _O,
        "rpm",
        "As marked; absent, the usual limit of the diameter. A blade must be marked.",
    ),
    InputField(
        "tool.tip_angle_deg",
        "angle of the V-bit's tip",
        _O,
        "deg",
        "Included angle of a V-bit; absent counts as 90.",
    ),
    InputField("tool.teeth", "number of the blade's teeth", _R, "count", "Teeth of a blade."),
    InputField("tool.kerf_mm", "width of the blade's cut", _R, "mm", "Width of a blade's cut."),
    InputField("tool.plate_mm", "thickness of the blade's plate", _R, "mm", "Thickness of a blade's plate."),
    InputField("cut.spindle_rpm", "speed of the spindle", _R, "rpm", "Spindle speed."),
    InputField("cut.feed_mm_per_min", "feed of the cut", _R, "mm/min", "Cutting feed."),
    InputField(
        "cut.depth_per_pass_mm",
        "depth of one pass",
        _R,
        "mm",
        "Depth of one pass; the effective one is at most the whole depth.",
    ),
    InputField(
        "cut.plunge_mm_per_min",
        "feed at which the bit goes down",
        _D,
        "mm/min",
        "Feed downwards; assumed 35 % of the feed.",
    ),
    InputField(
        "cut.stepover_mm",
        "sideways step from lap to lap",
        _D,
        "mm",
        "Sideways step of a channel's laps; assumed 40 % of the diameter.",
    ),
    InputField("cut.operation", "purpose of the cut, roughing or finishing", _D, "", "ROUGH or FINISH.", "FINISH"),
    InputField("cut.entry", "way into the wood", _O, "", "PLUNGE, RAMP or HELIX; absent counts as PLUNGE."),
)

FIELD_BY_NAME: Mapping[str, InputField] = {each.name: each for each in FIELDS}

_OF_ROWS = ("tool.stickout_mm", "tool.max_rpm")
ASSUMABLE = (*(each.name for each in FIELDS if each.need is _D), *_OF_ROWS)
"""What may stand in `assumed_defaults`: fields with a default, and what reference tools assume of a workshop."""


def label_of(name: str) -> str:
    """Return what a maker calls a field: "depth of one pass"; "tool" and the like as is."""
    field = FIELD_BY_NAME.get(name)
    return name if field is None else field.label


def labelled(name: str) -> str:
    """Return a field as a sentence names it: "depth of one pass (cut.depth_per_pass_mm)"; "tool" and the like as is."""
    field = FIELD_BY_NAME.get(name)
    return name if field is None else f"{field.label} ({name})"
