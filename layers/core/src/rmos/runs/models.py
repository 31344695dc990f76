"""The nouns of a run: what a client sends, the immutable artifact, and what is shown of it."""

import re
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from rmos.canonical import canonical_json, sha256_of_bytes, sha256_of_json, sha256_of_text
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Feasibility, RiskLevel
from rmos.models import Id, InputModel, Note, Sha256, StoredModel, UtcTime
from rmos.runs.evidence import AdvisoryInput, Appended, Attachment, ExplanationError, ExplanationStatus
from rmos.runs.schema_version import SCHEMA_VERSION, SchemaVersion

MAX_META_BYTES: Final = 16_384
MAX_PLAN_BYTES: Final = 524_288
MAX_ACKNOWLEDGED: Final = 100
_SHOWN_NAME_CHARS: Final = 48

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class RunStatus(Enum):
    """What came of the attempt: OK may be cut, BLOCKED may not, ERROR could not be evaluated."""

    OK = "OK"
    BLOCKED = "BLOCKED"
    ERROR = "ERROR"


class Origin(Enum):
    """Who computed what the artifact holds: this system, or the one it was imported from."""

    SERVER = "SERVER"
    IMPORTED = "IMPORTED"


class OutputsCheck(Enum):
    """Whether the outputs were read against what was evaluated; NONE where there are none."""

    NONE = "NONE"
    CHECKED = "CHECKED"
    NOT_CHECKED = "NOT_CHECKED"


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("a label is one line without control characters")
    return text


def _within(limit: int, value: JsonValue) -> None:
    """Refuse what cannot be hashed (integers past 2**53) or is longer than `limit` bytes as canonical JSON."""
    size = len(canonical_json(value))
    if size > limit:
        raise ValueError(f"{size} bytes as JSON; at most {limit} are kept")


def _small(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    _within(MAX_META_BYTES, value)
    return value


def _plan(value: dict[str, JsonValue] | list[JsonValue]) -> dict[str, JsonValue] | list[JsonValue]:
    _within(MAX_PLAN_BYTES, value)
    return value


RunLabel = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_one_line)]
"""A name a person gives to a run. Short enough that a list's line holds it in any script."""
JsonObject = dict[str, JsonValue]
Meta = Annotated[JsonObject, AfterValidator(_small)]
Plan = Annotated[JsonObject | list[JsonValue], AfterValidator(_plan)]


class OutputsGiven(InputModel):
    """What a CAM program made for these cuts. Kept only with a run that may be cut."""

    gcode_text: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, description="The G-code. Over 204,800 bytes it becomes an attachment of the run."
    )
    opplan_json: Plan | None = None
    toolpaths_json: Plan | None = None

    def is_empty(self) -> bool:
        return self.gcode_text is None and self.opplan_json is None and self.toolpaths_json is None


class RunCreate(FeasibilityInput):
    """What a client sends to record a run. The verdict is the server's: none can be sent along."""

    engine_id: Id | None = None
    label: RunLabel | None = None
    event_type: Id | None = None
    workflow_session_id: Id | None = None
    parent_run_id: Id | None = None
    acknowledged_rule_ids: Annotated[tuple[Id, ...], Field(max_length=MAX_ACKNOWLEDGED)] = ()
    outputs: OutputsGiven | None = None
    notes: Note | None = None
    meta: Meta = Field(default_factory=dict)

    @property
    def has_outputs(self) -> bool:
        return self.outputs is not None and not self.outputs.is_empty()


class Decision(StoredModel):
    """The verdict as it was acted upon. `score` is 0..100; `block_reason` says why nothing may be cut."""

    risk_level: RiskLevel
    score: float | None
    block_reason: str | None
    warnings: tuple[str, ...] = ()
    acknowledged_rule_ids: tuple[str, ...] = ()
    details: JsonObject = Field(default_factory=dict)


class Hashes(StoredModel):
    """SHA-256 of the parts: JSON over its RFC 8785 form, G-code over its UTF-8 text."""

    feasibility_sha256: Sha256
    toolpaths_sha256: Sha256 | None = None
    gcode_sha256: Sha256 | None = None
    opplan_sha256: Sha256 | None = None


HASHED_OUTPUTS: Final = {
    "toolpaths_sha256": "toolpaths_json",
    "gcode_sha256": "gcode_text",
    "opplan_sha256": "opplan_json",
}
"""Each hash of an output, and the output it is of."""


def sha256_of_output(content: object) -> str:
    """Return the hash of one output: of the UTF-8 text itself, of anything else the canonical JSON."""
    return sha256_of_text(content) if isinstance(content, str) else sha256_of_json(content)


class Outputs(StoredModel):
    gcode_text: str | None = None
    opplan_json: JsonObject | list[JsonValue] | None = None
    toolpaths_json: JsonObject | list[JsonValue] | None = None
    preview_svg_sha256: Sha256 | None = None


