"""The rosette as a picture: LOOK to see and measure it, CUT to import into a laser or CAM program."""

from xml.etree import ElementTree as ET

from rmos.design.library import BuiltInLibrary, Library
from rmos.design.numbering import ring_name
from rmos.design.rosette import Design
from rmos.design.units import MM_PER_INCH, DisplayUnits
from rmos.drawing.bands import Band, bands_of, top_look
from rmos.drawing.colours import FAINT_INK, INK, PAPER
from rmos.drawing.cut import draw_cut
from rmos.drawing.legend import add_legend, legend_height
from rmos.drawing.lengths import length, unit_name
from rmos.drawing.plan import add_binding_mark, add_diameters, add_grain, add_plan, add_shimmer
from rmos.drawing.request import Layer
from rmos.drawing.scene import Detail, Scene
from rmos.drawing.section import add_section, section_of
from rmos.drawing.sheet import Anchor, Type, add_fitted_text, add_line, add_text, sheet_around
from rmos.drawing.svg import add, clean, crop, document, write

MOST_CELLS = 3_000
MOST_STRIPS = 1_200
_STRIPS_IN_ANY_RING = 8
_BAR_MM = (5, 10, 20, 50, 100, 200)
_BAR_INCHES = (0.25, 0.5, 1, 2, 4, 8)
_BUILT_IN = BuiltInLibrary()


def draw_rosette(
    design: Design,
    layer: Layer = Layer.LOOK,
    binding_ring: int | None = None,
    display_units: DisplayUnits = DisplayUnits.MM,
    library: Library = _BUILT_IN,
) -> str:
    """Return an SVG picture of a design, 1 unit = 1 mm, the soundhole's centre at the origin.

    The same design gives the same bytes. `binding_ring` (from 0) is marked in LOOK; `display_units` sets its texts.
    Names of materials come from `library`, by default of the rows that ship with RMOS. Nothing in the picture runs,
    or is loaded from elsewhere. At most `MOST_CELLS` cells of patterns are drawn, over the same part of each ring.
    """
    if layer is Layer.CUT:
        return draw_cut(design, bands_of(design, library))
    return write(_look(_scene(design, binding_ring, display_units, library)))


def draw_plan(design: Design, display_units: DisplayUnits, library: Library) -> str:
    """Return the part of LOOK left of section and legend: the plan with its diameters and the bar to check a print by.

    It is `sheet_around(…).plan_width` mm wide.
    """
    scene = _scene(design, None, display_units, library)
    root = _look(scene)
    crop(root, scene.sheet.plan_width)
    return write(root)


def _scene(design: Design, binding_ring: int | None, display_units: DisplayUnits, library: Library) -> Scene:
    bands, top = bands_of(design, library), top_look(design, library)
    return Scene(
        sheet_around(design.outer_diameter_mm), design, bands, top, display_units, binding_ring, _detail(bands)
    )


def _look(scene: Scene) -> ET.Element:
    sheet, section = scene.sheet, section_of(scene.sheet, scene.design)
    legend_top = section.caption + 2.2 * sheet.text
    bottom = max(sheet.half_plan + 9.5 * sheet.text, legend_top + legend_height(sheet, scene.bands) + sheet.text)
    box = (sheet.left, sheet.top, sheet.right - sheet.left, bottom - sheet.top)
    root = document(box, _title(scene.design), _description(scene))
    definitions = add(root, "defs")
    add_grain(definitions, sheet, scene.top)
    if any(band.look.is_shell for band in scene.bands):
        add_shimmer(definitions)
    add(root, "rect", x=box[0], y=box[1], width=box[2], height=box[3], fill=PAPER)
    _add_heading(root, scene)
    add_plan(root, scene)
    add_diameters(root, scene)
    add_section(root, scene, section)
    add_legend(root, scene, legend_top)
    if scene.binding_ring is not None:
        add_binding_mark(root, sheet, scene.bands[scene.binding_ring])
    _add_footer(root, scene)
    return root


