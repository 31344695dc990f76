"""G-code read for what a verdict rests on: spindle speeds, feeds and the lowest Z of the cutting moves.

A program that cannot be followed with certainty is unreadable as a whole: half a reading would pass for a check.
Words and modal groups as in NIST RS274/NGC (Kramer, Proctor, Messina: NISTIR 6556, 2000).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from rmos.design.units import MM_PER_INCH

MAX_LINES: Final = 200_000

_COMMENT = re.compile(r"\([^()]*\)|;.*")
_WORD = re.compile(r"([A-Z])([+-]?(?:\d+\.?\d*|\.\d+))", re.ASCII)
_LINE_NUMBER = re.compile(r"^N\d+", re.ASCII)

_HARMLESS_G: Final = frozenset({4, 17, 40, 54, 61, 61.1, 64, 90.1, 91.1, 94, 98, 99})
_LENGTH_OFFSET_G: Final = frozenset({43, 43.1, 49})
_HARMLESS_M: Final = frozenset({0, 1, 2, 3, 5, 6, 7, 8, 9, 30, 48, 49})
_MOTION: Final = frozenset({0, 1, 2, 3})
_MM_PER_UNIT: Final[Mapping[float, float]] = {20: MM_PER_INCH, 21: 1.0}
_IS_ABSOLUTE: Final[Mapping[float, bool]] = {90: True, 91: False}
_MANY_ON_A_LINE: Final = frozenset("GM")
_NO_MOTION: Final = 80.0
_DWELL: Final = 4.0
_HOME: Final = frozenset({28, 30, 53})
_SPINDLE_M: Final[Mapping[float, bool]] = {3: True, 5: False}
_END_M: Final = frozenset({2, 30})


class Unreadable(Exception):
    """This program cannot be followed from `line` on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class Kind(Enum):
    """What a move does; all but RAPID cut."""

    RAPID = "RAPID"
    ACROSS = "ACROSS"
    SLOPING = "SLOPING"
    DOWN = "DOWN"
    UP = "UP"


@dataclass(frozen=True, slots=True)
class Move:
    """One G0 to G3: its feed and the spindle's speed where it cuts, and the Z it ends at, None where never told."""

    line: int
    kind: Kind
    z_mm: float | None
    feed_mm_per_min: float = 0.0
    spindle_rpm: float = 0.0


@dataclass(slots=True)
class _State:
    """The modal state, as the words so far have set it."""

    motion: int | None = None
    mm_per_unit: float = 1.0
    units_told: bool = False
    is_absolute: bool = True
    feed_mm_per_min: float | None = None
    spindle_rpm: float | None = None
    spindle_on: bool = False
    z_mm: float | None = None
    has_ended: bool = False


def read_gcode(text: str) -> list[Move]:
    """Return the moves of a program, in order.

    Raises:
        Unreadable: at the first line that cannot be followed: macros, offsets set by the program, canned cycles,
            arcs outside XY, inverse-time feeds, a cut before units, feed or speed are told, what controllers read in
            different ways, or over 200,000 lines.
    """
    state = _State()
    moves: list[Move] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if number > MAX_LINES:
            raise Unreadable(number, f"more than {MAX_LINES:,} lines")
        words = list(_words(number, line))
        if words and state.has_ended:
            raise Unreadable(number, "words after the end (M2 or M30), which some controllers obey")
        move = _apply(state, number, words)
        if move is not None:
            moves.append(move)
    return moves


def _words(number: int, line: str) -> Iterator[tuple[str, float]]:
    text = "".join(_COMMENT.sub("", line).split()).removeprefix("%")
    if not text.isascii():
        raise Unreadable(number, f"cannot read {text[:20]!a}")
    if text.startswith("/"):
        raise Unreadable(number, "a line that may be skipped (/)")
    text = _LINE_NUMBER.sub("", text.upper())
    position = 0
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None:
            raise Unreadable(number, f"cannot read {text[position : position + 20]!a}")
        yield match[1], float(match[2])
        position = match.end()


def _apply(state: _State, number: int, words: list[tuple[str, float]]) -> Move | None:
    codes = [value for letter, value in words if letter == "G"]
    axes = {letter: value for letter, value in words if letter in "XYZIJKR"}
    for letter, value in words:
        _check_letter(number, letter, value)
    _check_alone(number, words, codes)
    _set_modes(state, number, codes)
    _set_figures(state, words)
    if not axes:
        return None
    if _DWELL in codes:
        raise Unreadable(number, "a dwell with coordinates, which one controller waits for and another moves to")
    if any(code in _HOME for code in codes):
        _go_home(state, number, axes)
        return None
    return _move(state, number, axes)


