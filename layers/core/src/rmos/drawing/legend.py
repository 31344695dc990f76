"""The legend: each ring with a sample of its pattern, its width, material and how it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from rmos.design.rosette import Construction, Pattern, TileProfile
from rmos.design.units import DisplayUnits
from rmos.drawing.bands import Band
from rmos.drawing.colours import BLACK, FAINT_INK, INK, RULE
from rmos.drawing.lengths import length
from rmos.drawing.plan import add_cells, ground_of
from rmos.drawing.scene import Scene
from rmos.drawing.sheet import Sheet, Type, add_fitted_text, add_line, add_text
from rmos.drawing.svg import Attributes, add, polygon, stroke
from rmos.drawing.tracks import StraightTrack

_ROW = 1.9
_SAMPLE_WIDTH, _SAMPLE_HEIGHT = 5.2, 1.35
_SHORTEST_CELL, _LONGEST_CELL = 0.25, 1.4
_LONGEST_SLANT = 1.2
"""Ring widths that a cell reaches beyond its place along the ring."""
_MOST_OVERHANG = 16
_MOST_STRIPS = 12

_MADE_AS = {
    Construction.ANNULUS: "one piece",
    Construction.SEGMENTED: "segments",
    Construction.LOG: "sliced log",
    Construction.VENEER: "bent veneer",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the legend, in text sizes from its left edge."""

    title: str
    left: float
    width: float


_RING = Column("Ring", 0.4, 2.6)
_SAMPLE = Column("", 3.4, _SAMPLE_WIDTH)
_WIDTH = Column("Width", 9.4, 5.2)
_PATTERN = Column("Pattern", 14.8, 17.2)
_MATERIAL = Column("Material", 32.4, 11.2)
_MADE = Column("Made as", 44.0, 6.8)
_COLUMNS = (_RING, _SAMPLE, _WIDTH, _PATTERN, _MATERIAL, _MADE)


def legend_height(sheet: Sheet, bands: Sequence[Band]) -> float:
    """Return how far down a legend of these rings reaches."""
    return (len(bands) + 1.4) * _ROW * sheet.text


def add_legend(root: ET.Element, scene: Scene, top: float) -> None:
    """Append the legend from `top` downwards, rings from inside out; the binding one is framed and pointed at."""
    sheet = scene.sheet
    group = add(root, "g", id="rmos-legend")
    text, left = sheet.text, sheet.panel_left
    for column in _COLUMNS:
        at = left + column.left * text, top + 0.9 * text
        add_text(group, at, column.title, Type(0.9 * text, INK, weight="bold"))
    for position, band in enumerate(scene.bands):
        row = top + (position + 0.75) * _ROW * text
        add_line(group, (left, row), (left + sheet.panel_width, row), sheet.line, RULE)
        _add_row(add(group, "g"), sheet, row, band, scene.units)
        if band.index == scene.binding_ring:
            _add_frame(group, sheet, row)


def _add_frame(group: ET.Element, sheet: Sheet, row: float) -> None:
    text, left = sheet.text, sheet.panel_left
    add(group, "rect", x=left, y=row, width=sheet.panel_width, height=_ROW * text, **stroke(BLACK, 0.16 * text))
    middle = row + _ROW * text / 2
    far, near, half = left - 1.5 * text, left - 0.3 * text, 0.6 * text
    points = [(far, middle - half), (near, middle), (far, middle + half)]
    add(group, "path", d=polygon(points), fill=BLACK)


def _add_row(group: ET.Element, sheet: Sheet, row: float, band: Band, units: DisplayUnits) -> None:
    text, left = sheet.text, sheet.panel_left
    base = row + 1.28 * text
    style, bold = Type(0.9 * text), Type(0.95 * text, weight="bold")
    add_text(group, (left + (_RING.left + 0.4) * text, base), str(band.index + 1), bold)
    _add_sample(group, sheet, (left + _SAMPLE.left * text, row + 0.27 * text), band)
    for column, said in (
        (_WIDTH, length(band.ring.width_mm, units)),
        (_PATTERN, _pattern_text(band, units)),
        (_MATERIAL, band.look.name),
        (_MADE, _made_text(band)),
    ):
        add_fitted_text(group, (left + column.left * text, base), said, style, column.width * text)