def _detail(bands: tuple[Band, ...]) -> Detail:
    cells = sum(band.cell_count for band in bands)
    striped = sum(bool(band.strip_radii_mm) for band in bands)
    strips = max(_STRIPS_IN_ANY_RING, MOST_STRIPS // max(striped, 1))
    return Detail(arc_share=min(1.0, MOST_CELLS / max(cells, 1)), strips=strips)


def _title(design: Design) -> str:
    label = clean(design.label) if design.label else ""
    return label or "Rosette"


def _description(scene: Scene) -> str:
    units = scene.units
    rings = "; ".join(
        f"{ring_name(band.index)}: {length(band.ring.width_mm, units)} {band.ring.pattern.lower()}, "
        f"{clean(band.look.name)}, {band.ring.construction.lower()}"
        for band in scene.bands
    )
    said = [f"A rosette to scale. {_summary(scene.design, units)}. From inside out: {rings}."]
    if scene.binding_ring is not None:
        said.append(f"The limit that binds is at {ring_name(scene.binding_ring)}.")
    said.append("Tones and shapes inside a ring are signs for its pattern.")
    said.extend(_omissions(scene))
    return " ".join(said)


def _omissions(scene: Scene) -> list[str]:
    said, detail = [], scene.detail
    if detail.arc_share < 1:
        share = f"{100 * detail.arc_share:.2g} %"
        said.append(f"Patterns are drawn on the first {share} of each ring, clockwise from the top.")
    if any(len(band.strip_radii_mm) >= detail.strips for band in scene.bands):
        said.append(f"At most {detail.strips} strips are drawn in a ring.")
    return said


def _summary(design: Design, units: DisplayUnits) -> str:
    depth = design.channel_depth_mm
    deep = "" if depth is None else f", {length(depth, units)} deep"
    inner, outer = length(design.inner_diameter_mm, units), length(design.outer_diameter_mm, units)
    count = len(design.rings)
    rings = "1 ring" if count == 1 else f"{count} rings"
    hole = length(design.soundhole_diameter_mm, units)
    return f"Soundhole \u2300 {hole}, channel \u2300 {inner} to {outer}{deep}, {rings}"


def _add_heading(root: ET.Element, scene: Scene) -> None:
    sheet = scene.sheet
    text, half = sheet.text, sheet.half_plan
    width = sheet.right - 2 * text + half
    heading = Type(1.7 * text, weight="bold")
    add_fitted_text(root, (-half, -half - 3.4 * text), _title(scene.design), heading, width)
    add_fitted_text(
        root, (-half, -half - 1.3 * text), _summary(scene.design, scene.units), Type(text, FAINT_INK), width
    )


def _add_footer(root: ET.Element, scene: Scene) -> None:
    """Append a bar to check a print by, and what was left out."""
    sheet, units, text = scene.sheet, scene.units, scene.sheet.text
    y = sheet.half_plan + 6.4 * text
    reach = 0.9 * sheet.outer_radius
    factor, choice = (1.0, _BAR_MM) if units is DisplayUnits.MM else (MM_PER_INCH, _BAR_INCHES)
    figure = max((each for each in choice if each * factor <= reach), default=choice[0])
    left, bar = -sheet.half_plan, figure * factor
    for x in (left, left + bar / 2, left + bar):
        add_line(root, (x, y - 0.5 * text), (x, y), sheet.line * 2, INK)
    add_line(root, (left, y), (left + bar, y), sheet.line * 2, INK)
    add_text(root, (left + bar + 0.8 * text, y), f"{figure:g} {unit_name(units)}", Type(0.9 * text))
    share = scene.detail.arc_share
    note = "1 : 1 when printed without scaling" if share == 1 else f"patterns drawn on {100 * share:.2g} % of each ring"
    add_text(root, (sheet.half_plan, y), note, Type(0.85 * text, FAINT_INK, Anchor.END))
