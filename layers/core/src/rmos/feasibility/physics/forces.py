"""Cutting force and power: Ettelt and Kivimaa's law F = C b sqrt(h).

C in N/mm^1.5 is fitted to the values for beech, oak, pine, spruce and MDF in "Zerspanung von Holz und
Holzwerkstoffen" (2nd ed. 2023, p. 120, citing Ettelt 1987), as recorded in FreeCAD's material cards. Density alone
predicts force roughly (Chuchala 2014, Eyma 2005): the band of a result is about 40 %.
"""

import math

C_ACROSS_PER_G = 46.4
"""Edge and motion across the grain: the hardest cut, in N/mm^1.5 for each g/cm3."""
C_FACE_PER_G = 31.25
"""A vertical bit in a face sweeps from across to along at each half turn: (46.4 + 16.1) / 2."""
C_RIP_PER_G = 13.4
"""A saw along the grain: (16.1 + 10.6) / 2."""

_LEAST_CHIP_MM = 0.005
_SIDE_SHARE = 0.5


def specific_energy_n_per_mm2(c_n_per_mm15: float, mean_chip_mm: float) -> float:
    """Return kc = C / sqrt(h), in N/mm2; chips under 0.005 mm count as 0.005, where the law ends.

    Spruce (C = 13.3) at a mean chip of 0.0265 mm: 82 N/mm2.
    """
    return c_n_per_mm15 / math.sqrt(max(mean_chip_mm, _LEAST_CHIP_MM))


def power_w(specific_energy: float, width_mm: float, depth_mm: float, feed_mm_per_min: float) -> float:
    """Return kc x removed volume per time, in W: 82 N/mm2 over 3.175 x 0.75 mm at 1500 mm/min is 4.9 W."""
    return specific_energy * width_mm * depth_mm * feed_mm_per_min / 60_000


def peak_force_n(c_n_per_mm15: float, chip_mm: float, depth_mm: float) -> float:
    """Return the largest force of one tooth, in N, its side part (half of the main one) included.

    Spruce (C = 19.7), a chip of 0.0417 mm, 0.75 mm deep: 3.38 N.
    """
    return c_n_per_mm15 * math.sqrt(chip_mm) * depth_mm * math.sqrt(1 + _SIDE_SHARE**2)
