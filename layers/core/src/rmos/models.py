"""Base classes of the models that cross HTTP or the store, and the field types that many share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from rmos.canonical import SHA256_FORM, SHA256_IN_WORDS
from rmos.clock import rfc3339_utc

ID_PATTERN = r"^[A-Za-z0-9._:-]{1,128}$"


@dataclass(frozen=True, slots=True)
class Worded:
    """Says in words what a text may be, where pydantic would show its regular expression; the schema keeps that."""

    text: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let every refusal of the type say `text`."""
        return core_schema.custom_error_schema(
            handler(source), custom_error_type="not_of_this_form", custom_error_message=self.text
        )


ID_IN_WORDS = "an id is 1 to 128 letters, digits and . _ : - without spaces"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN), Worded(ID_IN_WORDS)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=10_000)]
Sha256 = Annotated[str, StringConstraints(pattern=f"^{SHA256_FORM}$"), Worded(SHA256_IN_WORDS)]


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone, for example 2026-01-31T12:00:00Z")
    return moment


UtcTime = Annotated[
    datetime,
    AfterValidator(_aware),
    PlainSerializer(rfc3339_utc, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware time, written as RFC 3339 UTC with six decimals and Z."""


class InputModel(BaseModel):
    """What a client sends: unknown fields and numbers that are none are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        str_strip_whitespace=False,
        json_schema_serialization_defaults_required=True,
    )


class StoredModel(BaseModel):
    """What is stored and shown: a reader ignores fields that a later version wrote.

    Every field is written, null or not, which the OpenAPI document tells by requiring it of answers.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", allow_inf_nan=False, json_schema_serialization_defaults_required=True
    )
