"""The repeating shapes of ring patterns, in cells along the ring and ring widths across it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rmos.design.rosette import Pattern, Ring, TileProfile
from rmos.drawing.svg import circle_path, number
from rmos.drawing.tracks import Track

_ROOT_2 = math.sqrt(2)
_FEWEST_CELLS = 4
_ROPE_SLANT = 1.1
"""Ring widths that a strand runs along the ring while it crosses it."""
_DOT_SHARE = 0.55
"""A dot's diameter in ring widths."""
_DOT_SPACE = 0.8
"""The most of a cell's length that a dot takes."""
_LONGEST_SQUARE = 0.98
"""The longest square tile in inner diameters; a longer one would not meet the inner edge."""

# Lengths along a ring, in its widths, where the design names none.
_TILE = 1.0
_CHEVRON = 0.45
_STRAND = 0.55
_DOT_PITCH = 1.15


class Pen(StrEnum):
    """How a step of an outline goes on: a jump, a straight line, along the band, or a curve by two handles."""

    MOVE = "M"
    LINE = "L"
    SWEEP = "A"
    CURVE = "C"


@dataclass(frozen=True, slots=True)
class Step:
    """One step to (along, across); `handles` bend a curve."""

    pen: Pen
    along: float
    across: float
    handles: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Motif:
    """`count` equal cells around a ring.

    `outline` closes around what one cell fills; `joint` is what of it is drawn neither by a neighbour nor by the
    ring's edges. `has_gaps` says that cells do not fill the ring. `dot_radius_mm` stands for both where a cell is a
    dot. `lines` are circles that all cells share, in ring widths from inside.
    """

    count: int
    pitch_mm: float
    outline: tuple[Step, ...] = ()
    joint: tuple[Step, ...] = ()
    has_gaps: bool = False
    dot_radius_mm: float = 0.0
    lines: tuple[float, ...] = ()

    def cells(self, track: Track, indices: Iterable[int]) -> str:
        """Return closed outlines of these cells as one path."""
        if self.dot_radius_mm:
            radius = self.dot_radius_mm * track.scale
            return "".join(circle_path(radius, *track.point(i + 0.5, 0.5)) for i in indices)
        return "".join(_path(self.outline, track, i) + "z" for i in indices)

    def joints(self, track: Track, indices: Iterable[int]) -> str:
        """Return what parts these cells from their neighbours, no line twice, as one path."""
        if self.dot_radius_mm:
            return self.cells(track, indices)
        return "".join(_path(self.joint, track, i) for i in indices)


def _path(steps: tuple[Step, ...], track: Track, index: int) -> str:
    first = steps[0]
    written = [f"M{_at(track, index + first.along, first.across)}"]
    for before, step in pairwise(steps):
        if step.pen is Pen.SWEEP:
            written.append(track.sweep(index + before.along, index + step.along, step.across))
        elif step.handles is not None:
            bends = " ".join(_at(track, index + along, across) for along, across in step.handles)
            written.append(f"C{bends} {_at(track, index + step.along, step.across)}")
        else:
            written.append(f"{step.pen}{_at(track, index + step.along, step.across)}")
    return "".join(written)


def _at(track: Track, along: float, across: float) -> str:
    x, y = track.point(along, across)
    return f"{number(x)} {number(y)}"


def motif_of(ring: Ring, inner_radius_mm: float) -> Motif | None:
    """Return the cells of a ring's pattern, true to its lengths; None for one that runs around unbroken."""
    around_mm = 2 * math.pi * (inner_radius_mm + ring.width_mm / 2)
    match ring.pattern:
        case Pattern.MOSAIC if ring.tile_profile is TileProfile.TAPERED:
            return _tapered(_count(around_mm, _along_mm(ring, _TILE)), around_mm)
        case Pattern.MOSAIC:
            return _square(_along_mm(ring, _TILE), inner_radius_mm, ring.width_mm, around_mm)
        case Pattern.HERRINGBONE:
            return _herringbone(_even(_count(around_mm, _along_mm(ring, _CHEVRON))), ring.width_mm, around_mm)
        case Pattern.ROPE:
            return _rope(_even(_count(around_mm, _along_mm(ring, _STRAND))), ring.width_mm, around_mm)
        case Pattern.DOTS:
            return _dots(_count(around_mm, _along_mm(ring, _DOT_PITCH)), ring.width_mm, around_mm)
        case Pattern.SOLID | Pattern.STRIP:
            return None


