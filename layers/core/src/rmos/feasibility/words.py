"""Sentences with their numbers, in the units that the reader asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rmos.design.units import FORMATS, DisplayUnits, Notation

_WORD = Notation("%s")


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence such as "{value:um} of deflection", taken apart once."""

    text: str
    """With %s for each figure."""
    figures: Mapping[DisplayUnits, tuple[tuple[str, Notation], ...]]
    """For each kind of units the name of each figure and how it is written."""
    forms: Mapping[DisplayUnits, str]
    """For each kind of units the sentence with the form of each figure, which writes all of them at once."""

    def said(self, figures: Mapping[str, Any], units: DisplayUnits) -> str:
        """Return the sentence with its figures, numbers or words."""
        found = self.figures[units]
        text = self.forms[units] % tuple(
            [figures[name] if notation is _WORD else figures[name] * notation.factor for name, notation in found]
        )
        if "e+" not in text:
            return text
        return self.text % tuple(
            [figures[name] if notation is _WORD else notation(figures[name]) for name, notation in found]
        )


def template(text: str) -> Template:
    """Return the template in `text`, in which `{name:unit}` stands for a figure and `{name}` for a word.

    Raises:
        KeyError: a unit is unknown.
    """
    first, *rest = text.replace("%", "%%").split("{")
    parts = [part.partition("}") for part in rest]
    named = [name.partition(":")[::2] for name, _, _ in parts]
    literals = [literal for _, _, literal in parts]

    def joined(forms: Iterable[str]) -> str:
        return first + "".join([form + literal for form, literal in zip(forms, literals, strict=True)])

    figures = {
        units: tuple([(name, formats[unit] if unit else _WORD) for name, unit in named])
        for units, formats in FORMATS.items()
    }
    forms = {units: joined(notation.form for _, notation in each) for units, each in figures.items()}
    return Template(joined("%s" for _ in named), figures, forms)


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(names) < 2:  # noqa: PLR2004  # one name needs no conjunction
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
