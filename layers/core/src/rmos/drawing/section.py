"""The channel in section beside the plan, enlarged: its depth, what stays of the top, and the width of each ring."""

import math
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.drawing.bands import Band, Look
from rmos.drawing.colours import BLACK, FAINT_INK, INK, PAPER
from rmos.drawing.lengths import figure, length, unit_name
from rmos.drawing.scene import Scene
from rmos.drawing.sheet import Anchor, Sheet, Type, add_dimension, add_line, add_text
from rmos.drawing.spacing import spread
from rmos.drawing.svg import Attributes, add, number, polygon, polyline, stroke, text_width

_BODY_TEXTS = 33.0
_TALLEST_TEXTS = 11.0
_SURFACE_TEXTS = 8.4
_BESIDE = 0.14
_WIDEST_LAND = 0.7
_NOMINAL_DEPTH_MM = 1.5
_NOMINAL_TOP_MM = 2.5
_SCALES = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
_MOST_STRIPS = 60


@dataclass(frozen=True, slots=True)
class Section:
    """A radial cut through the channel, enlarged `scale` times; `x` and `y` place a radius and a depth in mm.

    `proud` is how far the thickest slice stands out of the top before it is levelled.
    """

    sheet: Sheet
    design: Design
    first_radius: float
    last_radius: float
    depth: float
    thickness: float
    proud: float
    scale: float

    @property
    def surface(self) -> float:
        return -self.sheet.half_plan + _SURFACE_TEXTS * self.sheet.text + self.proud * self.scale

    @property
    def highest(self) -> float:
        return self.y(-self.proud)

    @property
    def bottom(self) -> float:
        return self.y(max(self.thickness, self.depth))

    @property
    def caption(self) -> float:
        return self.bottom + 2.0 * self.sheet.text

    def x(self, radius_mm: float) -> float:
        return self.sheet.panel_left + (radius_mm - self.first_radius) * self.scale

    def y(self, depth_mm: float) -> float:
        return self.surface + depth_mm * self.scale


def section_of(sheet: Sheet, design: Design) -> Section:
    """Return the section, in the largest usual scale that fits; it begins at the soundhole when that is near."""
    depth = design.channel_depth_mm or _NOMINAL_DEPTH_MM
    thickness = design.top_thickness_mm or max(_NOMINAL_TOP_MM, 2 * depth)
    proud = max(0.0, *(ring.slice_thickness_mm - depth for ring in design.rings if ring.slice_thickness_mm), 0.0)
    width = design.channel_width_mm
    hole, inner = design.soundhole_diameter_mm / 2, design.inner_diameter_mm / 2
    first = hole if inner - hole <= _WIDEST_LAND * width else inner - _BESIDE * width
    last = design.outer_diameter_mm / 2 + _BESIDE * width
    room = _BODY_TEXTS * sheet.text / (last - first), _TALLEST_TEXTS * sheet.text / (max(thickness, depth) + proud)
    scale = max((each for each in _SCALES if each <= min(room)), default=min(room))
    return Section(sheet, design, first, last, depth, thickness, proud, scale)


def add_section(root: ET.Element, scene: Scene, section: Section) -> None:
    """Append the section with its dimensions."""
    group = add(root, "g", id="rmos-section")
    text = section.sheet.text
    title = f"Section through the channel, {number(round(section.scale, 2))} : 1"
    place = section.sheet.panel_left, -section.sheet.half_plan + 0.9 * text
    add_text(group, place, title, Type(1.1 * text, INK, weight="bold"))
    _add_wood(group, section, scene.top)
    for band in scene.bands:
        _add_inlay(group, section, band)
    _add_channel(group, section)
    _add_depths(group, section, scene.units)
    _add_widths(group, section, scene)
    caption = Type(0.85 * text, FAINT_INK)
    add_text(group, (section.sheet.panel_left, section.caption), _caption(section.design, scene.units), caption)


def _add_wood(group: ET.Element, section: Section, top: Look) -> None:
    design, x, y = section.design, section.x, section.y
    inner, outer = design.inner_diameter_mm / 2, design.outer_diameter_mm / 2
    floor, under = y(min(section.depth, section.thickness)), y(section.thickness)
    first, last = x(section.first_radius), x(section.last_radius)
    body = [(first, y(0)), (x(inner), y(0)), (x(inner), floor), (x(outer), floor), (x(outer), y(0)), (last, y(0))]
    outline = polygon([*body, (last, under), (first, under)])
    add(group, "path", d=outline, fill=top.tones.base)
    add(group, "path", d=outline, fill="url(#rmos-grain)")


