"""Speeds: of a cutter's rim, of a blade's plate before it loses its stiffness, and of an axis in an arc."""

import math

_UNMARKED_MAX_RPM = ((25.4, 24_000.0), (50.8, 18_000.0), (63.5, 16_000.0), (math.inf, 12_000.0))
SMALLEST_LISTED_DIAMETER_MM = 6.0
_PLATE_CONSTANT = 2.6e8


def rim_speed_m_per_s(diameter_mm: float, spindle_rpm: float) -> float:
    """Return pi D n: a 3.175 mm bit at 18,000 rpm runs at 2.99 m/s."""
    return math.pi * diameter_mm * spindle_rpm / 60_000


def unmarked_max_rpm(diameter_mm: float) -> float:
    """Return the usual limit of a router bit that is not marked: 24,000 rpm up to 25.4 mm.

    Source: router bit speed chart, woodworking.about.com; progressivehandymanservices gives the same steps. Bits
    under 6 mm stand in no table: engraving spindles run them at 60,000, and the spindle is the limit.
    """
    return next(rpm for diameter, rpm in _UNMARKED_MAX_RPM if diameter_mm <= diameter)


def plate_max_rpm(plate_mm: float, diameter_mm: float) -> float:
    """Return 2.6e8 plate / D^2: 4,837 rpm for a 1.2 mm plate of 254 mm.

    Fitted to Tenryu's table (constants 2.6 to 2.9e8 over 205 to 405 mm); it keeps the usual 15 % below the critical
    speed (Stakhiev; Merhar 2017).
    """
    return _PLATE_CONSTANT * plate_mm / diameter_mm**2


def arc_feed_mm_per_min(acceleration_mm_per_s2: float, radius_mm: float) -> float:
    """Return the fastest feed an axis holds on an arc, sqrt(a R): 6,708 mm/min for 250 mm/s2 on 50 mm."""
    return 60 * math.sqrt(acceleration_mm_per_s2 * radius_mm)
