"""The CUT layer: what a laser or CAM program imports. Hairlines at true scale, each line once, nothing filled."""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from rmos.design.rosette import Design
from rmos.drawing.bands import Band
from rmos.drawing.svg import add, circle_path, clean, document, number, write

MAX_CELLS = 12_000
HAIRLINE_MM = 0.025
"""As wide as laser drivers take a line to be cut, not engraved (0.001 in)."""
_MARGIN_MM = 5.0
_EDGE = "#ff0000"
"""Soundhole, channel and rings: programs that sort by colour find edges apart from pattern lines."""
_PATTERN = "#0000ff"


def draw_cut(design: Design, bands: Sequence[Band]) -> str:
    """Return the outlines around the soundhole's centre, which is the drawing's origin.

    The pattern lines of a ring are there in full or, past `MAX_CELLS` in all, not at all; the description says which
    rings have none.
    """
    detailed, plain = _within_limit(bands)
    reach = design.outer_diameter_mm / 2 + _MARGIN_MM
    box = (-reach, -reach, 2 * reach, 2 * reach)
    root = document(box, f"Cutting outlines: {_name(design)}", _description(design, plain))
    group = add(root, "g", id="rmos-edges", fill="none", stroke=_EDGE, stroke_width=HAIRLINE_MM)
    drawn: set[str] = set()
    for name, radius in _edges(design, bands):
        if number(radius) not in drawn:
            drawn.add(number(radius))
            add(group, "path", id=f"rmos-{name}", d=circle_path(radius))
    for band in bands:
        _add_pattern(root, band, detailed, drawn)
    return write(root)


def _name(design: Design) -> str:
    return clean(design.label) if design.label else "rosette"


def _description(design: Design, plain: Sequence[Band]) -> str:
    said = (
        f"True scale, 1 unit is 1 mm, origin at the soundhole's centre. Soundhole diameter "
        f"{design.soundhole_diameter_mm:g} mm, channel from {design.inner_diameter_mm:g} to "
        f"{design.outer_diameter_mm:g} mm, {len(design.rings)} rings. Red: edges; blue: pattern lines and joints."
    )
    if not plain:
        return said
    numbers = ", ".join(str(band.index + 1) for band in plain)
    return f"{said} Over {MAX_CELLS} pattern lines: without those of rings {numbers}."


def _within_limit(bands: Sequence[Band]) -> tuple[set[int], list[Band]]:
    left = MAX_CELLS
    detailed: set[int] = set()
    plain: list[Band] = []
    for band in bands:
        wanted = band.cell_count + len(band.strip_radii_mm) + band.segments
        if wanted > left:
            plain.append(band)
            continue
        left -= wanted
        detailed.add(band.index)
    return detailed, plain


def _edges(design: Design, bands: Sequence[Band]) -> Iterable[tuple[str, float]]:
    yield "soundhole", design.soundhole_diameter_mm / 2
    yield "channel-inside", design.inner_diameter_mm / 2
    yield "channel-outside", design.outer_diameter_mm / 2
    for band in bands:
        yield f"ring-{band.index + 1}-inside", band.inner_radius_mm
        yield f"ring-{band.index + 1}-outside", band.outer_radius_mm


def _add_pattern(root: ET.Element, band: Band, detailed: set[int], drawn: set[str]) -> None:
    parts = "".join(_lines(band, drawn)) if band.index in detailed else ""
    if parts:
        name = f"rmos-ring-{band.index + 1}-pattern"
        add(root, "path", id=name, d=parts, fill="none", stroke=_PATTERN, stroke_width=HAIRLINE_MM)


def _lines(band: Band, drawn: set[str]) -> Iterable[str]:
    shared = band.motif.lines if band.motif is not None else ()
    within = [band.inner_radius_mm + across * band.ring.width_mm for across in shared]
    for radius in (*band.strip_radii_mm, *within):
        if number(radius) not in drawn:
            drawn.add(number(radius))
            yield circle_path(radius)
    if band.motif is not None:
        yield band.motif.joints(band.track, range(band.motif.count))
    yield from radial_joints(band)


def radial_joints(band: Band) -> Iterable[str]:
    """Return the joints between the segments of a ring that is glued up from some, as paths."""
    track = band.segment_track
    for index in range(band.segments):
        inner, outer = track.point(index, 0), track.point(index, 1)
        yield f"M{number(inner[0])} {number(inner[1])}L{number(outer[0])} {number(outer[1])}"
