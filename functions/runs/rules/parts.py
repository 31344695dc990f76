"""Parts of a run read as the JSON that it was kept as: one of an older version, or imported, may lack any of them."""

from typing import TypeGuard

from pydantic import JsonValue
from rmos.runs.models import JsonObject


def is_number(value: JsonValue) -> TypeGuard[float]:
    """Tell whether `value` is a number, which true and false are only to Python."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def member(value: JsonValue, name: str) -> JsonObject:
    """Return the object under `name`, empty where there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def items(value: JsonValue) -> list[JsonValue]:
    """Return the items of a list; of anything else none."""
    return value if isinstance(value, list) else []


def objects(value: JsonValue) -> list[JsonObject]:
    """Return the objects of a list; of anything else none."""
    return [item for item in items(value) if isinstance(item, dict)]


def texts(value: JsonValue) -> tuple[str, ...]:
    """Return the texts of a list; of anything else none."""
    return tuple(item for item in items(value) if isinstance(item, str))
