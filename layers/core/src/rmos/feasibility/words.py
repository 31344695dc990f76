"""Sentences with their numbers, in the units that the reader asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rmos.design.units import FORMATS, DisplayUnits


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence such as "{value:um} of deflection", taken apart once."""

    text: str
    """With %s for each figure."""
    parts: Mapping[DisplayUnits, tuple[tuple[str, Callable[[float], str]], ...]]
    """For each kind of units the name of each figure and how it is written."""

    def said(self, figures: Mapping[str, float | str], units: DisplayUnits) -> str:
        """Return the sentence with its figures."""
        found = [(figures[name], written) for name, written in self.parts[units]]
        return self.text % tuple([value if isinstance(value, str) else written(value) for value, written in found])


def template(text: str) -> Template:
    """Return the template in `text`, in which `{name:unit}` stands for a figure and `{name}` for a word.

    Raises:
        KeyError: a unit is unknown.
    """
    found: list[tuple[str, str]] = []
    told, _, rest = text.replace("%", "%%").partition("{")
    while rest:
        placed, _, rest = rest.partition("}")
        name, _, unit = placed.partition(":")
        found.append((name, unit or "ratio"))
        literal, _, rest = rest.partition("{")
        told += f"%s{literal}"
    parts = {units: tuple((name, formats[unit]) for name, unit in found) for units, formats in FORMATS.items()}
    return Template(told, parts)


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(names) < 2:  # noqa: PLR2004  # one name needs no conjunction
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
