"""Quantities as people write them: a number in the field's own unit, or text with a unit ("1/8 in", "60 ipm")."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from rmos.design.text_enum import TextEnum

MM_PER_INCH = 25.4

_INCH = Fraction(254, 10)
_POUND_FORCE = Fraction("4.4482216152605")

LENGTH_UNITS: Mapping[str, Fraction] = {
    "mm": Fraction(1),
    "cm": Fraction(10),
    "m": Fraction(1000),
    "um": Fraction(1, 1000),
    "µm": Fraction(1, 1000),
    "in": _INCH,
    "inch": _INCH,
    "inches": _INCH,
    '"': _INCH,
    "thou": _INCH / 1000,
    "mil": _INCH / 1000,
    "ft": _INCH * 12,
}
FEED_UNITS: Mapping[str, Fraction] = {
    "mm/min": Fraction(1),
    "mm/s": Fraction(60),
    "m/min": Fraction(1000),
    "ipm": _INCH,
    "in/min": _INCH,
    "ips": _INCH * 60,
    "in/s": _INCH * 60,
}
SPINDLE_UNITS: Mapping[str, Fraction] = {"rpm": Fraction(1), "krpm": Fraction(1000), "1/min": Fraction(1)}
POWER_UNITS: Mapping[str, Fraction] = {
    "w": Fraction(1),
    "kw": Fraction(1000),
    "hp": Fraction("745.69987158227022"),
}
FORCE_UNITS: Mapping[str, Fraction] = {"n": Fraction(1), "kn": Fraction(1000), "lbf": _POUND_FORCE}
ACCELERATION_UNITS: Mapping[str, Fraction] = {
    "mm/s2": Fraction(1),
    "m/s2": Fraction(1000),
    "in/s2": _INCH,
    "g": Fraction("9806.65"),
}
DENSITY_UNITS: Mapping[str, Fraction] = {
    "kg/m3": Fraction(1),
    "g/cm3": Fraction(1000),
    "lb/ft3": Fraction("16.018463373960139"),
}
ANGLE_UNITS: Mapping[str, Fraction] = {"deg": Fraction(1), "°": Fraction(1)}

_NUMBER = r"\d{1,12}(?:\.\d{0,12})?|\.\d{1,12}"
_WRITTEN = re.compile(
    rf"\s*(?:(?P<whole>\d{{1,6}})[ -]+)?(?:(?P<top>\d{{1,6}})/(?P<bottom>\d{{1,6}})|(?P<number>{_NUMBER}))"
    r"\s*(?P<unit>(?<=\s)1/min|[^\s\d./][^\s]{0,11})\s*",
    re.ASCII,
)
_MAX_TEXT = 40


class DisplayUnits(TextEnum):
    """The units in which sentences are written; numbers in fields are always metric."""

    MM = "MM"
    INCH = "INCH"


def nine_digits(value: float) -> float:
    """Return `value` rounded to 9 significant digits, so that no sum's last bit decides a colour or a hash."""
    return float(f"{value:.9g}")


def int_if_whole(value: float) -> float:
    """Return `value` as canonical JSON writes it: 2 and not 2.0."""
    whole = int(value)
    return whole if whole == value else value


def plain_number(value: float) -> float:
    """Return `value` as a result shows it: 9 significant digits, an int when whole, nothing under 1e-5 or over 1e12.

    So pydantic writes it as canonical JSON wants it; no quantity of this trade has a meaning outside.

    Raises:
        ArithmeticError: it is not finite.
    """
    if _PLAIN_FROM <= value < _PLAIN_BELOW:  # nearly all are, and are written without an exponent
        text = f"{value:.9g}"
        return float(text) if "." in text else int(text)
    size = abs(value)
    if _LEAST_SHOWN <= size <= _MOST_SHOWN:
        return int_if_whole(nine_digits(value))
    if not math.isfinite(value):
        raise ArithmeticError(f"a result is {value}")
    return 0 if size < _LEAST_SHOWN else int(math.copysign(_MOST_SHOWN, value))


often_plain_number = lru_cache(maxsize=4096)(plain_number)
"""The same for limits and inputs, of which one verdict repeats many and the next one most."""

_PLAIN_FROM, _PLAIN_BELOW = 1e-4, 1e8
_ROUNDED_BELOW = 1e15
_LEAST_SHOWN, _MOST_SHOWN = 1e-5, 1e12


def parsed_quantity(text: str, units: Mapping[str, Fraction]) -> float:
    """Return the quantity written in `text`, in the unit whose factor in `units` is 1.

    Computed exactly and rounded once: "3-11/32 in" is 84.93125 mm.

    Raises:
        ValueError: it is not a number followed by one of the units.
    """
    known = ", ".join(units)
    match = _WRITTEN.fullmatch(text) if len(text) <= _MAX_TEXT else None
    if match is None:
        raise ValueError(f"write a number, or a number and a unit ({known}), for example {_example(units)}")
    factor = units.get(match["unit"]) or units.get(match["unit"].lower())
    if factor is None:
        raise ValueError(f"unknown unit {match['unit']!r}; known here: {known}")
    if match["bottom"] is not None and int(match["bottom"]) == 0:
        raise ValueError("a fraction needs a denominator other than 0")
    number = Fraction(int(match["top"]), int(match["bottom"])) if match["top"] else Fraction(match["number"])
    if match["whole"] is not None:
        if match["top"] is None:
            raise ValueError('between a whole number and a unit only a fraction can stand, for example "3-11/32 in"')
        number += int(match["whole"])
    return nine_digits(float(number * factor))


