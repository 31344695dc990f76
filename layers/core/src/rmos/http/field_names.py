"""The names that a request may use at one place of it, for whoever writes another."""

from collections.abc import Collection, Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_MOST_SHOWN = 20
_LONGEST = 100
"""Of a name that is compared; no field's is as long."""


def names_at(model: type[BaseModel], steps: Sequence[str | int]) -> list[str]:
    """Return the fields of the object that stands at `steps` in the JSON of a `model`; empty where none does."""
    places: list[Any] = [model]
    for step in steps:
        places = [inner for place in places for part in _parts(place) for inner in _within(part, step)]
    models = [part for place in places for part in _parts(place) if _is_model(part)]
    return [name for each in models for name, _ in _fields(each)]


def instead_of(name: str, names: Collection[str]) -> str:
    """Return what to write for a `name` that is none of `names`: the one that was probably meant, or all there are."""
    from difflib import get_close_matches  # noqa: PLC0415  # a cold start without a slip does not pay for it

    wanted = name[:_LONGEST].casefold()
    near = get_close_matches(wanted, names, n=1) or [each for each in names if wanted and wanted in each]
    if near:
        return f"did you mean {near[0]}?"
    return f"known here: {', '.join(sorted(names)[:_MOST_SHOWN])}" if names else "nothing is taken here"


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401  # whatever annotates a field
    """Yield the members of a union, without what is annotated to them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _parts(member)
    else:
        yield annotation


def _within(annotation: Any, step: str | int) -> Iterator[Any]:  # noqa: ANN401
    """Yield the annotations of what stands under `step`, a name or a place in a list."""
    if isinstance(step, int):
        if get_origin(annotation) in {list, tuple}:
            yield get_args(annotation)[0]
    elif _is_model(annotation):
        yield from (field for name, field in _fields(annotation) if name == step)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield field.alias or name, field.annotation


def _is_model(annotation: Any) -> bool:  # noqa: ANN401
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
