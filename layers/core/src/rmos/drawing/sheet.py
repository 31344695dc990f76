"""A drawing sheet: where the parts of a picture stand, its text size, and the marks that all parts use."""

import math
from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree as ET

from rmos.drawing.colours import INK
from rmos.drawing.svg import FONT, add, clean, fitted, number, polygon

_TEXT_SHARE = 1 / 40
"""A text's size in diameters of the rosette: 3 mm beside one of 120 mm."""
_PANEL_TEXTS = 51.0
_ARROW = 0.75
_HALF_ARROW = 0.2


class Anchor(StrEnum):
    """Which part of a text stands at its point."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet around a rosette whose centre is the origin; all lengths in mm.

    `text` is the size of its texts, which grows with the rosette so that all read alike on a screen.
    """

    outer_radius: float
    text: float

    @property
    def line(self) -> float:
        return self.text * 0.05

    @property
    def half_plan(self) -> float:
        """Half the side of the square of wood that the rosette is shown in."""
        return self.outer_radius + 2 * self.text

    @property
    def left(self) -> float:
        return -self.half_plan - 2 * self.text

    @property
    def top(self) -> float:
        return -self.half_plan - 6.4 * self.text

    @property
    def plan_width(self) -> float:
        """From the left edge to what stands beside the plan."""
        return self.panel_left - self.left - self.text

    @property
    def panel_left(self) -> float:
        return self.half_plan + 3.5 * self.text

    @property
    def panel_width(self) -> float:
        return _PANEL_TEXTS * self.text

    @property
    def right(self) -> float:
        return self.panel_left + self.panel_width + 2 * self.text


def sheet_around(outer_diameter_mm: float) -> Sheet:
    """Return the sheet for a rosette of this size."""
    return Sheet(outer_diameter_mm / 2, outer_diameter_mm * _TEXT_SHARE)


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is set: its size, colour, weight and which part of it stands at its point."""

    size: float
    colour: str = INK
    anchor: Anchor = Anchor.START
    weight: str = "normal"


def add_text(parent: ET.Element, at: tuple[float, float], text: str, style: Type) -> ET.Element:
    """Append a line of text with its baseline at this point."""
    element = add(parent, "text", x=at[0], y=at[1], font_family=FONT, font_size=style.size, fill=style.colour)
    if style.anchor is not Anchor.START:
        element.set("text-anchor", style.anchor)
    if style.weight != "normal":
        element.set("font-weight", style.weight)
    element.text = clean(text)
    return element


def add_upright_text(parent: ET.Element, at: tuple[float, float], text: str, style: Type) -> None:
    """Append a text that reads from bottom to top, its baseline through this point."""
    element = add_text(parent, at, text, style)
    element.set("transform", f"rotate(-90 {number(at[0])} {number(at[1])})")


def add_fitted_text(parent: ET.Element, at: tuple[float, float], text: str, style: Type, width: float) -> None:
    """Append as much of a text as fits in `width`; a text that was shortened shows whole when pointed at."""
    shown = fitted(text, style.size, width)
    element = add_text(parent, at, shown, style)
    if shown != clean(text):
        element.text = None
        add(element, "title").text = clean(text)
        element[0].tail = shown


def add_dimension(
    parent: ET.Element, start: tuple[float, float], end: tuple[float, float], size: float, colour: str
) -> None:
    """Append a dimension line between two points, an arrow at each end; `size` is that of the texts beside it."""
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    add_line(parent, start, end, size * 0.05, colour)
    tips = (start, angle), (end, angle + math.pi)
    add(parent, "path", d="".join(_arrow(tip, towards, size) for tip, towards in tips), fill=colour)


def add_pointer(
    parent: ET.Element, start: tuple[float, float], tip: tuple[float, float], size: float, colour: str
) -> None:
    """Append a line with an arrow at its end."""
    angle = math.atan2(start[1] - tip[1], start[0] - tip[0])
    add_line(parent, start, tip, size * 0.07, colour)
    add(parent, "path", d=_arrow(tip, angle, size * 1.5), fill=colour)


def _arrow(tip: tuple[float, float], towards: float, size: float) -> str:
    """Return an arrow whose tip is here and whose shaft leads off at the angle `towards`."""
    back_x, back_y = tip[0] + _ARROW * size * math.cos(towards), tip[1] + _ARROW * size * math.sin(towards)
    side_x, side_y = -_HALF_ARROW * size * math.sin(towards), _HALF_ARROW * size * math.cos(towards)
    return polygon([tip, (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y)])


def add_line(
    parent: ET.Element, start: tuple[float, float], end: tuple[float, float], width: float, colour: str
) -> None:
    """Append a plain line."""
    add(parent, "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=colour, stroke_width=width)
