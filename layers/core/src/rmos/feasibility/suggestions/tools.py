"""Other bits and blades, the workshop's own and built-in ones, as they would stand in for a cut's own."""

from collections.abc import Iterator

from rmos.design.cutting import Mode, Tool, ToolType
from rmos.design.library import ToolLibrary, ToolRow, size_distance
from rmos.design.own_rows import is_own
from rmos.feasibility.resolution import ChosenTool
from rmos.feasibility.suggestions.setups import Setup, least_stickout_mm

_MOST = 3


def other_tools(setup: Setup, depth: float | None, library: ToolLibrary) -> list[Setup]:
    """Return the setup with other tools: the 3 own and the 3 built-in ones whose diameter is nearest, own ones first.

    A bit is clamped as short as it may be; where its row does not tell, it is taken to be as sharp and to run as true
    as the present one. A blade stays a row chosen by id: what is marked on it only the workshop can read.
    """
    diameter = setup.tool.values.diameter_mm
    if diameter is None:
        return []
    own: list[Setup] = []
    built_in: list[Setup] = []
    for row in sorted(_rows(setup, diameter, library), key=lambda row: (_distance(row, diameter), row.id)):
        other = _as_blade(setup, row) if setup.cut.mode is Mode.SAW else _as_bit(setup, row, depth)
        if other is not None:
            (own if is_own(row.id) else built_in).append(other)
    return own[:_MOST] + built_in[:_MOST]


def tool_distance(before: Setup, after: Setup) -> float:
    """Return how far another tool is: a change of bit counts like a setting changed by e, and its size on top."""
    old, new = before.tool.values.diameter_mm, after.tool.values.diameter_mm
    return 1.0 if old is None or new is None else 1.0 + size_distance(old, new)


def _distance(row: ToolRow, diameter: float) -> float:
    return size_distance(diameter, row.values.diameter_mm or diameter)


def _rows(setup: Setup, diameter: float, library: ToolLibrary) -> Iterator[ToolRow]:
    present = setup.tool.values
    wanted = {ToolType.SAW_BLADE} if present.type is ToolType.SAW_BLADE else {ToolType.FLAT}
    for row in library.tools_near(diameter, wanted):
        is_other = _shape(row.values) != _shape(present)
        is_longer_or_shorter = row.values.flute_length_mm != present.flute_length_mm
        if row.id != setup.tool_id and (is_other or (is_own(row.id) and is_longer_or_shorter)):
            yield row


def _shape(tool: Tool) -> tuple[object, ...]:
    return tool.diameter_mm, tool.flutes, tool.teeth, tool.type, tool.shank_diameter_mm


def _as_blade(setup: Setup, row: ToolRow) -> Setup:
    cut = setup.cut.model_copy(update={"tool_id": row.id, "tool": None})
    return Setup(cut, ChosenTool(row.values, frozenset(row.assumed)), row.id)


def _as_bit(setup: Setup, row: ToolRow, depth: float | None) -> Setup | None:
    stickout = least_stickout_mm(row.values, depth)
    diameter, stepover = row.values.diameter_mm, setup.cut.stepover_mm
    if stickout is None or diameter is None:
        return None
    present, values = setup.tool.values, row.values
    told = {
        "stickout_mm": stickout,
        "edge": values.edge or present.edge,
        "runout_mm": present.runout_mm if values.runout_mm is None else values.runout_mm,
    }
    cut = setup.cut
    if stepover is not None and stepover > diameter:
        cut = cut.model_copy(update={"stepover_mm": diameter})
    return Setup(cut, ChosenTool(values.model_copy(update=told), frozenset()), None)
