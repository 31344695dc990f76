"""Artifacts made by hand, for what is true of any run whatever an engine found."""

from datetime import UTC, datetime

from rmos.canonical import canonical_json, sha256_of_json
from rmos.clock import new_id
from rmos.feasibility.models import RiskLevel
from rmos.runs.models import (
    HASHED_OUTPUTS,
    Decision,
    Hashes,
    Outputs,
    RunArtifact,
    RunContent,
    RunStatus,
    sealed,
    sha256_of_output,
)

NOON = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


def assessment(category, risk_level="GREEN", **figures):
    return {"category": category, "rule_ids": [f"{category}.limit"], "risk_level": risk_level, "unit": "mm"} | figures


def feasibility(*assessments, risk_level="GREEN"):
    return {
        "risk_level": risk_level,
        "overall_score": 90.0,
        "cuts": [{"index": 0, "name": "channel", "risk_level": risk_level, "assessments": list(assessments)}],
    }


def an_artifact(risk_level=RiskLevel.GREEN, status=RunStatus.OK, **changes) -> RunArtifact:
    """Return a sealed artifact; `changes` replace its fields, hashes follow."""
    result = changes.pop("feasibility", feasibility(risk_level=risk_level.value))
    outputs = changes.get("outputs", Outputs())
    contents = {name: getattr(outputs, output) for name, output in HASHED_OUTPUTS.items()}
    digests = {name: sha256_of_output(content) for name, content in contents.items() if content is not None}
    fields = {
        "run_id": new_id("run"),
        "created_at": NOON,
        "created_by": "bench",
        "created_by_token_id": "0123456789abcdef",
        "request_id": new_id("req"),
        "status": status,
        "design": {"rings": [{"width_mm": 2}]},
        "context": {"cuts": [{"spindle_rpm": 18000}]},
        "feasibility": result,
        "decision": Decision(risk_level=risk_level, score=90.0, block_reason=None),
        "hashes": Hashes(feasibility_sha256=sha256_of_json(result), **digests),
        "engine_id": "baseline_v1",
        "engine_version": "1.0.0",
        "ruleset_version": "1",
    }
    content = RunContent(**fields | changes)
    return sealed(content, canonical_json(content.feasibility))
