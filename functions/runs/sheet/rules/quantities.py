"""Quantities as a workshop reads them: each in both units, the one that was asked for first."""

from typing import Final

from pydantic import JsonValue
from rmos.design.units import FORMATS, MM_PER_INCH, DisplayUnits

from runs.rules.parts import is_number

NOT_GIVEN: Final = "not given"

_MM_DIGITS: Final = 3
_INCH_DIGITS: Final = 4


def length(value: JsonValue, units: DisplayUnits) -> tuple[str, str]:
    """Return a length given in mm in both units: to a thousandth of a mm, to a ten-thousandth of an inch."""
    return _both(value, ("mm", _MM_DIGITS), ("in", _INCH_DIGITS), units)


def feed(value: JsonValue, units: DisplayUnits) -> tuple[str, str]:
    """Return a feed given in mm/min in both units."""
    return _both(value, ("mm/min", 0), ("in/min", 1), units)


def speed(value: JsonValue) -> str:
    """Return a spindle speed given in rpm, to the whole rpm."""
    return f"{value:.0f} rpm" if is_number(value) else NOT_GIVEN


def measured(value: JsonValue, unit: JsonValue, units: DisplayUnits) -> str:
    """Return a value as the sentences of a verdict write it; of an unknown unit as it stands."""
    if not is_number(value):
        return ""
    if isinstance(unit, str) and unit in FORMATS[units]:
        return FORMATS[units][unit](value)
    return f"{value:.4g} {unit}" if isinstance(unit, str) else f"{value:.4g}"


def text(value: JsonValue, otherwise: str = NOT_GIVEN) -> str:
    """Return a text or a number as text."""
    if isinstance(value, str) and value:
        return value
    return f"{value:g}" if is_number(value) else otherwise


def _both(value: JsonValue, metric: tuple[str, int], inch: tuple[str, int], units: DisplayUnits) -> tuple[str, str]:
    if not is_number(value):
        return NOT_GIVEN, ""
    in_metric, in_inches = _written(value, *metric), _written(value / MM_PER_INCH, *inch)
    return (in_inches, in_metric) if units is DisplayUnits.INCH else (in_metric, in_inches)


def _written(value: float, unit: str, digits: int) -> str:
    number = f"{value:.{digits}f}"
    if digits:
        number = number.rstrip("0").rstrip(".")
    return f"{'0' if number == '-0' else number} {unit}"
