"""Lengths as a drawing writes them: mm to the micron, inches to the thou."""

from rmos.design.units import MM_PER_INCH, DisplayUnits

_UNIT = {DisplayUnits.MM: "mm", DisplayUnits.INCH: "in"}


def figure(length_mm: float, units: DisplayUnits) -> str:
    """Return a length without its unit: 11.8 mm is "11.8", or in inches "0.465"."""
    if units is DisplayUnits.MM:
        return f"{length_mm:.3f}".rstrip("0").rstrip(".")
    return f"{length_mm / MM_PER_INCH:.3f}"


def length(length_mm: float, units: DisplayUnits) -> str:
    """Return a length with its unit: "11.8 mm" or "0.465 in"."""
    return f"{figure(length_mm, units)} {_UNIT[units]}"


def unit_name(units: DisplayUnits) -> str:
    return _UNIT[units]
