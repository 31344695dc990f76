"""Where two JSON values differ, leaf by leaf."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from pydantic import JsonValue

from runs.models import ChangeOp


class Missing(Enum):
    """The value of a place that one of the two sides does not have."""

    MISSING = "MISSING"


MISSING: Final = Missing.MISSING
Value: TypeAlias = JsonValue | Missing
Steps: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ChangedLeaf:
    """A place where the two sides hold different values; an empty object or list counts as a value."""

    steps: Steps
    a: Value
    b: Value

    @property
    def path(self) -> str:
        """The place as an RFC 6901 pointer."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.steps)

    @property
    def op(self) -> ChangeOp:
        if self.a is MISSING:
            return ChangeOp.ADDED
        return ChangeOp.REMOVED if self.b is MISSING else ChangeOp.CHANGED


def changed_leaves(a: Value, b: Value, steps: Steps = ()) -> Iterator[ChangedLeaf]:
    """Yield every place below `steps` where the two values differ: by name in objects, by index in lists.

    Types count: true is not 1; but 1 is 1.0, as JSON has one kind of number. Where one side holds nothing (null, an
    empty object or list) and the other has members, only the members are told.
    """
    inner_a, inner_b = _members(a), _members(b)
    if not inner_a and not inner_b:
        if not _same(a, b):
            yield ChangedLeaf(steps, a, b)
        return
    if not inner_a and not _is_void(a):
        yield ChangedLeaf(steps, a, MISSING)
    if not inner_b and not _is_void(b):
        yield ChangedLeaf(steps, MISSING, b)
    for step in inner_a | inner_b:
        yield from changed_leaves(inner_a.get(step, MISSING), inner_b.get(step, MISSING), (*steps, step))


def _members(value: Value) -> dict[str | int, JsonValue]:
    members: dict[str | int, JsonValue] = {}
    if isinstance(value, dict):
        members.update(value)
    elif isinstance(value, list):
        members.update(enumerate(value))
    return members


def _is_void(value: Value) -> bool:
    return value is MISSING or value is None or value in ({}, [])


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b
