"""The two hashes of a result: SHA-256 over RFC 8785 canonical JSON, written at the rate of evaluations.

`rmos.canonical` is the measure. What is here writes the same bytes faster, because it knows what it writes: names in
ASCII, rows that it has written before, results whose numbers and fields already stand as they must.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from json.encoder import encode_basestring
from typing import Any

from pydantic import BaseModel, TypeAdapter

from rmos.canonical import sha256_of_bytes, sha256_of_json
from rmos.design.library import MaterialRow
from rmos.design.rosette import Design
from rmos.feasibility.models import OUTSIDE_RESULT_SHA256, Feasibility
from rmos.feasibility.resolution import Resolved

_WRITER = TypeAdapter(Feasibility)
"""Writes bytes, where `model_dump_json` makes a text of them that would have to be encoded again."""
_MAX_ROWS_KEPT = 256
_row_texts: dict[int, tuple[MaterialRow, str]] = {}


class _NeedsCare(Exception):
    """A number that Python and RFC 8785 write differently."""


def input_sha256(resolved: Resolved) -> str:
    """Return the hash over the design and the resolved context, nulls left out."""
    try:
        written = _written_input(resolved)
    except _NeedsCare:
        return sha256_of_json(
            {
                "design": resolved.request.design.model_dump(mode="json", exclude_none=True),
                "context": resolved.context().model_dump(mode="json", exclude_none=True),
            }
        )
    return sha256_of_bytes(written.encode())


def plain_result_sha256(result: Feasibility) -> str:
    """Return the hash over a result without this hash and without what is of one request only.

    For results all whose numbers are plain (`rmos.design.units.plain_number`): as its fields stand in alphabetical
    order, what pydantic writes is canonical.
    """
    return sha256_of_bytes(_WRITER.dump_json(result, exclude=OUTSIDE_RESULT_SHA256))


def result_sha256(result: Feasibility) -> str:
    """Return the same hash over any result."""
    return sha256_of_json(result.model_dump(mode="json", exclude=OUTSIDE_RESULT_SHA256))


def _written_input(resolved: Resolved) -> str:
    context = resolved.request.context
    cuts = [
        _written_object(cut, cut.__dict__ if tool is None else cut.__dict__ | {"tool": tool.values})
        for cut, tool in zip(context.cuts, resolved.tools, strict=True)
    ]
    rows = [f'"{row_id}":{_row_text(row)}' for row_id, row in sorted(resolved.material_rows().items())]
    machine = "" if resolved.machine is None else f'"machine":{_written(resolved.machine)},'
    machine_id = "" if context.machine_id is None else f'"machine_id":{_written(context.machine_id)},'
    return (
        f'{{"context":{{"confirmed_defaults":{_written(context.confirmed_defaults)},"cuts":[{",".join(cuts)}],'
        f'"display_units":{_written(context.display_units)},{machine}{machine_id}"materials":{{{",".join(rows)}}},'
        f'"stock":{_written(context.stock)}}},"design":{_design_text(resolved.request.design)}}}'
    )


@lru_cache(maxsize=1)
def _design_text(design: Design) -> str:
    """Return the canonical JSON of a design. The last is kept: who tries settings sends the same one again."""
    return _written(design)


def _row_text(row: MaterialRow) -> str:
    """Return the canonical JSON of a row; rows are few, never change, and hold half of all that is hashed."""
    known = _row_texts.get(id(row))
    if known is None or known[0] is not row:
        if len(_row_texts) >= _MAX_ROWS_KEPT:
            _row_texts.clear()
        known = _row_texts[id(row)] = (row, _written(row))
    return known[1]


def _written(value: Any) -> str:  # noqa: ANN401  # a model, or any value of one's field
    kind = type(value)
    if kind is float:
        if value.is_integer():
            return repr(int(value))
        text = repr(value)
        if "e" in text:
            raise _NeedsCare
        return text
    if isinstance(value, str):
        return encode_basestring(value)
    if kind is tuple:
        return "[" + ",".join([_written(item) for item in value]) + "]"
    if kind is int:
        return repr(value)
    return _written_object(value, value.__dict__)


def _written_object(model: BaseModel, values: Mapping[str, Any]) -> str:
    """Return a model with these values of its fields, those that are None left out."""
    fields = _fields(type(model))
    members = [text + _written(value) for name, text in fields if (value := values[name]) is not None]
    return "{" + ",".join(members) + "}"


@cache
def _fields(model: type[BaseModel]) -> Iterable[tuple[str, str]]:
    """Return a model's fields as they are written, with what is written before their values, in canonical order."""
    named = [(field.serialization_alias or name, name) for name, field in model.model_fields.items()]
    return tuple([(name, f'"{shown}":') for shown, name in sorted(named)])
