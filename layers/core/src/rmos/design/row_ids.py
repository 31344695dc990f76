"""Ids of the rows that a design or a cut names, built in or the workshop's own."""

from typing import Annotated

from rmos.models import ID_IN_WORDS, Id, Worded

_FOUND_BY_NAME = f"{ID_IN_WORDS}; GET /api/rmos/feasibility/%s?q= finds it by a name"

MaterialId = Annotated[Id, Worded(_FOUND_BY_NAME % "materials")]
ToolId = Annotated[Id, Worded(_FOUND_BY_NAME % "tools")]
MachineId = Annotated[Id, Worded(_FOUND_BY_NAME % "machines")]