def _example(units: Mapping[str, Fraction]) -> str:
    unit = next(iter(units))
    return '"1/8 in"' if unit == "mm" else '"60 ipm"' if unit == "mm/min" else f'"12 {unit}"'


def _quantity(units: Mapping[str, Fraction]) -> BeforeValidator:
    def read(value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
        if isinstance(value, str):
            return parsed_quantity(value, units)
        if isinstance(value, bool):
            raise ValueError("a number is needed, not true or false")  # noqa: TRY004  # pydantic reports ValueError
        if isinstance(value, int | float) and abs(value) < _ROUNDED_BELOW:
            return nine_digits(value)
        return value

    return BeforeValidator(read, json_schema_input_type=_input_type(units))


def _input_type(units: Mapping[str, Fraction]) -> Any:  # noqa: ANN401  # a type built at run time
    text = Annotated[str, Field(max_length=_MAX_TEXT, description=f"a number and one of: {', '.join(units)}")]
    return float | text


def _whole(value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    if isinstance(value, bool | str):
        raise ValueError("a whole number is needed")  # noqa: TRY004  # pydantic reports ValueError
    return value


Length: TypeAlias = Annotated[float, _quantity(LENGTH_UNITS)]
"""Millimetres."""
Feed: TypeAlias = Annotated[float, _quantity(FEED_UNITS)]
"""Millimetres per minute."""
SpindleSpeed: TypeAlias = Annotated[float, _quantity(SPINDLE_UNITS)]
"""Revolutions per minute."""
Power: TypeAlias = Annotated[float, _quantity(POWER_UNITS)]
"""Watts."""
Force: TypeAlias = Annotated[float, _quantity(FORCE_UNITS)]
"""Newtons."""
Acceleration: TypeAlias = Annotated[float, _quantity(ACCELERATION_UNITS)]
"""Millimetres per second squared."""
Density: TypeAlias = Annotated[float, _quantity(DENSITY_UNITS)]
"""Kilograms per cubic metre."""
Angle: TypeAlias = Annotated[float, _quantity(ANGLE_UNITS)]
"""Degrees."""
Share: TypeAlias = Annotated[float, _quantity({"%": Fraction(1, 100)}), Field(ge=0, le=1)]
"""A share between 0 and 1."""
Count: TypeAlias = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]


@dataclass(frozen=True, slots=True)
class Notation:
    """How a number of one unit is written in a sentence: its product with `factor`, by `form`, without an exponent."""

    form: str
    factor: float = 1.0

    def __call__(self, value: float) -> str:
        text = self.form % (value * self.factor)
        number, space, unit = text.partition(" ")
        return f"{float(number):.0f}{space}{unit}" if "e+" in number else text


def _scaled(unit: str, factor: float, digits: int) -> Notation:
    return Notation(f"%.{digits}g {unit}", factor * (1 + _HALF_UP))


_HALF_UP = 1e-12
"""Lifts what stands for the middle of two figures over it: 1/16 in is 1.5875 mm and written as 1.588 mm, not 1.587."""

_METRIC: Mapping[str, Notation] = {
    "mm": _scaled("mm", 1, 4),
    "um": _scaled("µm", 1, 3),
    "mm/min": _scaled("mm/min", 1, 5),
    "rpm": _scaled("rpm", 1, 5),
    "m/s": _scaled("m/s", 1, 3),
    "mm2": _scaled("mm²", 1, 4),
    "W": _scaled("W", 1, 3),
    "N": _scaled("N", 1, 3),
    "MPa": _scaled("MPa", 1, 3),
    "percent": Notation("%.3g %%"),
    "ratio": Notation("%.3g"),
    "count": Notation("%.0f"),
}
_INCHES: Mapping[str, Notation] = {
    **_METRIC,
    "mm": _scaled("in", 1 / MM_PER_INCH, 3),
    "um": _scaled("thou", 1 / MM_PER_INCH, 3),
    "mm/min": _scaled("ipm", 1 / MM_PER_INCH, 4),
    "m/s": _scaled("ft/s", 1 / 0.3048, 3),
    "mm2": _scaled("in²", 1 / 645.16, 3),
    "W": _scaled("hp", 1 / 745.69987, 3),
    "N": _scaled("lbf", 1 / 4.4482216, 3),
}
SIGNS: Mapping[str, str] = {"um": " µm", "mm2": " mm²", "percent": " %", "ratio": "", "count": "", "": ""}
"""What stands behind a number instead of a space and the unit's own name."""

FORMATS: Mapping[DisplayUnits, Mapping[str, Notation]] = {
    DisplayUnits.MM: _METRIC,
    DisplayUnits.INCH: _INCHES,
}
"""How a value of a unit is written in a sentence."""
