"""How much of the wood bought for a ring ends in it."""

import math
from dataclasses import dataclass

_ROUTING_MARGIN_MM = 3.0
_SEGMENT_TRIM_MM = 2.0
_STRIP_TRIM_MM = 1.0
_STRIP_OVERLAP_MM = 10.0
_LOG_CLAMP_MM = 25.0
_SPARE = 1.15
_MM3_LEAST = 1e-9


@dataclass(slots=True)
class Blanks:
    """The pieces that one ring is made from, as they are cut from stock, in mm; `spare` counts those that fail."""

    count: int
    length: float
    width: float
    thickness: float
    spare: float
    clamp: float = 0.0
    """Length of stock that only holds it while it is cut."""
    is_ripped: bool = False
    """A thick board gives them on edge too, side by side across its width, in as many layers as it is thick."""

    @property
    def made(self) -> int:
        """How many are cut, those that fail with them."""
        return math.ceil(self.count * self.spare - _MM3_LEAST)

    @property
    def volume_mm3(self) -> float:
        return self.count * self.length * self.width * self.thickness * self.spare

    def fitting_into(self, length: float, width: float, thickness: float) -> int:
        """Return how many of these one piece of stock gives, laid along or across it, or ripped from it."""
        on_edge = 0
        if self.is_ripped:
            on_edge = _fits(length, self.length) * _fits(width, self.thickness) * _fits(thickness, self.width)
        if thickness < self.thickness - _MM3_LEAST:
            return on_edge
        along = _fits(length - self.clamp, self.length) * _fits(width, self.width)
        across = _fits(width - self.clamp, self.length) * _fits(length, self.width)
        return max(along, across, on_edge)


def _fits(space: float, piece: float) -> int:
    return max(0, math.floor(space / piece + _MM3_LEAST))


def ring_volume_mm3(inner_radius: float, outer_radius: float, depth: float) -> float:
    """Return pi (Ro^2 - Ri^2) depth, in mm3."""
    return math.pi * (outer_radius**2 - inner_radius**2) * depth


def whole_ring(outer_radius: float, bit_diameter: float, depth: float) -> Blanks:
    """Return the square from which a ring is routed: 2 Ro + 2 (D + 3).

    A 100/85 mm ring with a 3.175 mm bit takes 2,180 of 12,620 mm2, 17 %.
    """
    side = 2 * outer_radius + 2 * (bit_diameter + _ROUTING_MARGIN_MM)
    return Blanks(1, side, side, depth, 1.0)


def segments(inner_radius: float, outer_radius: float, count: int, kerf: float, depth: float) -> Blanks:
    """Return the rectangles around `count` arcs: 2 Ro sin(pi / k) by Ro - Ri cos(pi / k).

    Each side has the kerf and 2 mm of trim, and 15 % are spare.
    Twelve segments of a 116.8/93.2 mm ring at 0.4 mm kerf yield 55 %.
    """
    chord = 2 * outer_radius * math.sin(math.pi / count)
    height = outer_radius - inner_radius * math.cos(math.pi / count)
    allowance = kerf + _SEGMENT_TRIM_MM
    return Blanks(count, chord + allowance, height + allowance, depth, _SPARE)


def strips(mid_radius: float, ring_width: float, strip_thickness: float, kerf: float, depth: float) -> Blanks:
    """Return the strips side by side in one ring: each 1 mm higher than the channel is deep, ends overlapping 10 mm.

    15 % spare. A sawn strip loses its kerf: t / (t + kerf) is 60 % only from t = 1.5 kerf.
    """
    count = max(1, round(ring_width / strip_thickness))
    length = 2 * math.pi * mid_radius + _STRIP_OVERLAP_MM
    return Blanks(count, length, depth + _STRIP_TRIM_MM, strip_thickness + kerf, _SPARE, is_ripped=True)


def log_slices(tiles: int, ring_width: float, tile_length: float, kerf: float, depth: float) -> Blanks:
    """Return the slices of a log as wide as the ring: s / (s + kerf), 67 % for 1.6 mm slices at 0.8 mm kerf.

    The 25 mm by which the log is held are not counted as lost.
    """
    return Blanks(tiles, depth + kerf, ring_width, tile_length, 1.0, _LOG_CLAMP_MM)
