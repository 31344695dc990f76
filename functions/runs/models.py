"""What the runs area answers besides the run itself: pages of summaries, and the difference of two runs."""

from enum import Enum

from pydantic import Field, JsonValue
from rmos.feasibility.models import RiskLevel
from rmos.models import StoredModel, UtcTime
from rmos.runs.models import RunStatus, RunSummary


class RunPage(StoredModel):
    """Runs, newest first. A page may be short and still have a `next_cursor`; null ends the list."""

    items: tuple[RunSummary, ...]
    next_cursor: str | None


class Severity(Enum):
    """How much two runs differ: from nothing at all to what may be cut."""

    NONE = "NONE"
    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


class ChangeOp(Enum):
    """What happened to a value on the way from run a to run b."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Change(StoredModel):
    """One value that differs.

    `path` is an RFC 6901 pointer into the run, but that an assessment is named by its category and a check by its rule,
    not by their places. Long texts are cut in `a` and `b`; `text_diff` shows them as a unified diff.
    """

    path: str = Field(examples=["/feasibility/cuts/0/assessments/deflection/risk_level"])
    op: ChangeOp
    a: JsonValue = Field(description="The value in run a; null where it is absent there (op ADDED).")
    b: JsonValue = Field(description="The value in run b; null where it is absent there (op REMOVED).")
    severity: Severity
    text_diff: str | None = None


class Standing(StoredModel):
    """Where one rule stood in one run, as that run's engine wrote it."""

    risk_level: JsonValue = None
    value: JsonValue = None
    unit: JsonValue = None
    limit_green: JsonValue = None
    limit_yellow: JsonValue = None
    margin_pct: JsonValue = None


class RuleMoved(StoredModel):
    """A rule whose verdict on a cut differs, or whose limits do because another engine or ruleset judged."""

    cut: int | None = Field(description="Index of the cut; null for the material yield, which is of the whole rosette.")
    cut_name: str | None
    category: str
    rule_ids: tuple[str, ...]
    a: Standing | None
    b: Standing | None


class RunSide(StoredModel):
    """One of the two runs, as far as a reader needs it beside the changes."""

    run_id: str
    label: str | None
    created_at: UtcTime
    status: RunStatus
    risk_level: RiskLevel
    score: float | None
    engine_id: str | None
    engine_version: str | None
    ruleset_version: str | None


class RunDiff(StoredModel):
    """How run b differs from run a, the gravest first."""

    a: RunSide
    b: RunSide
    severity: Severity
    headline: str = Field(
        examples=["status OK → BLOCKED; risk GREEN → RED; deflection GREEN → RED in cut 1 (channel), 2.01 → 65.8 µm"]
    )
    changes: tuple[Change, ...]
    rules_moved: tuple[RuleMoved, ...]
    truncated: bool = Field(description="True when a change or a part of a text is left out for its size.")
