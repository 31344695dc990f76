"""Setups as JSON Patch (RFC 6902) on the request as it was sent."""

from collections.abc import Iterator

from pydantic import BaseModel

from rmos.design.cutting import Cut, Tool
from rmos.design.units import plain_number
from rmos.feasibility.models import PatchOperation
from rmos.feasibility.suggestions.setups import Setup

_CUT_FIELDS = (
    "spindle_rpm",
    "feed_mm_per_min",
    "plunge_mm_per_min",
    "depth_per_pass_mm",
    "stepover_mm",
    "operation",
)


def patched_cut(setup: Setup) -> Cut:
    """Return the cut as it reads once its patch is applied, every field checked anew."""
    tool = setup.tool.values.model_dump() if setup.tool_id is None else None
    cut = setup.cut.model_dump(exclude={"tool", "tool_id"})
    return Cut.model_validate(cut | {"tool": tool, "tool_id": setup.tool_id})


def operations(index: int, sent: Cut, before: Setup, after: Setup) -> Iterator[PatchOperation]:
    """Yield what turns the cut that was `sent` (as `before`) into `after`."""
    place = f"/context/cuts/{index}"
    for name in _CUT_FIELDS:
        value = getattr(after.cut, name)
        if value != getattr(before.cut, name):
            yield _put(place, name, value, sent)
    if after.tool == before.tool and after.tool_id == before.tool_id:
        return
    if after.tool_id is not None:
        yield from _chosen_by_id(place, sent, after.tool_id)
    elif sent.tool is not None and _only_stickout_differs(sent.tool, after.tool.values):
        yield _put(f"{place}/tool", "stickout_mm", after.tool.values.stickout_mm, sent.tool)
    else:
        yield from _told_inline(place, sent, after.tool.values)


def _chosen_by_id(place: str, sent: Cut, tool_id: str) -> Iterator[PatchOperation]:
    if sent.tool is not None:
        yield PatchOperation(op="remove", path=f"{place}/tool")
    yield _put(place, "tool_id", tool_id, sent)


def _told_inline(place: str, sent: Cut, tool: Tool) -> Iterator[PatchOperation]:
    if sent.tool_id is not None:
        yield PatchOperation(op="remove", path=f"{place}/tool_id")
    values = tool.model_dump(mode="json", exclude_none=True)
    yield _put(place, "tool", {name: _plain(value) for name, value in values.items()}, sent)


def _only_stickout_differs(sent: Tool, tool: Tool) -> bool:
    return sent.model_copy(update={"stickout_mm": tool.stickout_mm}) == tool


def _put(place: str, name: str, value: object, sent: BaseModel) -> PatchOperation:
    path = f"{place}/{name}"
    if name in sent.model_fields_set:
        return PatchOperation(op="replace", path=path, value=_plain(value))
    return PatchOperation(op="add", path=path, value=_plain(value))


def _plain(value: object) -> object:
    return plain_number(value) if isinstance(value, float) else value
