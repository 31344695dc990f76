"""What a suggestion changes and what it costs, in words."""

from collections.abc import Iterator, Sequence

from rmos.design.units import FORMATS, DisplayUnits, plain_number
from rmos.feasibility.fields import FIELD_BY_NAME
from rmos.feasibility.models import CutResult, CutTime, Judgement
from rmos.feasibility.reasons import title_of
from rmos.feasibility.suggestions.setups import FEED, PASS, PLUNGE, RPM, STEPOVER, STICKOUT, Setup
from rmos.feasibility.words import listed

_NAMES = {
    RPM: "spindle speed",
    FEED: "feed",
    PLUNGE: "plunge feed",
    PASS: "depth per pass",
    STEPOVER: "stepover",
    STICKOUT: "stickout",
}
_UNNOTICED_PCT = 1.0
_MULTIPLE = 2.0
_SHORT_S, _LONG_S = 10.0, 600.0

Turned = tuple[int, Setup, Setup]
"""A cut's index, its setup before and after."""


def summary(cuts: Sequence[CutResult], turned: Sequence[Turned], units: DisplayUnits) -> str:
    """Return what to change: "channel: stickout 15.4 mm instead of 20 mm"; cuts with the same changes share them."""
    names: dict[str, list[str]] = {}
    for index, before, after in turned:
        said = listed(list(_changes(before, after, units)))
        names.setdefault(said, []).append(title_of(cuts[index]))
    return "; ".join(f"{listed(found)}: {said}" for said, found in names.items())


def trade_off(before: Judgement, after: Judgement, turned: Sequence[Turned], units: DisplayUnits) -> str:
    """Return what it costs: the time, another tool or clamping, a saw that goes less deep, and what it leaves as it is.

    A saw without declared stock goes as deep as its pass is set.
    """
    said = [time_sentence(total_time(before.cuts), total_time(after.cuts)), _tool_sentence(turned)]
    said += _depths(before.cuts, after.cuts, units)
    if after.risk_level is before.risk_level:
        said.append(f"The whole stays {after.risk_level} for other reasons.")
    return " ".join(said)


def _depths(before: Sequence[CutResult], after: Sequence[CutResult], units: DisplayUnits) -> Iterator[str]:
    written = FORMATS[units]["mm"]
    for old, new in zip(before, after, strict=False):
        depths = [each.estimates.passes[-1:] for each in (old, new)]
        if depths[0] != depths[1]:
            was, now = (written(-z) for (z,) in depths)
            yield f"The blade of {title_of(old)} goes {now} deep instead of {was}; declare the stock if it is thicker."


def total_time(cuts: Sequence[CutResult]) -> CutTime | None:
    """Return the seconds of all cuts, or None where one is not estimated."""
    times = [cut.estimates.cut_time_s for cut in cuts]
    known = [each for each in times if each is not None]
    if not known or len(known) < len(times):
        return None
    return CutTime(
        high=plain_number(round(sum(each.high for each in known), 1)),
        low=plain_number(round(sum(each.low for each in known), 1)),
    )


def _changes(before: Setup, after: Setup, units: DisplayUnits) -> Iterator[str]:
    is_other_tool = _tool_change(before, after) is _OTHER
    if is_other_tool:
        values = after.tool.values
        label = values.label or "another tool"
        yield label if values.stickout_mm is None else f"{label}, {_said(STICKOUT, values.stickout_mm, units)} out"
    for field, name in _NAMES.items():
        old, new = before.setting(field), after.setting(field)
        if new is None or (field == STICKOUT and is_other_tool):
            continue
        if old is not None and old != new:
            yield f"{name} {_said(field, new, units)} instead of {_said(field, old, units)}"
        elif old is None or (field == STICKOUT and before.tool.assumed != after.tool.assumed):
            yield f"{name} {_said(field, new, units)} as assumed"
    if after.cut.operation is not None and before.cut.operation is None:
        yield f"operation {after.cut.operation} as assumed"


def _said(field: str, value: float, units: DisplayUnits) -> str:
    return FORMATS[units][FIELD_BY_NAME[field].unit](value)


def time_sentence(before: CutTime | None, after: CutTime | None) -> str:
    """Return how much longer or shorter cutting takes, and how long that is."""
    if before is None or after is None:
        return "How long this takes is not estimated."
    ratio = (after.low + after.high) / (before.low + before.high)
    if abs(100 * ratio - 100) < _UNNOTICED_PCT:
        change = "as long as before"
    elif ratio >= _MULTIPLE:
        times = f"{ratio:.2g}"
        change = "twice as long" if times == "2" else f"{times} times as long"
    else:
        change = f"{abs(100 * ratio - 100):.0f} % {'longer' if ratio > 1 else 'less'}"
    return f"Cutting takes {change} ({written_span(after)})."


def written_span(time: CutTime) -> str:
    """Return "136 to 184 s", from 10 minutes on "11 to 14 min"."""
    if time.low >= _LONG_S:
        return f"{time.low / 60:.0f} to {time.high / 60:.0f} min"
    digits = 1 if time.low < _SHORT_S else 0
    return f"{time.low:.{digits}f} to {time.high:.{digits}f} s"


def _tool_sentence(turned: Sequence[Turned]) -> str:
    found = {_tool_change(before, after) for _, before, after in turned}
    return next(said for said in _TOOL_SENTENCES if said in found)


_OTHER, _ANEW, _SAME = "It takes another tool.", "The bit is clamped anew.", "The tool stays as it is."
_TOOL_SENTENCES = (_OTHER, _ANEW, _SAME)


def _tool_change(before: Setup, after: Setup) -> str:
    old, new = before.tool.values, after.tool.values
    if old == new:
        return _SAME
    return _ANEW if old.model_copy(update={"stickout_mm": new.stickout_mm}) == new else _OTHER