class _AsJudged:
    """Shows in the schema what a verdict looks like today, beside whatever an old one looked like."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(Feasibility.__pydantic_core_schema__), handler(schema)]}


class RunContent(StoredModel):
    """All of an artifact but its own hash.

    `design`, `context` and `feasibility` are kept as the JSON they were when recorded, not as today's models, so
    that an old run still reads and verifies after those have grown.
    """

    schema_version: SchemaVersion = SCHEMA_VERSION
    run_id: str
    label: str | None = None
    origin: Origin = Origin.SERVER
    created_at: UtcTime
    created_by: str
    created_by_token_id: str | None = None
    request_id: str | None
    event_type: str | None = None
    status: RunStatus
    design: JsonObject | None = Field(description="A `Design` as it was sent, with its defaults and without nulls")
    context: JsonObject | None = Field(
        description="A `Context` without nulls; every id stands beside the row that it stood for, in `materials` too"
    )
    feasibility: Annotated[JsonObject, _AsJudged()] = Field(
        description="A `Feasibility`; of an earlier version, or imported, as it was then"
    )
    decision: Decision
    mode: str | None = None
    tool_id: str | None = None
    material_id: str | None = None
    machine_id: str | None = None
    workflow_session_id: str | None = None
    parent_run_id: str | None = None
    hashes: Hashes
    outputs: Outputs = Outputs()
    outputs_check: OutputsCheck = OutputsCheck.NONE
    attachments: tuple[Attachment, ...] = ()
    engine_id: str | None
    engine_version: str | None
    ruleset_version: str | None
    notes: str | None = None
    meta: JsonObject = Field(default_factory=dict)
    errors: tuple[str, ...] = ()
    imported: JsonObject | None = None


class RunArtifact(RunContent):
    """The immutable record of one attempt. `artifact_sha256` is over the canonical JSON of all other fields."""

    artifact_sha256: Sha256


def sealed(content: RunContent, written_feasibility: bytes) -> RunArtifact:
    """Return the artifact of `content`, hashed.

    `written_feasibility` is the canonical JSON of `content.feasibility`: most of an artifact, and hashed by itself
    already, it is not written a second time.
    """
    others = content.model_dump(mode="json", exclude={"feasibility"})
    members = {name: canonical_json(value) for name, value in others.items()} | {"feasibility": written_feasibility}
    written = b",".join(b'"%b":%b' % (name.encode(), members[name]) for name in sorted(members))
    return RunArtifact.model_construct(**dict(content), artifact_sha256=sha256_of_bytes(b"{%b}" % written))


class RunView(RunArtifact):
    """The artifact with what was appended later. `attachments` holds the artifact's own first, then later ones."""

    advisory_inputs: tuple[AdvisoryInput, ...] = ()
    advisory_count: int = 0
    explanation_status: ExplanationStatus = ExplanationStatus.NONE
    explanation_summary: str | None = None
    explanation_error: ExplanationError | None = None


def view_of(artifact: RunArtifact, appended: Appended) -> RunView:
    fields = dict(artifact) | {
        "attachments": artifact.attachments + appended.attachments,
        "advisory_inputs": appended.advisory_inputs,
        "advisory_count": len(appended.advisory_inputs),
        "explanation_status": appended.explanation_status,
        "explanation_summary": appended.explanation_summary,
        "explanation_error": appended.explanation_error,
    }
    return RunView.model_construct(**fields)


class RunSummary(StoredModel):
    """One line of a list: all that lists filter by, and no more than 2 KB."""

    run_id: str
    label: str | None = None
    created_at: UtcTime
    created_by: str
    request_id: str | None
    event_type: str | None = None
    status: RunStatus
    risk_level: RiskLevel
    score: float | None
    mode: str | None = None
    tool_id: str | None = None
    material_id: str | None = None
    machine_id: str | None = None
    workflow_session_id: str | None = None
    parent_run_id: str | None = None
    outputs_check: OutputsCheck = OutputsCheck.NONE
    artifact_sha256: str


def summary_of(artifact: RunArtifact) -> RunSummary:
    """Return the line of `artifact`. A long name of its author is cut, so that no line passes 2 KB."""
    shown = {name: getattr(artifact, name) for name in RunSummary.model_fields if name in RunArtifact.model_fields}
    shown["created_by"] = artifact.created_by[:_SHOWN_NAME_CHARS]
    return RunSummary(**shown, risk_level=artifact.decision.risk_level, score=artifact.decision.score)


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)


def _rfc3339(given: object) -> object:
    if isinstance(given, str) and _RFC3339.fullmatch(given) is None:
        raise ValueError("a time as RFC 3339, for example 2026-01-31T12:00:00Z (in an address + is written %2B)")
    return given


def _clamped(moment: datetime) -> datetime:
    """Return `moment`, or the nearest that every zone can express; no run lies outside."""
    return min(max(moment, _EARLIEST), _LATEST)


Bound = Annotated[UtcTime, BeforeValidator(_rfc3339), AfterValidator(_clamped)]


# No InputModel: FastAPI reads it from all parameters of the address, and `limit` and `cursor` are others' among them.
# The route refuses those that nobody takes.
class RunFilter(StoredModel):
    """What a list of runs is narrowed to; every value given must hold."""

    status: RunStatus | None = None
    mode: Id | None = Field(default=None, description="Of the first cut: ROUTER or SAW")
    tool_id: Id | None = Field(default=None, description="Of the first cut")
    event_type: Id | None = None
    risk_level: RiskLevel | None = None
    material_id: Id | None = Field(default=None, description="What the first cut is made in")
    machine_id: Id | None = None
    workflow_session_id: Id | None = None
    parent_run_id: Id | None = None
    request_id: Id | None = Field(default=None, description="`X-Request-Id` of the call that recorded the run")
    label: RunLabel | None = Field(default=None, description="The whole label")
    created_from: Bound | None = Field(default=None, description="At or after this time (RFC 3339)")
    created_to: Bound | None = Field(default=None, description="At or before this time (RFC 3339)")
