"""A way by more than two settings: from a careful setup two are turned, and what need not be changed is put back."""

import math
from collections.abc import Iterator
from dataclasses import replace

from rmos.design.cutting import Mode
from rmos.feasibility.fields import PLUNGE_SHARE, STEPOVER_SHARE
from rmos.feasibility.models import CutResult, RiskLevel
from rmos.feasibility.suggestions.search import Fix, Search, Trials
from rmos.feasibility.suggestions.setups import FEED, PASS, PLUNGE, RPM, STEPOVER, STICKOUT, Knob, Setup, Shop, knobs_of
from rmos.feasibility.suggestions.steps import length

_SETTINGS = (PLUNGE, STEPOVER, STICKOUT, PASS, RPM, FEED)
"""In the order in which they are put back: feed and speed, which decide most, are the last to be asked for."""
_TURNED = frozenset({FEED, RPM, PASS})
_PASS_SHARE = 0.25


def careful_fix(trials: Trials, shop: Shop, search: Search, setup: Setup) -> Fix | None:
    """Return a fix of as many settings as it takes, or None; `search` is the one around `setup`."""
    base = careful(setup, shop)
    result = None if base == setup else trials.judge(base)
    found = None if result is None else _mended(trials, shop, search, base, result)
    return None if found is None else _put_back(trials, search, setup, *found)


def careful(setup: Setup, shop: Shop) -> Setup:
    """Return `setup` clamped short, with shallow passes and narrow laps, and within what machine and tool allow."""
    for knob in {knob.field: knob for knob in reversed(knobs_of(setup, shop))}.values():
        value = _lowered(knob, _most(knob.field, setup, shop))
        if value is not None:
            setup = knob.turned(setup, value)
    return setup


def _most(field: str, setup: Setup, shop: Shop) -> float:
    """Return the most that a careful maker sets: a quarter of the bit's diameter (of a saw's depth) as a pass."""
    diameter, marked, feed = setup.tool.values.diameter_mm, setup.tool.values.max_rpm, setup.cut.feed_mm_per_min
    thick = shop.depth if setup.cut.mode is Mode.SAW else diameter
    most = {
        PASS: None if thick is None else _PASS_SHARE * thick,
        STEPOVER: None if diameter is None else STEPOVER_SHARE * diameter,
        PLUNGE: None if feed is None else PLUNGE_SHARE * feed,
        RPM: marked,
        STICKOUT: 0.0,
    }.get(field)
    return math.inf if most is None else most


def _lowered(knob: Knob, most: float) -> float | None:
    """Return where `knob` is put to stand at `most` or, where that is out of reach, next to it; None: where it is."""
    least, highest = knob.ladder.above(0.0), knob.ladder.below(math.inf)
    if least is None or highest is None or least <= knob.now <= min(most, highest):
        return None
    return knob.ladder.above(knob.now) if knob.now < least else knob.ladder.below(min(most, highest)) or least


def _mended(
    trials: Trials, shop: Shop, search: Search, base: Setup, result: CutResult
) -> tuple[Setup, CutResult] | None:
    if search.is_mended_by(result):
        return base, result
    knobs = [knob for knob in knobs_of(base, shop) if knob.field in _TURNED]
    around = Search(trials, base, result, knobs)
    for settings in (1, 2):
        for fix in around.fixes(RiskLevel.GREEN, settings):
            if search.is_mended_by(fix.result):
                return fix.setup, fix.result
    return None


def _put_back(trials: Trials, search: Search, setup: Setup, found: Setup, result: CutResult) -> Fix:
    for field in _SETTINGS:
        nearer = _with_setting_of(setup, field, found)
        closer = None if nearer == found else trials.judge(nearer)
        if closer is not None and search.is_mended_by(closer):
            found, result = nearer, closer
    turned = dict(_turned(setup, found))
    return Fix(found, result, length(list(turned.values())), tuple(sorted(turned)))


def _with_setting_of(setup: Setup, field: str, found: Setup) -> Setup:
    """Return `found` with one setting as it is in `setup`."""
    if field == STICKOUT:
        return replace(found, tool=setup.tool, tool_id=setup.tool_id)
    name = field.partition(".")[2]
    return replace(found, cut=found.cut.model_copy(update={name: getattr(setup.cut, name)}))


def _turned(setup: Setup, found: Setup) -> Iterator[tuple[str, float]]:
    """Yield the settings that differ, each with ln(new / old)."""
    for field in _SETTINGS:
        old, new = setup.setting(field), found.setting(field)
        if new is not None and new != old:
            yield field, 0.0 if old is None else math.log(new / old)
