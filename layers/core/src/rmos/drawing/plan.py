"""The rosette from above, true to scale: wood, soundhole, rings with their patterns, and the diameters."""

import math
from xml.etree import ElementTree as ET

from rmos.design.numbering import ring_name
from rmos.design.rosette import Pattern
from rmos.drawing.bands import Band, Look
from rmos.drawing.colours import BLACK, FLOOR, HOLE, INK, PAPER, mixed
from rmos.drawing.cut import radial_joints
from rmos.drawing.lengths import length
from rmos.drawing.scene import Detail, Scene
from rmos.drawing.sheet import (
    Anchor,
    Sheet,
    Type,
    add_dimension,
    add_line,
    add_pointer,
    add_text,
    add_upright_text,
)
from rmos.drawing.svg import Attributes, add, circle_path, number, polyline, stroke, text_width
from rmos.drawing.tracks import Track

_HOLE_INK = "#f3e6cf"
_EDGE_SHARE = 0.6
_SMALLEST_SHARE = 0.55
"""A text is left out where it fits only smaller than this; the heading and the description have it too."""
_NARROWEST_LAND = 0.3
"""Text sizes of wood between soundhole and channel on which a dark arrow can be seen."""
_FLAG_ANGLE = math.radians(38)


def add_plan(root: ET.Element, scene: Scene) -> None:
    """Append the top, its hole and channel, and every ring."""
    sheet, design = scene.sheet, scene.design
    group = add(root, "g", id="rmos-plan")
    half = sheet.half_plan
    square: Attributes = {"x": -half, "y": -half, "width": 2 * half, "height": 2 * half, "rx": sheet.text}
    add(group, "rect", **square, fill=scene.top.tones.base)
    add(group, "rect", **square, fill="url(#rmos-grain)")
    outer, inner = design.outer_diameter_mm / 2, design.inner_diameter_mm / 2
    add(group, "path", id="rmos-channel", d=circle_path(outer) + circle_path(inner), fill=FLOOR, fill_rule="evenodd")
    for band in scene.bands:
        _add_ring(add(group, "g", id=f"rmos-ring-{band.index + 1}"), sheet, band, scene.detail)
    for name, radius in (("outside", outer), ("inside", inner)):
        add(group, "circle", id=f"rmos-channel-{name}", cx=0.0, cy=0.0, r=radius, **stroke(INK, sheet.line))
    hole = design.soundhole_diameter_mm / 2
    add(group, "circle", id="rmos-soundhole", cx=0.0, cy=0.0, r=hole, fill=HOLE)


def add_grain(definitions: ET.Element, sheet: Sheet, top: Look) -> None:
    """Define the grain of the top: a few lines of unequal distance, along the strings."""
    wide = 2.4 * sheet.text
    grain = add(definitions, "pattern", id="rmos-grain", width=wide, height=wide, patternUnits="userSpaceOnUse")
    for place, strength in ((0.08, 0.3), (0.26, 0.16), (0.4, 0.24), (0.61, 0.14), (0.72, 0.28), (0.9, 0.18)):
        year = polyline([(place * wide, 0), (place * wide, wide)])
        line = stroke(mixed(top.tones.base, "#8a5a2b", 0.75), sheet.line)
        add(grain, "path", d=year, stroke_opacity=strength, **line)


def add_shimmer(definitions: ET.Element) -> None:
    """Define the play of colours that shell is known by."""
    shimmer = add(definitions, "pattern", id="rmos-shimmer", width=7.0, height=6.0, patternUnits="userSpaceOnUse")
    flakes = (
        ("M0 0L3 .6 2 2.6 0 2z", "#d98fb5"),
        ("M3 .6L7 0 5.4 2.2 2 2.6z", "#5fc2a0"),
        ("M5.4 2.2L7 0V3.6L4.6 4.4z", "#6f8fd8"),
        ("M2 2.6L5.4 2.2 4.6 4.4 1.4 4.6z", "#e6d98a"),
        ("M0 2L2 2.6 1.4 4.6 0 6z", "#7fd0d6"),
        ("M1.4 4.6L4.6 4.4 7 3.6V6H0z", "#c7a0dc"),
    )
    for path, colour in flakes:
        add(shimmer, "path", d=path, fill=colour, fill_opacity=0.42)


def _add_ring(group: ET.Element, sheet: Sheet, band: Band, detail: Detail) -> None:
    """Append one ring: its ground, its pattern, its joints and its edges."""
    ring = circle_path(band.outer_radius_mm) + circle_path(band.inner_radius_mm)
    add(group, "path", d=ring, fill=ground_of(band), fill_rule="evenodd")
    thin = sheet.line * _EDGE_SHARE
    if band.strip_radii_mm:
        strips = "".join(circle_path(radius) for radius in _strip_edges(band, detail))
        add(group, "path", d=strips, fill=band.look.tones.other, fill_rule="evenodd")
    if band.motif is not None:
        shown = range(round(band.motif.count * detail.arc_share))
        add_cells(group, band, band.track, shown, thin)
    if band.segments:
        add(group, "path", d="".join(radial_joints(band)), **stroke(band.look.tones.other, thin))
    if band.look.is_shell:
        add(group, "path", d=ring, fill="url(#rmos-shimmer)", fill_rule="evenodd")
    for name, radius in (("inside", band.inner_radius_mm), ("outside", band.outer_radius_mm)):
        add(group, "circle", id=f"rmos-ring-{band.index + 1}-{name}", cx=0.0, cy=0.0, r=radius, **stroke(INK, thin))


