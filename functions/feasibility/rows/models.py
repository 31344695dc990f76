"""Reference rows as a workshop sends them, and pages of them."""

import json
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator
from rmos.design.cutting import Context, Machine, Tool
from rmos.design.library import HazardKind
from rmos.design.located import Located, refuse
from rmos.design.materials import Material
from rmos.design.own_rows import MachineEntry, MaterialEntry, OwnId, PresetEntry, ToolEntry
from rmos.design.sized import Sized
from rmos.design.units import Share
from rmos.models import InputModel, StoredModel

MAX_NAMES_BYTES: Final = 1_600
"""The label and all aliases together: they stand in the head of the record, which holds 2 KB."""


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("one line of printable characters, without spaces around it")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]


class HazardInput(InputModel):
    """What a material does to lungs or skin, or what trade law says of it."""

    kind: HazardKind
    text: Line
    source: Line = "workshop"


class RowInput(InputModel):
    """A row of the workshop: what to call it, its values, where they come from and how far to trust them (0 to 1).

    Each kind names the model of its values. As generics these models would cost a cold start twice their time.
    """

    id: OwnId | None = Field(default=None, description="Made of the label when absent; once given it never changes")
    label: Name
    aliases: Annotated[tuple[Name, ...], Sized(0, 20)] = ()
    values: BaseModel
    source: Line = "workshop"
    confidence: Share = Field(default=0.9, description="As for values that stand in a request itself")

    @model_validator(mode="after")
    def _is_called_by_its_label(self) -> Self:
        refuse(type(self).__name__, list(self._misnamed()))
        return self

    def _misnamed(self) -> list[Located]:
        found: list[Located] = []
        if getattr(self.values, "label", None) not in {None, self.label}:
            found.append(Located(("values", "label"), "a row is called by its own label; leave this one out"))
        size_bytes = len(json.dumps([self.label, *self.aliases], ensure_ascii=False).encode())
        if size_bytes > MAX_NAMES_BYTES:
            detail = f"label and aliases take {size_bytes:,} bytes together, more than {MAX_NAMES_BYTES:,}"
            found.append(Located(("aliases",), detail))
        return found

    def content(self) -> dict[str, Any]:
        """Return the fields of the row but its id; values that can have a label are called as the row is."""
        fields = {name: value for name, value in self if name != "id"}
        if "label" in type(self.values).model_fields:
            fields["values"] = self.values.model_copy(update={"label": self.label})
        return fields


class MaterialInput(RowInput):
    """A material of the workshop."""

    values: Material
    hazards: Annotated[tuple[HazardInput, ...], Sized(0, 8)] = ()

    def content(self) -> dict[str, Any]:
        return super().content() | {"hazards": tuple(hazard.model_dump() for hazard in self.hazards)}


class ToolInput(RowInput):
    """A tool of the workshop, as it stands in its holder."""

    values: Tool


class MachineInput(RowInput):
    """A machine of the workshop."""

    values: Machine


class PresetInput(RowInput):
    """Settings of the workshop that work: a machine and cuts. Stock and confirmations belong to one rosette."""

    values: Context

    @model_validator(mode="after")
    def _is_for_any_rosette(self) -> Self:
        names = [name for name in ("stock", "confirmed_defaults") if getattr(self.values, name)]
        refuse("PresetInput", [Located(("values", name), "belongs to one rosette, not to a preset") for name in names])
        return self


class RowPage(StoredModel):
    """The workshop's own rows, the newest first, then the built-in ones; `version` is that of the built-in table."""

    version: str
    items: tuple[Any, ...]
    next_cursor: str | None


class MaterialPage(RowPage):
    items: tuple[MaterialEntry, ...]


class ToolPage(RowPage):
    items: tuple[ToolEntry, ...]


class MachinePage(RowPage):
    items: tuple[MachineEntry, ...]


class PresetPage(RowPage):
    items: tuple[PresetEntry, ...]
