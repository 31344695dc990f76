"""SVG as a tree: elements, numbers, paths and texts that are safe in a file of their own or inside a page."""

import math
import re
from collections.abc import Sequence
from typing import TypeAlias
from xml.etree import ElementTree as ET

Attributes: TypeAlias = dict[str, str | float]

DIGITS = 4
FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"

# What XML 1.0 cannot hold, and what would turn the text beside a label around.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")

_WIDE = 1.0
_WIDE_LETTERS = frozenset("MWmw@%&")
_NARROW_LETTERS = frozenset("iljtfI.,:;|!'()[] ")
_FIRST_FULL_WIDTH = 0x1100


def number(value: float) -> str:
    """Return `value` as SVG reads it, rounded to 4 decimals, never in exponent form.

    Raises:
        ArithmeticError: it is not finite.
    """
    if not math.isfinite(value):
        raise ArithmeticError(f"a coordinate is {value}")
    text = f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def document(box: tuple[float, float, float, float], title: str, description: str) -> ET.Element:
    """Return the root of a picture of `box` (left, top, width, height, in mm), named for screen readers."""
    left, top, width, height = box
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "version": "1.1"})
    root.set("width", f"{number(width)}mm")
    root.set("height", f"{number(height)}mm")
    root.set("viewBox", f"{number(left)} {number(top)} {number(width)} {number(height)}")
    root.set("role", "img")
    root.set("aria-labelledby", "rmos-title rmos-desc")
    ET.SubElement(root, "title", {"id": "rmos-title"}).text = clean(title)
    ET.SubElement(root, "desc", {"id": "rmos-desc"}).text = clean(description)
    return root


def crop(root: ET.Element, width: float) -> None:
    """Let a picture end `width` mm to the right of its left edge."""
    left, top, _, height = root.attrib["viewBox"].split()
    root.set("width", f"{width:g}mm")
    root.set("viewBox", f"{left} {top} {width:g} {height}")


def add(parent: ET.Element, tag: str, **attributes: str | float) -> ET.Element:
    """Append an element; `stroke_width=1` becomes `stroke-width="1"`."""
    written = {
        name.replace("_", "-"): value if isinstance(value, str) else number(value) for name, value in attributes.items()
    }
    return ET.SubElement(parent, tag, written)


def stroke(colour: str, width: float) -> Attributes:
    """Return the attributes of an outline without a filling."""
    return {"fill": "none", "stroke": colour, "stroke_width": width}


def write(root: ET.Element) -> str:
    """Return the picture as text, the same for the same tree, one element on a line."""
    ET.indent(root, space="")
    return ET.tostring(root, encoding="unicode") + "\n"


def clean(text: str) -> str:
    """Return `text` on one line and without characters that XML or a line of text cannot hold."""
    return _SPACES.sub(" ", _FORBIDDEN.sub("\ufffd", text)).strip()


def text_width(text: str, size: float) -> float:
    """Return how wide `text` may run in a broad sans-serif, in the unit of `size`; rather too wide than too narrow."""
    return size * sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    if letter in _WIDE_LETTERS or ord(letter) >= _FIRST_FULL_WIDTH:
        return _WIDE
    if letter in _NARROW_LETTERS:
        return 0.36
    return 0.72 if letter.isupper() else 0.58


def fitted(text: str, size: float, width: float) -> str:
    """Return `text`, or as much of its beginning as fits in `width` with an ellipsis."""
    whole = clean(text)
    if text_width(whole, size) <= width:
        return whole
    kept = whole
    while kept and text_width(kept, size) + size > width:
        kept = kept[:-1]
    return kept.rstrip() + "\u2026"


def circle_path(radius: float, x: float = 0.0, y: float = 0.0) -> str:
    """Return a circle as two half arcs of a path, for what reads paths only and for several in one path."""
    r, across = number(radius), number(2 * radius)
    back = number(-2 * radius)
    return f"M{number(x - radius)} {number(y)}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 {back} 0z"


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """Return an open path through `points`."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def polygon(points: Sequence[tuple[float, float]]) -> str:
    """Return a closed path through `points`."""
    return polyline(points) + "z"
