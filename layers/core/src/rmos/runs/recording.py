"""From an attempt to its run: evaluated here, decided, sealed and stored in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rmos.canonical import canonical_json, sha256_of_bytes
from rmos.clock import new_id, now
from rmos.design.stored_library import library_for
from rmos.errors import FieldProblem, Invalid
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Feasibility, RiskLevel
from rmos.feasibility.reasons import said_of, why_blocked
from rmos.feasibility.registry import EngineRegistry
from rmos.identity import Principal
from rmos.metrics import count
from rmos.runs import long_gcode, repository
from rmos.runs.acknowledgement import acknowledged, still_acknowledged
from rmos.runs.models import (
    HASHED_OUTPUTS,
    Decision,
    Hashes,
    JsonObject,
    Outputs,
    OutputsCheck,
    OutputsGiven,
    RunArtifact,
    RunContent,
    RunCreate,
    RunStatus,
    sealed,
    sha256_of_output,
)
from rmos.runs.outputs_check import OutputsFindings, check_outputs
from rmos.runs.stored_input import refused_today, stored_input
from rmos.storage.ports import Change, RecordStore

_STATUS: Final = {RiskLevel.GREEN: RunStatus.OK, RiskLevel.YELLOW: RunStatus.OK, RiskLevel.ERROR: RunStatus.ERROR}


class UnknownParent(Invalid):
    slug = "unknown-parent"
    title = "Unknown parent run"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who attempts what when; never taken from a request's body."""

    run_id: str
    created_at: datetime
    author: Principal
    request_id: str


