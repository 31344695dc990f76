"""Tuples with bounds on their length that are checked before their items."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Sized:
    """Bounds on the number of items.

    pydantic's own bounds on tuples look at every item first and count only the good ones: ten thousand bad rings
    would be ten thousand problems, and one bad ring two.
    """

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_before_validator_function(self._counted, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"minItems": self.least, "maxItems": self.most}

    def _counted(self, value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
        if isinstance(value, list | tuple) and not self.least <= len(value) <= self.most:
            raise PydanticCustomError(
                "item_count",
                "{count} items; {least} to {most} are allowed",
                {"count": len(value), "least": self.least, "most": self.most},
            )
        return value
