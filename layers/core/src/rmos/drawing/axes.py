"""Axes of a map: values in the middles of their cells, round ticks, and their labels."""

import math
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as ET

from rmos.drawing.colours import INK
from rmos.drawing.sheet import Anchor, Type, add_line, add_text, add_upright_text

_MOST_TICKS = 8
_ROUND = (1, 2, 2.5, 5, 10)
_ALONE = 0.05
"""How far a cell without neighbours reaches to both sides, beside its value."""
_TICK_MM = 1.2
_LINE_MM = 0.25


@dataclass(frozen=True, slots=True)
class Axis:
    """Where values stand: cells meet at `edges`, the first at `start` mm, the last `length` mm on (negative: upwards).

    Ticks are round in the unit shown, of which one is `unit` of the values.
    """

    edges: tuple[float, ...]
    start: float
    length: float
    title: str
    unit: float = 1.0

    def place(self, value: float) -> float:
        low, high = self.edges[0], self.edges[-1]
        return self.start + self.length * (value - low) / (high - low)

    def holds(self, value: float) -> bool:
        return self.edges[0] <= value <= self.edges[-1]

    def ticks(self) -> list[tuple[float, str]]:
        """Return places in mm and figures, round and at most eight."""
        low, high = self.edges[0] / self.unit, self.edges[-1] / self.unit
        least = (high - low) / _MOST_TICKS
        power = 10.0 ** math.floor(math.log10(least))
        step = next(each * power for each in _ROUND if each * power >= least * (1 - 1e-9))
        counts = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        return [(self.place(count * step * self.unit), thousands_apart(count * step)) for count in counts]


def edges_of(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return where the cells of ascending values meet: half way between, and as far beyond the first and the last."""
    if len(values) == 1:
        reach = max(abs(values[0]) * _ALONE, _ALONE)
        return values[0] - reach, values[0] + reach
    middles = [(low + high) / 2 for low, high in pairwise(values)]
    return 2 * values[0] - middles[0], *middles, 2 * values[-1] - middles[-1]


def add_axis_below(parent: ET.Element, axis: Axis, y: float, text: float) -> None:
    """Append ticks, figures and title under a map whose lower edge is at `y`."""
    for place, label in axis.ticks():
        add_line(parent, (place, y), (place, y + _TICK_MM), _LINE_MM, INK)
        add_text(parent, (place, y + _TICK_MM + text), label, Type(0.9 * text, INK, Anchor.MIDDLE))
    add_text(parent, (axis.start + axis.length / 2, y + 3.2 * text), axis.title, Type(text, INK, Anchor.MIDDLE))


def add_axis_beside(parent: ET.Element, axis: Axis, x: float, text: float) -> None:
    """Append ticks, figures and title to the left of a map whose left edge is at `x`."""
    for place, label in axis.ticks():
        add_line(parent, (x, place), (x - _TICK_MM, place), _LINE_MM, INK)
        add_text(parent, (x - _TICK_MM - 0.3 * text, place + 0.33 * text), label, Type(0.9 * text, INK, Anchor.END))
    add_upright_text(parent, (x - 5 * text, axis.start + axis.length / 2), axis.title, Type(text, INK, Anchor.MIDDLE))


def thousands_apart(value: float) -> str:
    """Return a figure with its thousands apart: 18 000."""
    if value != 0 and abs(value) < 1:
        return f"{value:.3g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", " ")
