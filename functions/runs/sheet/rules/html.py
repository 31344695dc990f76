"""HTML as values: text that goes in is escaped, and what is markup says so by its type."""

import re
from collections.abc import Iterable
from html import escape

# What HTML cannot hold, and what would turn the text beside a value around or hide in it.
_UNSHOWN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_VOID = frozenset({"meta", "br", "hr"})


class Markup(str):
    """HTML that may stand as it is."""

    __slots__ = ()


def tag(name: str, /, *children: str | Iterable[str], **attributes: str) -> Markup:
    """Return an element; `class_="x"` is written class="x". Children that are no Markup are text."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{_text(value)}"' for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    inside = "".join(_inside(child) for child in children)
    return Markup(f"<{name}{written}>{inside}</{name}>")


def joined(parts: Iterable[Markup]) -> Markup:
    return Markup("".join(parts))


def _inside(child: str | Iterable[str]) -> str:
    if isinstance(child, Markup):
        return child
    return _text(child) if isinstance(child, str) else "".join(_inside(each) for each in child)


def _text(text: str) -> str:
    return escape(_UNSHOWN.sub("\ufffd", text), quote=True)
