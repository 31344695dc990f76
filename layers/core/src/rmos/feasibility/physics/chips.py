"""How thick a chip each tooth cuts, and between which thicknesses a bit cuts wood well.

Source of the bands: Shapeoko A-to-Z guide (floor), Amana v5 and AST charts (ceiling), Amana and AST alike for the
derating with depth. The interpolations are RMOS's own.
"""

import math

from rmos.feasibility.physics.tables import interpolated

_FLOOR_MM = ((0.5, 0.004), (0.8, 0.0064), (1.5, 0.0127), (3.2, 0.0127), (6.0, 0.0254))
_DENSITY_FACTOR = ((400.0, 1.25), (500.0, 1.15), (700.0, 1.0), (850.0, 0.8), (1000.0, 0.65), (1200.0, 0.6))
_DEPTH_FACTOR = ((1.0, 1.0), (2.0, 0.75), (3.0, 0.5))


def feed_per_tooth_mm(feed_mm_per_min: float, spindle_rpm: float, teeth: float) -> float:
    """Return feed / (rpm x teeth): 1500 mm/min at 18,000 rpm with 2 flutes gives 0.0417 mm."""
    return feed_mm_per_min / (spindle_rpm * teeth)


def thinning_factor(engagement_ratio: float) -> float:
    """Return the thickest chip as a share of the feed per tooth, for a radial engagement ae / D.

    2 sqrt(r (1 - r)) below half the diameter, else 1: at r = 0.1 a tooth that advances 0.05 mm cuts 0.03 mm.
    """
    if engagement_ratio >= 0.5:  # noqa: PLR2004  # half the diameter
        return 1.0
    return 2 * math.sqrt(engagement_ratio * (1 - engagement_ratio))


def mean_chip_mm(feed_per_tooth: float, engagement_ratio: float) -> float:
    """Return the chip's mean thickness over the arc of engagement, in mm.

    fz (1 - cos phi) / phi with phi = acos(1 - 2 r); in a slot (r = 1) 2 fz / pi: 0.0417 gives 0.0265 mm.
    """
    phi = math.acos(1 - 2 * min(engagement_ratio, 1.0))
    return feed_per_tooth * (1 - math.cos(phi)) / phi


def chip_floor_mm(diameter_mm: float) -> float:
    """Return the thickness under which a bit of this diameter rubs instead of cutting: 0.0127 mm at 1/8 in."""
    return interpolated(_FLOOR_MM, diameter_mm)


def chip_low_mm(diameter_mm: float) -> float:
    """Return the least good chip in wood: the floor, or 0.5 % of the diameter: 0.0159 mm at 3.175 mm."""
    return max(chip_floor_mm(diameter_mm), 0.005 * diameter_mm)


def density_factor(density_kg_per_m3: float) -> float:
    """Return how much thicker (or thinner) a chip this wood allows than one of 700 kg/m3: 1.225 at 425."""
    return interpolated(_DENSITY_FACTOR, density_kg_per_m3)


def depth_factor(depth_ratio: float) -> float:
    """Return the derating for a pass of `depth_ratio` diameters: 1 to one diameter, 0.75 at two, 0.5 at three."""
    return interpolated(_DEPTH_FACTOR, depth_ratio)


def chip_high_mm(diameter_mm: float, material_factor: float, depth_ratio: float) -> float:
    """Return the thickest good chip: 0.1167 mm for 3.175 mm in spruce of 425 kg/m3."""
    base = min(0.030 * diameter_mm, 0.19 + 0.006 * max(0.0, diameter_mm - 6.35))
    return base * material_factor * depth_factor(depth_ratio)
