"""A circular blade in the wood: its arc, its chip, its gullets, its sideways give."""

import math

_GULLET_FILL = 0.3
_GULLET_AREA_SHARE = 0.2
_LATERAL_STIFFNESS_N_PER_MM = 60.0
_LATERAL_SHARE = 0.15


def arc_length_mm(diameter_mm: float, depth_mm: float) -> float:
    """Return the arc that a blade of `diameter_mm` has in wood `depth_mm` deep: 81 mm for 254 mm at 25 mm."""
    return diameter_mm / 2 * math.acos(1 - 2 * depth_mm / diameter_mm)


def mean_saw_chip_mm(feed_per_tooth_mm: float, depth_mm: float, arc_mm: float) -> float:
    """Return fz a / l, the exact volume balance: 0.0625 mm over 25 mm in an arc of 81 mm is 0.0193 mm."""
    return feed_per_tooth_mm * depth_mm / arc_mm


def tooth_pitch_mm(diameter_mm: float, teeth: float) -> float:
    return math.pi * diameter_mm / teeth


def gullet_fill_ratio(feed_per_tooth_mm: float, depth_mm: float, pitch_mm: float) -> float:
    """Return the chip's area as a share of what a gullet takes: fz a / (0.3 x 0.2 p^2)."""
    return feed_per_tooth_mm * depth_mm / (_GULLET_FILL * _GULLET_AREA_SHARE * pitch_mm**2)


def blade_deflection_mm(tangential_force_n: float) -> float:
    """Return the sideways give of a blade: 0.15 of the cutting force against 60 N/mm.

    Merhar 2017 measured 60 to 81 N/mm on a commercial blade; the share of 0.1 to 0.2 is general knowledge.
    """
    return _LATERAL_SHARE * tangential_force_n / _LATERAL_STIFFNESS_N_PER_MM
