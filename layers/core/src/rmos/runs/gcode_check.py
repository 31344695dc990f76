"""G-code held against the cuts that were evaluated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rmos.runs.gcode import Kind, Move, Unreadable, read_gcode

TOLERANCE: Final = 0.01
"""Share by which a speed or feed may differ: programs round."""
Z_TOLERANCE_MM: Final = 0.01
MAX_DIFFERENCES: Final = 50


@dataclass(frozen=True, slots=True)
class EvaluatedCut:
    """What a verdict was given for. `lowest_z_mm` is below the top surface, so negative."""

    spindle_rpm: float
    feed_mm_per_min: float
    plunge_mm_per_min: float | None
    lowest_z_mm: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a program that does what was not evaluated."""

    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Why a program could not be held against its cuts; `line` is None when no single line is to blame."""

    line: int | None
    reason: str


def check_gcode(text: str, cuts: Sequence[EvaluatedCut]) -> list[Difference] | NotChecked:
    """Return where a program leaves what was evaluated, at most 50 lines in order; none means it keeps to it.

    Z 0 is the top surface of the blank. Speeds and feeds may differ by 1 %, depths by 0.01 mm.
    """
    try:
        moves = read_gcode(text)
    except Unreadable as unreadable:
        return NotChecked(unreadable.line, unreadable.reason)
    cutting = [move for move in moves if move.kind is not Kind.RAPID]
    if not cutting:
        return NotChecked(None, "the program has no cutting move")
    untold = next((move.line for move in cutting if move.z_mm is None), None)
    if untold is not None:
        return NotChecked(untold, "a cutting move at a height that was never told")
    if min(move.z_mm for move in cutting if move.z_mm is not None) >= 0:
        return NotChecked(None, "nothing is cut below Z 0; the check takes Z 0 as the top surface")
    found: list[Difference] = []
    lowest_cut_mm = 0.0
    for move in moves:
        found.extend(_differences(move, cuts, lowest_cut_mm))
        if len(found) >= MAX_DIFFERENCES:
            break
        if move.kind is not Kind.RAPID and move.z_mm is not None:
            lowest_cut_mm = min(lowest_cut_mm, move.z_mm)
    return found[:MAX_DIFFERENCES]


def _differences(move: Move, cuts: Sequence[EvaluatedCut], lowest_cut_mm: float) -> Iterator[Difference]:
    if move.kind is Kind.RAPID:
        yield from _too_low(move, cuts) or _into_wood(move, lowest_cut_mm)
        return
    at_speed = [cut for cut in cuts if _is_near(move.spindle_rpm, cut.spindle_rpm)]
    yield from _too_low(move, at_speed or cuts)
    if not at_speed:
        speeds = ", ".join(f"{rpm:g}" for rpm in sorted({cut.spindle_rpm for cut in cuts}))
        yield Difference(move.line, f"spindle at {move.spindle_rpm:g} rpm; evaluated: {speeds} rpm")
        return
    low, high = _feeds(move.kind, at_speed)
    if not low * (1 - TOLERANCE) <= move.feed_mm_per_min <= high * (1 + TOLERANCE):
        evaluated = f"{low:g} to {high:g}" if low else f"up to {high:g}"
        yield Difference(
            move.line, f"feed {move.feed_mm_per_min:g} mm/min; evaluated at this speed: {evaluated} mm/min"
        )


def _too_low(move: Move, cuts: Sequence[EvaluatedCut]) -> list[Difference]:
    """Return the move when it ends below what `cuts` reach; a program tells no more of its bit than its speed."""
    lowest_z_mm = min(cut.lowest_z_mm for cut in cuts)
    if move.z_mm is None or move.z_mm >= lowest_z_mm - Z_TOLERANCE_MM:
        return []
    return [Difference(move.line, f"Z {move.z_mm:.4g} mm is below the lowest evaluated, {lowest_z_mm:.4g} mm")]


def _into_wood(move: Move, lowest_cut_mm: float) -> list[Difference]:
    """Return a rapid that ends lower than anything has been cut before it: at a feed that nobody evaluated."""
    if move.z_mm is None or move.z_mm >= lowest_cut_mm - Z_TOLERANCE_MM:
        return []
    before = f"the lowest cut before it: {lowest_cut_mm:.4g} mm"
    return [Difference(move.line, f"a rapid (G0) goes into the wood, to Z {move.z_mm:.4g} mm; {before}")]


def _feeds(kind: Kind, cuts: Sequence[EvaluatedCut]) -> tuple[float, float]:
    """Return the slowest and fastest feed for which a move of `kind` was evaluated.

    Across the wood both ends count: too slow burns. On the way down only too fast is unevaluated; a way up cuts
    nothing new.
    """
    fastest = max(cut.feed_mm_per_min for cut in cuts)
    if kind is Kind.ACROSS:
        return min(cut.feed_mm_per_min for cut in cuts), fastest
    if kind is Kind.DOWN:
        return 0.0, max(cut.plunge_mm_per_min or cut.feed_mm_per_min for cut in cuts)
    return 0.0, fastest if kind is Kind.SLOPING else float("inf")


def _is_near(value: float, evaluated: float) -> bool:
    return abs(value - evaluated) <= TOLERANCE * evaluated
