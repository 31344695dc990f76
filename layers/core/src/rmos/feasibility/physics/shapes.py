"""Shapes of a rosette: what bending, square tiles and round channels do to it."""

import math


def bending_strain_pct(thickness_mm: float, radius_mm: float) -> float:
    """Return t / 2R in percent: a 0.4 mm strip around 45.55 mm is stretched by 0.44 %."""
    return 100 * thickness_mm / (2 * radius_mm)


def tile_gap_mm(ring_width_mm: float, tile_length_mm: float, radius_mm: float) -> float:
    """Return how far square tiles gape at the outside of a ring: w s / R, 0.76 mm for 8 x 5 mm tiles at 52.5 mm."""
    return ring_width_mm * tile_length_mm / radius_mm


def tiles_around(radius_mm: float, tile_length_mm: float) -> int:
    """Return how many tiles go around at the mean radius: 177 of 1.6 mm at 45 mm."""
    return max(1, round(2 * math.pi * radius_mm / tile_length_mm))


def closure_error_mm(radius_mm: float, tile_length_mm: float) -> float:
    """Return what each joint must take up so that whole tiles close the ring, in mm."""
    count = tiles_around(radius_mm, tile_length_mm)
    return abs(2 * math.pi * radius_mm / count - tile_length_mm)


def arc_mm(radius_mm: float, pieces: int) -> float:
    """Return the length of one of `pieces` equal arcs: 27.5 mm for 12 around a radius of 52.5 mm."""
    return 2 * math.pi * radius_mm / pieces
