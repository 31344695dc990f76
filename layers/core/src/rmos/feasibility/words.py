"""Sentences with their numbers, in the units that the reader asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rmos.design.units import FORMATS, DisplayUnits


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence such as "{value:um} of deflection", taken apart once for each kind of units."""

    parts: Mapping[DisplayUnits, tuple[tuple[str, str, Callable[[float], str]], ...]]
    """Literal text, then the name of a figure and how it is written."""
    end: str

    def said(self, figures: Mapping[str, float | str], units: DisplayUnits) -> str:
        """Return the sentence with its figures."""
        words: list[str] = []
        for literal, name, written in self.parts[units]:
            value = figures[name]
            words += (literal, value if isinstance(value, str) else written(value))
        words.append(self.end)
        return "".join(words)


def template(text: str) -> Template:
    """Return the template in `text`, in which `{name:unit}` stands for a figure and `{name}` for a word.

    Raises:
        KeyError: a unit is unknown.
    """
    found: list[tuple[str, str, str]] = []
    rest = text
    while "{" in rest:
        literal, _, rest = rest.partition("{")
        placed, _, rest = rest.partition("}")
        name, _, unit = placed.partition(":")
        found.append((literal, name, unit or "ratio"))
    parts = {
        units: tuple((literal, name, formats[unit]) for literal, name, unit in found)
        for units, formats in FORMATS.items()
    }
    return Template(parts, rest)


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(names) < 2:  # noqa: PLR2004  # one name needs no conjunction
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
