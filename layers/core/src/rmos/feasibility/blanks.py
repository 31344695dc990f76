"""The pieces that a ring is made from, and what a blade saws of them."""

from collections.abc import Mapping
from typing import NamedTuple

from rmos.design.rosette import Construction, Design
from rmos.feasibility.physics import shapes, yields
from rmos.feasibility.rules.rule import RingPlace

USUAL_BIT_MM = 3.175
_USUAL_KERF_MM = 0.8
_SIDES = 4

NEEDED_TO_MAKE: Mapping[Construction, str | None] = {
    Construction.ANNULUS: None,
    Construction.SEGMENTED: "segments",
    Construction.VENEER: "strip_thickness_mm",
    Construction.LOG: "tile_length_mm",
}
"""What must be told of a ring, beside its width, to know its pieces."""


class SawLines(NamedTuple):
    """The cuts that part a ring's blanks from their stock: how many, how long and, at least, how deep, in mm."""

    number: int
    length: float
    depth: float


def blanks_of(place: RingPlace, depth: float, bit_diameter: float) -> yields.Blanks | None:
    """Return the blanks of a ring `depth` mm deep; None where it is not told into what the ring is cut."""
    ring, inner = place.ring, place.inner_radius
    outer = inner + ring.width_mm
    if ring.construction is Construction.ANNULUS:
        return yields.whole_ring(outer, bit_diameter, depth)
    if ring.construction is Construction.VENEER:
        return _strips(place, depth)
    kerf = _USUAL_KERF_MM if ring.kerf_mm is None else ring.kerf_mm
    if ring.construction is Construction.SEGMENTED:
        return None if ring.segments is None else yields.segments(inner, outer, ring.segments, kerf, depth)
    tile = ring.tile_length_mm
    if tile is None:
        return None
    return yields.log_slices(shapes.tiles_around(place.mid_radius, tile), ring.width_mm, tile, kerf, depth)


def depth_of(design: Design, ring_index: int) -> float | None:
    """Return how deep a ring is: its own depth, or the channel's."""
    return design.rings[ring_index].slice_thickness_mm or design.channel_depth_mm


def lines_of(design: Design, ring_index: int) -> SawLines | None:
    """Return what a blade saws for a ring, spare pieces included; None where it is not told what the ring is made of.

    Strips are ripped, segments and slices cut across; the square of a whole ring has four sides.
    """
    ring, depth = design.rings[ring_index], depth_of(design, ring_index)
    if depth is None:
        return None
    place = RingPlace(ring_index, ring, design.inner_radius_mm(ring_index))
    is_ripped = ring.strip_thickness_mm is not None
    blanks = _strips(place, depth) if is_ripped else blanks_of(place, depth, USUAL_BIT_MM)
    if blanks is None:
        return None
    if is_ripped:
        return SawLines(blanks.made, blanks.length, blanks.width)
    if ring.construction is Construction.ANNULUS:
        return SawLines(_SIDES, blanks.length, depth)
    return SawLines(blanks.made, blanks.width, blanks.thickness)


def needed_for_lines(design: Design, ring_index: int) -> str:
    """Return the field (see `rmos.feasibility.fields`) for want of which `lines_of` a ring are not known."""
    if depth_of(design, ring_index) is None:
        return "design.channel_depth_mm"
    return f"ring.{NEEDED_TO_MAKE[design.rings[ring_index].construction]}"


def _strips(place: RingPlace, depth: float) -> yields.Blanks | None:
    ring, thickness = place.ring, place.ring.strip_thickness_mm
    if thickness is None:
        return None
    return yields.strips(place.mid_radius, ring.width_mm, thickness, ring.kerf_mm or 0.0, depth)
