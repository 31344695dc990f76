"""Pictures read back: their elements, shapes and texts."""

import re
from xml.etree import ElementTree as ET

from rmos.design.rosette import Design
from rmos.drawing.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "defs", "pattern", "g", "path", "circle", "rect", "line", "text"}
PATTERNS = ("SOLID", "STRIP", "MOSAIC", "HERRINGBONE", "ROPE", "DOTS")


def design_of(*rings, **fields):
    body = {
        "soundhole_diameter_mm": 85,
        "inner_diameter_mm": 89,
        "outer_diameter_mm": 121,
        "rings": rings or [{"width_mm": 8, "material_id": "maple_hard"}],
    }
    return Design.model_validate(body | fields)


def read(svg):
    return ET.fromstring(svg)


def tags(svg):
    return {element.tag.removeprefix(SVG) for element in read(svg).iter()}


def texts(svg):
    return ["".join(element.itertext()) for element in read(svg).iter(f"{SVG}text")]


def by_id(svg, name):
    (found,) = [element for element in read(svg).iter() if element.get("id") == name]
    return found


def ids(svg):
    return {element.get("id") for element in read(svg).iter()} - {None}


def desc(svg):
    return by_id(svg, "rmos-desc").text


def radius(svg, name):
    """Return the radius of a circle, or of the first arc of a path that is one."""
    element = by_id(svg, name)
    if element.get("r") is not None:
        return float(element.get("r"))
    return float(re.search(r"a(-?[\d.]+) ", element.get("d")).group(1))


def paths(element):
    return [each.get("d") for each in element.iter(f"{SVG}path")]


def text_boxes(svg):
    """Return (left, top, right, bottom, text) of each text that lies level, as wide as a broad font may run."""
    return [_box(each) for each in read(svg).iter(f"{SVG}text") if each.get("transform") is None]


def _box(element):
    x, y, size = (float(element.get(name)) for name in ("x", "y", "font-size"))
    shown = (element.text or "") + "".join(child.tail or "" for child in element)
    width = text_width(shown, size)
    left = x - width * {None: 0, "middle": 0.5, "end": 1}[element.get("text-anchor")]
    return left, y - 0.75 * size, left + width, y + 0.22 * size, shown
