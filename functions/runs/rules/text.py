"""Bounded unified diffs of long texts such as G-code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

MAX_LINES: Final = 1_000
"""Lines compared on either side, from the first difference on: aligning lines can cost their square."""

_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class TextDiff:
    """A unified diff; `truncated` tells that some of it is left out."""

    text: str
    truncated: bool


def unified(a: str, b: str, max_chars: int) -> TextDiff:
    """Return the unified diff from `a` to `b` in at most `max_chars` characters, from the first difference on."""
    lines_a, lines_b = _lines(a), _lines(b)
    start = max(_common(lines_a, lines_b) - _CONTEXT, 0)
    window_a, window_b = lines_a[start : start + MAX_LINES], lines_b[start : start + MAX_LINES]
    left_out = lines_a[start + MAX_LINES :] != lines_b[start + MAX_LINES :]
    text = "\n".join(_hunks(window_a, window_b, start))
    return TextDiff(text[:max_chars], left_out or len(text) > max_chars)


def _lines(text: str) -> list[str]:
    """Return the lines of `text`; only a line feed ends one, so that other line ends show as changes."""
    return text.split("\n") if text else []


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return how many lines the two begin with alike."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(a), len(b)))


def _hunks(a: Sequence[str], b: Sequence[str], start: int) -> Iterator[str]:
    for group in SequenceMatcher(None, a, b).get_grouped_opcodes(_CONTEXT):
        (_, from_a, _, from_b, _), (_, _, to_a, _, to_b) = group[0], group[-1]
        yield f"@@ -{_range(start + from_a, to_a - from_a)} +{_range(start + from_b, to_b - from_b)} @@"
        for tag, low_a, high_a, low_b, high_b in group:
            if tag == "equal":
                yield from (f" {line}" for line in a[low_a:high_a])
                continue
            yield from (f"-{line}" for line in a[low_a:high_a])
            yield from (f"+{line}" for line in b[low_b:high_b])


def _range(before: int, count: int) -> str:
    """Return a range of lines as unified diffs write it: an empty one names the line before it."""
    return f"{before + 1},{count}" if count else f"{before},0"
