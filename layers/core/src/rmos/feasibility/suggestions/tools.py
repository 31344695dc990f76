"""Other bits and blades from the reference rows, as they would stand in for a cut's own."""

import math
from collections.abc import Iterator

from rmos.design.cutting import Mode, ToolType
from rmos.design.library import ToolRow, tools
from rmos.feasibility.resolution import ChosenTool
from rmos.feasibility.suggestions.setups import Setup, least_stickout_mm

_MOST = 3


def other_tools(setup: Setup, depth: float | None) -> list[Setup]:
    """Return the setup with the few rows whose diameter is nearest to its tool's.

    A bit is clamped as short as it may be and is taken to be as sharp, and to run as true, as the present one. A blade
    stays a row chosen by id: what is marked on it only the workshop can read.
    """
    diameter = setup.tool.values.diameter_mm
    if diameter is None:
        return []
    rows = sorted(_rows(setup), key=lambda row: (abs(math.log((row.values.diameter_mm or 1) / diameter)), row.id))
    found = (_as_blade(setup, row) if setup.cut.mode is Mode.SAW else _as_bit(setup, row, depth) for row in rows)
    return [each for each in found if each is not None][:_MOST]


def tool_distance(before: Setup, after: Setup) -> float:
    """Return how far another tool is: a change of bit counts like a setting changed by e, and its size on top."""
    old, new = before.tool.values.diameter_mm, after.tool.values.diameter_mm
    return 1.0 if old is None or new is None else 1.0 + abs(math.log(new / old))


def _rows(setup: Setup) -> Iterator[ToolRow]:
    own = setup.tool.values
    wanted = {ToolType.SAW_BLADE} if own.type is ToolType.SAW_BLADE else {ToolType.FLAT}
    for row in tools().rows.values():
        values = row.values
        is_other = (values.diameter_mm, values.flutes, values.teeth, values.type, values.shank_diameter_mm) != (
            own.diameter_mm,
            own.flutes,
            own.teeth,
            own.type,
            own.shank_diameter_mm,
        )
        if row.id != setup.tool_id and values.type in wanted and is_other:
            yield row


def _as_blade(setup: Setup, row: ToolRow) -> Setup:
    cut = setup.cut.model_copy(update={"tool_id": row.id, "tool": None})
    return Setup(cut, ChosenTool(row.values, frozenset(row.assumed)), row.id)


def _as_bit(setup: Setup, row: ToolRow, depth: float | None) -> Setup | None:
    stickout = least_stickout_mm(row.values, depth)
    diameter, stepover = row.values.diameter_mm, setup.cut.stepover_mm
    if stickout is None or diameter is None:
        return None
    own = setup.tool.values
    values = row.values.model_copy(update={"stickout_mm": stickout, "edge": own.edge, "runout_mm": own.runout_mm})
    cut = setup.cut
    if stepover is not None and stepover > diameter:
        cut = cut.model_copy(update={"stepover_mm": diameter})
    return Setup(cut, ChosenTool(values, frozenset()), None)