def provenance_now(author: Principal, request_id: str) -> Provenance:
    """Return the provenance of a run that begins now, under a new id."""
    return Provenance(new_id("run"), now(), author, request_id)


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines that may judge, and the one that does when none is asked for."""

    registry: EngineRegistry
    default_id: str


def evaluated_run(records: RecordStore, engines: Engines, request: RunCreate, provenance: Provenance) -> RunArtifact:
    """Return the artifact of an attempt, judged here and now; nothing is stored yet.

    GREEN and YELLOW may be cut (OK), RED and UNKNOWN may not (BLOCKED), an engine that failed is an ERROR. G-code that
    does what was not evaluated makes it BLOCKED too, whatever the colour of the cuts. Outputs are kept only with OK,
    long G-code as an attachment, for `long_gcode.keep` to store before the run.

    Raises:
        EngineNotFound: `engine_id` names none.
        UnknownParent: `parent_run_id` names no run.
        UnknownRow: an id in the input stands for nothing.
        NotAcknowledgeable: `acknowledged_rule_ids` names what is not YELLOW.
    """
    _require_parent(records, request.parent_run_id)
    library = library_for(records, [request.design], [request.context])
    feasibility = evaluate_feasibility(request, engines.registry, request.engine_id or engines.default_id, library)
    return _sealed(request, feasibility, acknowledged(request.acknowledged_rule_ids, feasibility), provenance)


def replayed_run(engines: Engines, earlier: RunArtifact, provenance: Provenance) -> RunArtifact:
    """Return the artifact of the same attempt judged anew by the default engine, as a child; nothing is stored yet.

    Its ids stand for the rows of the earlier run, so that only the engine can make a difference. What was acknowledged
    stays so where it still is YELLOW. `earlier` is as `long_gcode.restored` gives it.

    Raises:
        EngineNotFound: the default names none.
        NotReplayable: the earlier run has no input that can be read, or one that is refused by now.
    """
    kept = stored_input(earlier)
    try:
        feasibility = evaluate_feasibility(kept.request, engines.registry, engines.default_id, kept.rows)
    except Invalid as refusal:
        first = refusal.problems[0]
        raise refused_today(earlier, first.pointer, first.detail) from refusal
    seen = still_acknowledged(earlier.decision.acknowledged_rule_ids, feasibility)
    return _sealed(kept.request, feasibility, seen, provenance)


def record_run(records: RecordStore, artifact: RunArtifact, also: Sequence[Change] = ()) -> None:
    """Store a run, its place in every list, and what else belongs to it, all or nothing and for good.

    Raises:
        Conflict: the id is taken, or a precondition of `also` did not hold.
    """
    records.commit([repository.create(artifact), *also])
    count("Runs", status=artifact.status.value)


def _sealed(
    request: RunCreate, feasibility: Feasibility, acknowledged_rule_ids: tuple[str, ...], provenance: Provenance
) -> RunArtifact:
    allowed = _STATUS.get(feasibility.risk_level, RunStatus.BLOCKED)
    found = check_outputs(request.outputs, feasibility) if allowed is RunStatus.OK else OutputsFindings()
    status = RunStatus.BLOCKED if found.differences else allowed
    outputs = _outputs(request.outputs) if status is RunStatus.OK else Outputs()
    result: JsonObject = feasibility.model_dump(mode="json")
    written = canonical_json(result)
    author, moment = provenance.author, provenance.created_at
    inside, attachments = long_gcode.set_apart(outputs, moment, author.name, provenance.request_id)
    first_cut = request.context.cuts[0]
    content = RunContent(
        run_id=provenance.run_id,
        label=request.label,
        created_at=moment,
        created_by=author.name,
        created_by_token_id=author.token_id,
        request_id=provenance.request_id,
        event_type=request.event_type,
        status=status,
        design=request.design.model_dump(mode="json", exclude_none=True),
        context=feasibility.resolved_context.model_dump(mode="json", exclude_none=True),
        feasibility=result,
        decision=_decision(feasibility, found, status, acknowledged_rule_ids),
        mode=first_cut.mode.value,
        tool_id=first_cut.tool_id,
        material_id=_material_id(request),
        machine_id=request.context.machine_id,
        workflow_session_id=request.workflow_session_id,
        parent_run_id=request.parent_run_id,
        hashes=_hashes(written, outputs),
        outputs=inside,
        attachments=attachments,
        outputs_check=OutputsCheck.NONE if outputs == Outputs() else found.check,
        engine_id=feasibility.engine_id,
        engine_version=feasibility.engine_version,
        ruleset_version=feasibility.ruleset_version,
        notes=request.notes,
        meta=request.meta,
        errors=feasibility.reasons if status is RunStatus.ERROR else (),
    )
    return sealed(content, written)


def _require_parent(records: RecordStore, parent_run_id: str | None) -> None:
    if parent_run_id is not None and not repository.exists(records, parent_run_id):
        raise UnknownParent(
            "the parent is not known here",
            problems=[FieldProblem("/parent_run_id", f"there is no run {parent_run_id!r}")],
        )


def _decision(
    feasibility: Feasibility, found: OutputsFindings, status: RunStatus, acknowledged_rule_ids: tuple[str, ...]
) -> Decision:
    careful = [
        said_of(cut, assessment, assessment.why)
        for cut in feasibility.cuts
        for assessment in cut.assessments
        if assessment.risk_level is RiskLevel.YELLOW
    ]
    binding = feasibility.binding
    return Decision(
        risk_level=feasibility.risk_level,
        score=feasibility.overall_score,
        block_reason=None if status is RunStatus.OK else found.block_reason or _block_reason(feasibility),
        warnings=tuple(dict.fromkeys((*careful, *found.warnings))),
        acknowledged_rule_ids=acknowledged_rule_ids,
        details={"binding": None if binding is None else binding.model_dump(mode="json"), **found.details},
    )


def _block_reason(feasibility: Feasibility) -> str:
    """Return what blocks, by the assessments; where none of them does, all that the engine says."""
    told = list(why_blocked(feasibility.cuts, feasibility.material_yield))
    return " ".join(told or feasibility.reasons)


def _outputs(given: OutputsGiven | None) -> Outputs:
    return Outputs() if given is None else Outputs(**dict(given))


def _hashes(written_feasibility: bytes, outputs: Outputs) -> Hashes:
    contents = {name: getattr(outputs, output) for name, output in HASHED_OUTPUTS.items()}
    digests = {name: sha256_of_output(content) for name, content in contents.items() if content is not None}
    return Hashes(feasibility_sha256=sha256_of_bytes(written_feasibility), **digests)


def _material_id(request: FeasibilityInput) -> str | None:
    """Return the id of what the first cut is made in: the top, or its ring."""
    ring_index = request.context.cuts[0].ring_index
    design = request.design
    return design.top_material_id if ring_index is None else design.rings[ring_index].material_id