def _along_mm(ring: Ring, widths: float) -> float:
    """Return the length of a cell along the ring: as given, or of strips laid at 45 degrees, or the usual share."""
    if ring.tile_length_mm is not None:
        return ring.tile_length_mm
    if ring.strip_thickness_mm is not None and ring.pattern in {Pattern.HERRINGBONE, Pattern.ROPE}:
        return ring.strip_thickness_mm * _ROOT_2
    return ring.width_mm * widths


def _count(around_mm: float, pitch_mm: float) -> int:
    return max(_FEWEST_CELLS, round(around_mm / pitch_mm))


def _even(count: int) -> int:
    return count + count % 2


def _tapered(count: int, around_mm: float) -> Motif:
    return Motif(count, around_mm / count, _tile(0.5, 0.5), (Step(Pen.MOVE, 0, 0), Step(Pen.LINE, 0, 1)))


def _square(tile_mm: float, inner_radius_mm: float, width_mm: float, around_mm: float) -> Motif:
    """Return tiles with parallel sides that touch at the inner edge, so that wedges stay open at the outer one."""
    half = min(tile_mm / 2, inner_radius_mm * _LONGEST_SQUARE)
    inner_angle = math.asin(half / inner_radius_mm)
    count = max(2, math.floor(math.pi / inner_angle + 1e-9))
    outer_angle = math.asin(half / (inner_radius_mm + width_mm))
    cells_per_radian = count / (2 * math.pi)
    inner, outer = inner_angle * cells_per_radian, outer_angle * cells_per_radian
    sides = tuple(
        step
        for side in (-1, 1)
        for step in (Step(Pen.MOVE, 0.5 + side * inner, 0), Step(Pen.LINE, 0.5 + side * outer, 1))
    )
    return Motif(count, around_mm / count, _tile(inner, outer), sides, has_gaps=True)


def _tile(inner: float, outer: float) -> tuple[Step, ...]:
    """Return a tile that reaches this far to both sides of its cell's middle, at the inner and at the outer edge."""
    return (
        Step(Pen.MOVE, 0.5 - inner, 0),
        Step(Pen.SWEEP, 0.5 + inner, 0),
        Step(Pen.LINE, 0.5 + outer, 1),
        Step(Pen.SWEEP, 0.5 - outer, 1),
    )


def _herringbone(count: int, width_mm: float, around_mm: float) -> Motif:
    pitch_mm = around_mm / count
    tip = width_mm / 2 / pitch_mm
    chevron = (Step(Pen.MOVE, 0, 0), Step(Pen.LINE, tip, 0.5), Step(Pen.LINE, 0, 1))
    back = (Step(Pen.SWEEP, 1, 1), Step(Pen.LINE, 1 + tip, 0.5), Step(Pen.LINE, 1, 0), Step(Pen.SWEEP, 0, 0))
    return Motif(count, pitch_mm, chevron + back, chevron, lines=(0.5,))


def _rope(count: int, width_mm: float, around_mm: float) -> Motif:
    pitch_mm = around_mm / count
    over = _ROPE_SLANT * width_mm / pitch_mm
    strand = (Step(Pen.MOVE, 0, 0), Step(Pen.CURVE, over, 1, ((0.7 * over, 0.02), (0.3 * over, 0.98))))
    back = (
        Step(Pen.SWEEP, 1 + over, 1),
        Step(Pen.CURVE, 1, 0, ((1 + 0.3 * over, 0.98), (1 + 0.7 * over, 0.02))),
        Step(Pen.SWEEP, 0, 0),
    )
    return Motif(count, pitch_mm, strand + back, strand)


def _dots(count: int, width_mm: float, around_mm: float) -> Motif:
    pitch_mm = around_mm / count
    return Motif(count, pitch_mm, dot_radius_mm=min(_DOT_SHARE * width_mm, _DOT_SPACE * pitch_mm) / 2)