def _pattern_text(band: Band, units: DisplayUnits) -> str:
    """Return the pattern in words with its count and length, "about" where the design has none."""
    ring = band.ring
    if ring.pattern is Pattern.SOLID:
        return "solid"
    if ring.pattern is Pattern.STRIP and ring.strip_thickness_mm is None:
        return "strips, thickness not given"
    if ring.pattern is Pattern.STRIP:
        return f"{len(band.strip_radii_mm) + 1} strips of {length(ring.strip_thickness_mm or 0, units)}"
    about = "about " if ring.tile_length_mm is None and ring.strip_thickness_mm is None else ""
    if ring.pattern is Pattern.DOTS:
        return f"dots, {about}{band.cell_count} of {length(2 * _dot_radius(band), units)}"
    kind = " tapered" if ring.tile_profile is TileProfile.TAPERED else " square"
    cells = {Pattern.MOSAIC: f"{kind} tiles", Pattern.HERRINGBONE: " chevrons", Pattern.ROPE: " strands"}[ring.pattern]
    each = "" if ring.tile_length_mm is None else f" of {length(ring.tile_length_mm, units)}"
    return f"{ring.pattern.lower()}, {about}{band.cell_count}{cells}{each}"


def _dot_radius(band: Band) -> float:
    return band.motif.dot_radius_mm if band.motif is not None else 0.0


def _made_text(band: Band) -> str:
    """Return how a ring is made, in words."""
    ring = band.ring
    if ring.construction is Construction.SEGMENTED and ring.segments is not None:
        return f"{ring.segments} segments"
    return _MADE_AS[ring.construction]


def _add_sample(group: ET.Element, sheet: Sheet, at: tuple[float, float], band: Band) -> None:
    """Append a straight piece of the ring, enlarged or reduced to the row's height."""
    wide, high = _SAMPLE_WIDTH * sheet.text, _SAMPLE_HEIGHT * sheet.text
    frame = add(group, "svg", x=at[0], y=at[1], width=wide, height=high)
    whole: Attributes = {"width": wide, "height": high}
    add(frame, "rect", **whole, fill=ground_of(band))
    if band.strip_radii_mm:
        _add_strips(frame, band, wide, high)
    if band.motif is not None:
        scale = high / band.ring.width_mm
        pitch = min(max(band.motif.pitch_mm * scale, _SHORTEST_CELL * high), _LONGEST_CELL * high)
        reach = int(wide / pitch) + 1
        overhang = min(1 + int(_LONGEST_SLANT * band.ring.width_mm / band.motif.pitch_mm), _MOST_OVERHANG)
        add_cells(frame, band, StraightTrack(high, pitch, scale), range(-overhang, reach), sheet.line / 2)
    if band.segments:
        add_line(frame, (wide / 2, 0), (wide / 2, high), sheet.line, band.look.tones.other)
    if band.look.is_shell:
        add(frame, "rect", **whole, fill="url(#rmos-shimmer)")
    add(frame, "rect", **whole, **stroke(FAINT_INK, 2 * sheet.line))


def _add_strips(frame: ET.Element, band: Band, wide: float, high: float) -> None:
    """Append every other strip, across the sample from its outer edge at the top."""
    shares = [(radius - band.inner_radius_mm) / band.ring.width_mm for radius in band.strip_radii_mm]
    if len(shares) >= _MOST_STRIPS:
        shares = [step / _MOST_STRIPS for step in range(1, _MOST_STRIPS)]
    ends = [*shares, 1.0] if len(shares) % 2 else shares
    for low, up in zip(ends[::2], ends[1::2], strict=True):
        add(frame, "rect", y=(1 - up) * high, width=wide, height=(up - low) * high, fill=band.look.tones.other)