def _add_channel(group: ET.Element, section: Section) -> None:
    """Append the lines of the wood over the inlay, open where the top goes on."""
    design, x, y = section.design, section.x, section.y
    inner, outer = design.inner_diameter_mm / 2, design.outer_diameter_mm / 2
    first, last = x(section.first_radius), x(section.last_radius)
    edge = stroke(INK, 1.6 * section.sheet.line)
    left, right = [(first, y(0)), (x(inner), y(0))], [(x(outer), y(0)), (last, y(0))]
    floor = [(x(inner), y(section.depth)), (x(outer), y(section.depth))]
    add(group, "path", d=polyline([*left, *floor, *right]), **edge)
    under = add(group, "path", d=_underside(section), **edge)
    dash = f"{number(0.5 * section.sheet.text)} {number(0.3 * section.sheet.text)}"
    if design.top_thickness_mm is None:
        under.set("stroke-dasharray", dash)
    if section.first_radius == design.soundhole_diameter_mm / 2:
        add(group, "path", d=polyline([(first, y(0)), (first, y(section.thickness))]), **edge)
    if design.finished_top_thickness_mm is not None:
        finished = y(design.finished_top_thickness_mm)
        line = polyline([(first, finished), (last, finished)])
        add(group, "path", d=line, **stroke(INK, section.sheet.line), stroke_dasharray=dash)


def _underside(section: Section) -> str:
    """Return the line under the top, open where the channel goes through."""
    first, last = section.x(section.first_radius), section.x(section.last_radius)
    under = section.y(section.thickness)
    if section.depth < section.thickness:
        return polyline([(first, under), (last, under)])
    inner, outer = (
        section.x(each / 2) for each in (section.design.inner_diameter_mm, section.design.outer_diameter_mm)
    )
    return polyline([(first, under), (inner, under)]) + polyline([(outer, under), (last, under)])


def _add_inlay(group: ET.Element, section: Section, band: Band) -> None:
    """Append a ring standing on the channel's floor, as deep as its slice; its strips upright."""
    high = band.ring.slice_thickness_mm or section.depth
    top = section.y(section.depth - high)
    left, wide = section.x(band.inner_radius_mm), band.ring.width_mm * section.scale
    filled: Attributes = {**stroke(INK, 0.6 * section.sheet.line), "fill": band.look.tones.base}
    add(group, "rect", x=left, y=top, width=wide, height=high * section.scale, **filled)
    radii = band.strip_radii_mm[: _MOST_STRIPS + 1]
    ends = (*radii, band.outer_radius_mm) if len(radii) % 2 else radii
    if len(radii) > _MOST_STRIPS:
        return
    bottom = section.y(section.depth)
    strips = "".join(
        polygon([(section.x(a), top), (section.x(b), top), (section.x(b), bottom), (section.x(a), bottom)])
        for a, b in zip(ends[::2], ends[1::2], strict=True)
    )
    if strips:
        add(group, "path", d=strips, fill=band.look.tones.other)


def _add_depths(group: ET.Element, section: Section, units: DisplayUnits) -> None:
    design, text = section.design, section.sheet.text
    x = section.x(section.last_radius) + 1.4 * text
    surface, floor, under = section.y(0), section.y(section.depth), section.y(section.thickness)
    for level in (surface, floor, under):
        add_line(group, (x - 1.0 * text, level), (x + 0.5 * text, level), section.sheet.line, INK)
    style = Type(0.9 * text)
    spans = [(surface, floor, _depth_text(design, units))]
    if section.thickness > section.depth:
        spans.append((floor, under, _rest_text(design, units)))
    middles = [(start + end) / 2 for start, end, _ in spans]
    places = spread(middles, 1.2 * text, surface, max(section.bottom, surface + 3 * text))
    for (start, end, said), place in zip(spans, places, strict=True):
        add_dimension(group, (x, start), (x, end), min(text, 0.6 * (end - start)), INK)
        add_text(group, (x + 0.9 * text, place + 0.32 * text), said, style)


def _depth_text(design: Design, units: DisplayUnits) -> str:
    depth = design.channel_depth_mm
    return "channel depth not given" if depth is None else f"channel {length(depth, units)} deep"


