"""How long a cut takes, and in which passes."""

import math
from collections.abc import Sequence
from typing import NamedTuple

_UNCERTAINTY = 0.15
_ROUNDING = 1e-6
_FIT_MM = 0.05 + 1e-9


def pass_depths_mm(total_depth_mm: float, depth_per_pass_mm: float) -> tuple[float, ...]:
    """Return the depth reached by each pass: 1.2 mm in passes of 0.5 gives 0.5, 1.0, 1.2.

    A last sliver under a nanometre is rounding, not a pass.
    """
    count = pass_count(total_depth_mm, depth_per_pass_mm)
    return tuple([min(i * depth_per_pass_mm, total_depth_mm) for i in range(1, count + 1)])


def pass_count(total_depth_mm: float, depth_per_pass_mm: float) -> int:
    return max(1, math.ceil(total_depth_mm / depth_per_pass_mm - _ROUNDING))


def lap_count(width_mm: float, diameter_mm: float, stepover_mm: float) -> int:
    """Return the laps that clear a channel: 16 mm with a 3.175 mm bit in steps of 3.175 takes 6.

    A channel that is wider than its bit by no more than rings fit (0.05 mm) is cut in one, as a bit's runout cuts that.
    """
    rest = width_mm - diameter_mm
    return 1 if rest <= _FIT_MM else math.ceil(rest / stepover_mm - _ROUNDING) + 1


class Motion(NamedTuple):
    """Feeds in mm/min, acceleration in mm/s2."""

    feed: float
    plunge: float
    acceleration: float


def circle_time_s(radius_mm: float, motion: Motion) -> float:
    """Return the seconds for one lap from rest to rest: 15.8 s for 50 mm at 1200 mm/min and 250 mm/s2.

    The speed in the arc is at most sqrt(a R); L / v + v / a, or 2 sqrt(L / a) when the lap ends before full speed.
    """
    speed = min(motion.feed / 60, math.sqrt(motion.acceleration * radius_mm))
    return _run_time_s(2 * math.pi * radius_mm, speed, motion.acceleration)


def line_time_s(length_mm: float, motion: Motion) -> float:
    """Return the seconds for one straight run from rest to rest: 300 mm at 3600 mm/min and 250 mm/s2 take 5.24 s."""
    return _run_time_s(length_mm, motion.feed / 60, motion.acceleration)


def _run_time_s(length_mm: float, speed_mm_per_s: float, acceleration: float) -> float:
    if length_mm > speed_mm_per_s**2 / acceleration:
        return length_mm / speed_mm_per_s + speed_mm_per_s / acceleration
    return 2 * math.sqrt(length_mm / acceleration)


def cut_time_s(radii_mm: Sequence[float], passes: int, total_depth_mm: float, motion: Motion) -> float:
    """Return the seconds for these circles in `passes` passes; each circle is entered once for each pass."""
    laps = sum([circle_time_s(radius, motion) for radius in radii_mm])
    plunges = len(radii_mm) * total_depth_mm / motion.plunge * 60
    return passes * laps + plunges


def time_band_s(seconds: float) -> tuple[float, float]:
    """Return the low and the high estimate, 15 % to either side."""
    return seconds * (1 - _UNCERTAINTY), seconds * (1 + _UNCERTAINTY)
