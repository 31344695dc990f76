"""How close a cut is to scorching: an index, never degrees.

Most of the heat goes into the tool (Igaz 2018), so the temperature of the wood does not follow from the power. What
does follow: sliding for each mm of wall grows as 1 / chip, its rate with the speed. Limits are to be calibrated from
shop logs; burn tendencies are comparisons (WOOD magazine: cherry and maple burn easily), not measurements.
"""

import math

_REFERENCE_SPEED_M_PER_S = 8.0


def burn_index(least_chip_mm: float, chip_mm: float, speed_ratio: float, burn_tendency: float, wear: float) -> float:
    """Return (least / chip) sqrt(speed ratio) (0.7 + 0.6 b) wear: falls with feed, rises with speed and dullness."""
    return least_chip_mm / chip_mm * math.sqrt(speed_ratio) * (0.7 + 0.6 * burn_tendency) * wear


def bit_speed_ratio(rim_speed_m_per_s: float) -> float:
    """Return the speed as a share of 8 m/s, at which the index is anchored for bits."""
    return rim_speed_m_per_s / _REFERENCE_SPEED_M_PER_S
