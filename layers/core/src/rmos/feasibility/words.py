"""Sentences with their numbers, in the units that the reader asked for."""

from collections.abc import Mapping, Sequence

from rmos.design.units import FORMATS, DisplayUnits


def sentence(
    parts: Sequence[tuple[str, str | None, str | None]], figures: Mapping[str, float | str], units: DisplayUnits
) -> str:
    """Return the sentence whose `parts` (text, name, unit) are filled with `figures`."""
    formats = FORMATS[units]
    said: list[str] = []
    for literal, name, unit in parts:
        said.append(literal)
        if name is not None:
            value = figures[name]
            said.append(value if isinstance(value, str) else formats[unit or "ratio"](value))
    return "".join(said)


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(names) < 2:  # noqa: PLR2004  # one name needs no conjunction
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