def _rest_text(design: Design, units: DisplayUnits) -> str:
    depth, top, finished = design.channel_depth_mm, design.top_thickness_mm, design.finished_top_thickness_mm
    if depth is None or top is None:
        return "rest of the top not known"
    said = f"{length(top - depth, units)} left"
    return said if finished is None else f"{said}, {figure(finished - depth, units)} finished"


def _caption(design: Design, units: DisplayUnits) -> str:
    top, finished = design.top_thickness_mm, design.finished_top_thickness_mm
    said = "Top thickness not given." if top is None else f"Top {length(top, units)} thick when routed"
    if top is not None:
        said += "." if finished is None else f", {length(finished, units)} when finished (dashed)."
    if top is not None and design.channel_depth_mm is not None and design.channel_depth_mm >= top:
        said += " The channel goes through."
    glue = design.effective_glue_line_mm
    lines = f" {len(design.rings) + 1} glue lines of {length(glue, units)}." if glue else " No glue lines."
    return f"{said}{lines}"


def _add_widths(group: ET.Element, section: Section, scene: Scene) -> None:
    """Append each ring's number and width above it; only numbers, or only some, where all find no room."""
    text, bands = section.sheet.text, scene.bands
    low, high = section.sheet.panel_left + text, section.x(section.last_radius)
    widths = [figure(band.ring.width_mm, scene.units) for band in bands]
    gap = max(text_width(each, 0.8 * text) for each in widths) + 0.5 * text
    has_widths = gap * len(bands) <= high - low
    gap = gap if has_widths else 1.6 * text
    shown = _labelled(section, scene, gap, high - low)
    places = spread([section.x(band.middle_radius_mm) for band in shown], gap, low, high)
    base, leader = section.highest, 3.2 * text if has_widths else 4.4 * text
    for band in bands:
        _add_bracket(group, section, band, base - 0.6 * text)
    for band, place in zip(shown, places, strict=True):
        _add_leader(group, section, band, (place, base - leader))
        _add_ring_number(group, section.sheet, band, (place, base - 4.8 * text), scene.binding_ring)
        if has_widths:
            said = Type(0.8 * text, INK, Anchor.MIDDLE)
            add_text(group, (place, base - 3.5 * text), widths[band.index], said)
    unit = f"ring, width ({unit_name(scene.units)})" if has_widths else "ring"
    add_text(group, (high + 1.4 * text, base - 4.8 * text), unit, Type(0.8 * text, FAINT_INK))


def _labelled(section: Section, scene: Scene, gap: float, room: float) -> list[Band]:
    """Return the rings that get a label: all, or every so many and the binding one where all find no room."""
    bands = scene.bands
    reach = section.x(bands[-1].outer_radius_mm) - section.x(bands[0].inner_radius_mm)
    step = 1 if gap * len(bands) <= room else math.ceil(gap * len(bands) / reach)
    return [band for band in bands if band.index % step == 0 or band.index == scene.binding_ring]


def _add_leader(group: ET.Element, section: Section, band: Band, start: tuple[float, float]) -> None:
    """Append the line from a label down to its ring."""
    text, middle, base = section.sheet.text, section.x(band.middle_radius_mm), section.highest
    path = polyline([start, (middle, base - 1.2 * text), (middle, base - 0.6 * text)])
    add(group, "path", d=path, **stroke(FAINT_INK, section.sheet.line))


def _add_bracket(group: ET.Element, section: Section, band: Band, y: float) -> None:
    left, right, tick = section.x(band.inner_radius_mm), section.x(band.outer_radius_mm), 0.25 * section.sheet.text
    points = [(left, y + tick), (left, y), (right, y), (right, y + tick)]
    add(group, "path", d=polyline(points), **stroke(INK, section.sheet.line))


def _add_ring_number(
    group: ET.Element, sheet: Sheet, band: Band, at: tuple[float, float], binding_ring: int | None
) -> None:
    is_binding = band.index == binding_ring
    if is_binding:
        add(group, "circle", cx=at[0], cy=at[1] - 0.32 * sheet.text, r=0.85 * sheet.text, fill=BLACK)
    style = Type(0.95 * sheet.text, PAPER if is_binding else INK, Anchor.MIDDLE, "bold")
    add_text(group, at, str(band.index + 1), style)
