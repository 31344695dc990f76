"""Validation errors that point at the field they are about, from rules that look at several fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


@dataclass(frozen=True, slots=True)
class Located:
    """What is wrong, and where in the model that is being validated."""

    loc: tuple[str | int, ...]
    detail: str


def refuse(title: str, found: Sequence[Located]) -> None:
    """Raise pydantic's ValidationError with one error for each of `found`; do nothing when there is none.

    Raised inside a model validator, pydantic puts the model's own place before each `loc`.
    """
    if not found:
        return
    raise ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(
                type=PydanticCustomError("impossible", "{detail}", {"detail": each.detail}), loc=each.loc, input=None
            )
            for each in found
        ],
    )
