"""The input of a stored run, read back as a request: with the rows of that day, not with today's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from rmos.design.cutting import Machine, Tool
from rmos.design.library import MachineRow, MaterialRow, RowKind, ToolRow
from rmos.errors import Refused
from rmos.runs.models import JsonObject, RunArtifact, RunCreate

_MATERIALS: Final = TypeAdapter(dict[str, MaterialRow])
_SOURCE: Final = "kept in the run"


class NotReplayable(Refused):
    slug = "not-replayable"
    title = "This run cannot be evaluated again"


def refused_today(run: RunArtifact, place: str, reason: str) -> NotReplayable:
    """Return the refusal of a run with an input that was taken when it was recorded, and no longer is."""
    judge = f"{run.engine_id or '?'} {run.engine_version or '?'}, rules {run.ruleset_version or '?'}"
    return NotReplayable(f"its input is refused by now: {place}: {reason}. The run stays as recorded, by {judge}")


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The rows that a run's ids stood for when it was recorded, as a library."""

    materials: Mapping[str, MaterialRow] = field(default_factory=dict)
    tools: Mapping[str, ToolRow] = field(default_factory=dict)
    machines: Mapping[str, MachineRow] = field(default_factory=dict)

    def material(self, row_id: str) -> MaterialRow | None:
        return self.materials.get(row_id)

    def tool(self, row_id: str) -> ToolRow | None:
        return self.tools.get(row_id)

    def machine(self, row_id: str) -> MachineRow | None:
        return self.machines.get(row_id)

    def nearest(self, kind: RowKind, row_id: str) -> str | None:
        """Return None: a run kept what its ids stood for, and nothing beside."""
        del kind, row_id
        return None


@dataclass(frozen=True, slots=True)
class StoredInput:
    """What was asked, and the rows that its ids stood for."""

    request: RunCreate
    rows: KeptRows


def stored_input(run: RunArtifact) -> StoredInput:
    """Return the request that a run was recorded from, its outputs included; what was acknowledged is left out.

    A run keeps every row beside its id. Here the ids are asked for again, and answered with those rows: so the input
    has the hash that it had, and whatever differs in a verdict comes from the engine.

    Raises:
        NotReplayable: it was imported without its input, or today's models cannot read it.
    """
    if run.design is None or run.context is None:
        raise NotReplayable("the run was kept without its design or its context")
    try:
        request = RunCreate.model_validate(
            {
                "design": run.design,
                "context": _given(run.context),
                "label": run.label,
                "event_type": run.event_type,
                "workflow_session_id": run.workflow_session_id,
                "parent_run_id": run.run_id,
                "outputs": run.outputs.model_dump(exclude={"preview_svg_sha256"}),
                "notes": run.notes,
                "meta": run.meta,
            }
        )
        return StoredInput(request, _rows(run))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(step) for step in first["loc"])
        raise refused_today(run, f"/{place}", first["msg"]) from error


def _given(context: JsonObject) -> JsonObject:
    """Return a context as it was sent: an id, or a thing itself, but not both."""
    kept = {name: value for name, value in context.items() if name != "materials"}
    if "machine_id" in kept:
        kept.pop("machine", None)
    kept["cuts"] = [
        {name: value for name, value in cut.items() if name != "tool" or "tool_id" not in cut} for cut in _cuts(context)
    ]
    return kept


def _rows(run: RunArtifact) -> KeptRows:
    context = run.context or {}
    tools: dict[str, ToolRow] = {}
    for index, cut in enumerate(_cuts(context)):
        row_id = cut.get("tool_id")
        if isinstance(row_id, str) and "tool" in cut:
            assumed = _assumed(run.feasibility, index)
            known = tools[row_id].assumed if row_id in tools else ()
            tools[row_id] = _tool_row(row_id, Tool.model_validate(cut["tool"]), {*known, *assumed})
    machines: dict[str, MachineRow] = {}
    machine_id = context.get("machine_id")
    if isinstance(machine_id, str):
        values = Machine.model_validate(context.get("machine"))
        row = MachineRow(id=machine_id, label=machine_id, values=values, source=_SOURCE, confidence=1)
        machines[machine_id] = row
    return KeptRows(_MATERIALS.validate_python(context.get("materials", {})), tools, machines)


def _tool_row(row_id: str, values: Tool, assumed: set[str]) -> ToolRow:
    known = tuple(sorted(name for name in assumed if getattr(values, name, None) is not None))
    return ToolRow(id=row_id, label=row_id, values=values, source=_SOURCE, confidence=1, assumed=known)


def _assumed(feasibility: JsonObject, cut_index: int) -> set[str]:
    """Return what the row of a cut's tool held as assumed: the verdict names it, the resolved context does not."""
    prefix = f"/context/cuts/{cut_index}/tool/"
    defaults = feasibility.get("assumed_defaults")
    pointers = [each.get("pointer") for each in _objects(defaults)]
    return {each.removeprefix(prefix) for each in pointers if isinstance(each, str) and each.startswith(prefix)}


def _cuts(context: JsonObject) -> list[JsonObject]:
    return _objects(context.get("cuts"))


def _objects(value: JsonValue) -> list[JsonObject]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