def ground_of(band: Band) -> str:
    """Return the colour that lies under a ring's cells: square tiles lie on the channel's floor, dots in a field."""
    if band.motif is not None and band.motif.has_gaps:
        return FLOOR
    return band.look.tones.other if band.ring.pattern is Pattern.DOTS else band.look.tones.base


def add_cells(group: ET.Element, band: Band, track: Track, shown: range, edge_width: float) -> None:
    """Append these cells of a ring's motif on a track, every other one in the second tone."""
    motif, tones = band.motif, band.look.tones
    if motif is None or not shown:
        return
    if band.ring.pattern is Pattern.DOTS:
        add(group, "path", d=motif.cells(track, shown), fill=tones.base)
        return
    if motif.has_gaps:
        for cells, tone in ((shown[::2], tones.base), (shown[1::2], tones.other)):
            add(group, "path", d=motif.cells(track, cells), **{**stroke(INK, edge_width), "fill": tone})
        return
    add(group, "path", d=motif.cells(track, shown[1::2]), fill=tones.other)


def _strip_edges(band: Band, detail: Detail) -> tuple[float, ...]:
    """Return the radii between which every other strip lies: always an even number of them."""
    radii = band.strip_radii_mm
    if len(radii) >= detail.strips:
        step = band.ring.width_mm / detail.strips
        radii = tuple(band.inner_radius_mm + index * step for index in range(1, detail.strips))
    return radii if len(radii) % 2 == 0 else (*radii, band.outer_radius_mm)


def add_diameters(root: ET.Element, scene: Scene) -> None:
    """Append the diameters: soundhole and channel inside across the hole, channel outside below the rosette."""
    sheet, design, units = scene.sheet, scene.design, scene.units
    group = add(root, "g", id="rmos-diameters")
    hole, inner, outer = design.soundhole_diameter_mm / 2, design.inner_diameter_mm / 2, design.outer_diameter_mm / 2
    add_dimension(group, (-hole, 0), (hole, 0), sheet.text, _HOLE_INK)
    tips = INK if inner - hole > _NARROWEST_LAND * sheet.text else _HOLE_INK
    add_dimension(group, (0, inner), (0, -inner), sheet.text, tips)
    add_line(group, (0, hole), (0, -hole), sheet.line, _HOLE_INK)
    across = f"\u2300 {length(design.soundhole_diameter_mm, units)} soundhole"
    up = f"\u2300 {length(design.inner_diameter_mm, units)} channel inside"
    size = 0.92 * min(sheet.text, hole / text_width(up, 1))
    if size >= _SMALLEST_SHARE * sheet.text:
        style = Type(size, _HOLE_INK, Anchor.MIDDLE)
        add_text(group, (-hole / 2, -0.45 * size), across, style)
        add_upright_text(group, (-0.45 * size, -hole / 2), up, style)
    below = sheet.half_plan + 2.2 * sheet.text
    for x in (-outer, outer):
        add_line(group, (x, 0), (x, below + 0.6 * sheet.text), sheet.line, INK)
    add_dimension(group, (-outer, below), (outer, below), sheet.text, INK)
    text = f"\u2300 {length(design.outer_diameter_mm, units)} channel outside"
    add_text(group, (0, below + 1.3 * sheet.text), text, Type(0.92 * sheet.text, INK, Anchor.MIDDLE))


def add_binding_mark(root: ET.Element, sheet: Sheet, band: Band) -> None:
    """Append what marks the ring whose limit binds: heavy dashed edges in black on white, and a flag that names it."""
    group = add(root, "g", id="rmos-binding-ring")
    heavy = sheet.text * 0.18
    for radius in (band.inner_radius_mm - heavy / 2, band.outer_radius_mm + heavy / 2):
        dash = f"{number(sheet.text * 0.8)} {number(sheet.text * 0.5)}"
        add(group, "circle", cx=0.0, cy=0.0, r=radius, **stroke(PAPER, heavy))
        add(group, "circle", cx=0.0, cy=0.0, r=radius, **stroke(BLACK, heavy), stroke_dasharray=dash)
    text = f"binding: {ring_name(band.index)}"
    size = sheet.text
    wide, high = text_width(text, size) + 1.6 * size, 1.9 * size
    right, top = sheet.half_plan - 0.5 * size, -sheet.half_plan + 0.5 * size
    tip = band.middle_radius_mm * math.sin(_FLAG_ANGLE), -band.middle_radius_mm * math.cos(_FLAG_ANGLE)
    start = right - 0.62 * wide, top + high
    add_line(group, start, tip, 0.3 * size, PAPER)
    add_pointer(group, start, tip, size, BLACK)
    flag: Attributes = {**stroke(BLACK, 0.14 * size), "fill": PAPER, "rx": 0.3 * size}
    add(group, "rect", x=right - wide, y=top, width=wide, height=high, **flag)
    bold = Type(size, BLACK, Anchor.MIDDLE, "bold")
    add_text(group, (right - wide / 2, top + 1.3 * size), text, bold)