def _check_letter(number: int, letter: str, value: float) -> None:
    if letter in "ABCUVWEOQLD":
        raise Unreadable(number, f"the word {letter} is not followed here")
    if letter == "M" and value not in _HARMLESS_M:
        raise Unreadable(number, f"M{value:g} is not followed here")


def _check_alone(number: int, words: list[tuple[str, float]], codes: list[float]) -> None:
    """Refuse what each controller takes its own one of: a letter twice, or two codes that exclude each other."""
    letters = [letter for letter, _ in words if letter not in _MANY_ON_A_LINE]
    twice = next((letter for letter in letters if letters.count(letter) > 1), None)
    if twice is not None:
        raise Unreadable(number, f"the word {twice} stands twice")
    for group in (_MOTION, _MM_PER_UNIT.keys(), _IS_ABSOLUTE.keys()):
        both = sorted(group & set(codes))
        if len(both) > 1:
            raise Unreadable(number, f"G{both[0]:g} and G{both[1]:g} exclude each other")


def _set_modes(state: _State, number: int, codes: list[float]) -> None:
    if _NO_MOTION in codes:
        state.motion = None
    for code in codes:
        if code in _MOTION:
            state.motion = int(code)
        elif code in _MM_PER_UNIT:
            _set_units(state, _MM_PER_UNIT[code])
        elif code in _IS_ABSOLUTE:
            state.is_absolute = _IS_ABSOLUTE[code]
        elif code in _LENGTH_OFFSET_G:
            state.z_mm = None  # where the tip stands now is told by the next absolute Z
        elif code not in _HARMLESS_G and code not in _HOME and code != _NO_MOTION:
            raise Unreadable(number, f"G{code:g} is not followed here")


def _set_units(state: _State, mm_per_unit: float) -> None:
    if not state.units_told or mm_per_unit != state.mm_per_unit:
        state.feed_mm_per_min = None  # a feed told before: one controller converts it, another keeps its number
    state.mm_per_unit, state.units_told = mm_per_unit, True


def _set_figures(state: _State, words: list[tuple[str, float]]) -> None:
    for letter, value in words:
        if letter == "F":
            state.feed_mm_per_min = value * state.mm_per_unit
        elif letter == "S":
            state.spindle_rpm = value
        elif letter == "M" and value in _SPINDLE_M:
            state.spindle_on = _SPINDLE_M[value]
        elif letter == "M" and value in _END_M:
            state.has_ended = True


def _go_home(state: _State, number: int, axes: dict[str, float]) -> None:
    """Follow G28, G30 or G53: where they end lies in the machine's coordinates, not in the work's."""
    if axes.get("Z", 0.0) < 0:
        raise Unreadable(number, "a move below zero in the machine's coordinates")
    state.z_mm = None


def _move(state: _State, number: int, axes: dict[str, float]) -> Move | None:
    if state.motion is None:
        raise Unreadable(number, "coordinates before any of G0 to G3")
    if not state.units_told:
        raise Unreadable(number, "a move before G20 or G21 says what its numbers mean")
    before, state.z_mm = state.z_mm, _next_z(state, number, axes)
    if state.motion == 0:
        return Move(number, Kind.RAPID, state.z_mm)
    if state.feed_mm_per_min is None or state.feed_mm_per_min <= 0:
        raise Unreadable(number, "a cutting move before a feed (F)")
    if state.spindle_rpm is None or not state.spindle_on:
        raise Unreadable(number, "a cutting move before the spindle is started (S and M3)")
    kind = _kind(before, state.z_mm, crosses=bool(axes.keys() & set("XYIJR")))
    return Move(number, kind, state.z_mm, state.feed_mm_per_min, state.spindle_rpm)


def _next_z(state: _State, number: int, axes: dict[str, float]) -> float | None:
    if "Z" not in axes:
        return state.z_mm
    z_mm = axes["Z"] * state.mm_per_unit
    if state.is_absolute:
        return z_mm
    if state.z_mm is None:
        raise Unreadable(number, "a relative Z from a height that was never told")
    return state.z_mm + z_mm


def _kind(before: float | None, after: float | None, *, crosses: bool) -> Kind:
    if before == after or after is None:
        return Kind.ACROSS
    if before is not None and after > before and not crosses:
        return Kind.UP
    return Kind.SLOPING if crosses else Kind.DOWN
