"""Colours that stand for materials: one for each reference material, a stable neutral one for any other."""

import zlib
from dataclasses import dataclass

from rmos.design.materials import MaterialClass

PAPER = "#ffffff"
BLACK = "#000000"
INK = "#2a211b"
FAINT_INK = "#7d7168"
RULE = "#d9d0c6"
HOLE = "#1d1713"
FLOOR = "#fff8e8"
"""What shows where the channel is empty: between square tiles, and beside rings that do not fill it."""
TOP_NEUTRAL = "#e8d3a6"

_BY_ID = {
    "spruce_sitka": "#ecd5a3",
    "spruce_engelmann": "#f3e3bd",
    "spruce_european": "#efdcae",
    "cedar_western_red": "#c98d5c",
    "maple_hard": "#f0dcb4",
    "walnut_black": "#6b4a32",
    "mahogany_honduran": "#a4623b",
    "rosewood_east_indian": "#5a3021",
    "rosewood_brazilian": "#6e3a22",
    "cocobolo": "#8a3f23",
    "ebony_gaboon": "#231c1a",
    "ebony_macassar": "#40291c",
    "koa": "#a9713a",
    "cherry_black": "#c07f4e",
    "holly_american": "#f7f1de",
    "padauk_african": "#a83c22",
    "wenge": "#41302a",
    "mother_of_pearl": "#e9e7de",
    "abalone": "#7fb3ab",
    "mdf": "#c2a679",
    "plywood_baltic_birch": "#ddc497",
}
"""By the id of a reference row; judged by eye from dressed, finished wood."""

_NEUTRALS = {
    MaterialClass.WOOD: ("#b79268", "#cbab82", "#94724f", "#dcc4a0", "#7d6047"),
    MaterialClass.SHEET: ("#c4b08f", "#b3a184", "#d2c3a6"),
    MaterialClass.SHELL: ("#c9d3d2", "#b5c6c9", "#d8dcd8"),
    MaterialClass.METAL: ("#b3b5b8", "#a4a8ad", "#c6c8ca"),
    None: ("#b5aca2", "#a39a90", "#c6beb5"),
}
_WHOLE = 255
_MIDDLE = 0.45


@dataclass(frozen=True, slots=True)
class Tones:
    """A material's colour, and a second tone that sets a pattern's neighbours apart beside it."""

    base: str
    other: str


def reference_colour(material_id: str) -> str | None:
    """Return the colour of a reference row; None for any other id."""
    return _BY_ID.get(material_id)


def neutral_colour(name: str, material_class: MaterialClass | None) -> str:
    """Return a colour for a workshop's own or an inline material: of its class, and always the same for its name."""
    choice = _NEUTRALS[material_class]
    return choice[zlib.crc32(name.encode("utf-8", "replace")) % len(choice)]


def tones_of(colour: str) -> Tones:
    """Return `colour` with a second tone: darker for a light one, lighter for a dark one."""
    is_light = luminance(colour) > _MIDDLE
    return Tones(colour, mixed(colour, "#2b1a10", 0.62) if is_light else mixed(colour, "#f4dfb5", 0.66))


def luminance(colour: str) -> float:
    """Return how light a colour is, from 0 to 1 (the weights of ITU-R BT.709, without gamma)."""
    red, green, blue = _channels(colour)
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / _WHOLE


def mixed(colour: str, with_colour: str, share: float) -> str:
    """Return `colour` with this share of another."""
    pairs = zip(_channels(colour), _channels(with_colour), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
