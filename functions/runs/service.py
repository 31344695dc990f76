"""The use cases of runs: record one, list and compare them, and show one with its entity tag."""

import json
from http import HTTPStatus

from rmos.canonical import sha256_of_text
from rmos.errors import Refused
from rmos.http.conditional import etag_of
from rmos.http.idempotency import Answer, Claim
from rmos.http.problems import MEDIA_TYPE, problem_document, status_of
from rmos.listing import decode_cursor, encode_cursor
from rmos.logging import logger
from rmos.runs import long_gcode, repository
from rmos.runs.evidence import Appended
from rmos.runs.models import JsonObject, RunArtifact, RunCreate, RunFilter, RunStatus, RunView, view_of
from rmos.runs.outputs_check import GCODE_DIFFERS
from rmos.runs.recording import Engines, Provenance, evaluated_run, record_run
from rmos.storage.backend import Backend
from rmos.storage.ports import RecordStore

from runs.models import RunDiff, RunPage
from runs.rules.diff import diff_runs


class RunBlocked(Refused):
    slug = "run-blocked"
    title = "This may not be cut"


class GcodeDiffers(Refused):
    slug = "gcode-differs"
    title = "The G-code does what was not evaluated"


def create_run(stores: Backend, engines: Engines, request: RunCreate, provenance: Provenance, claim: Claim) -> Answer:
    """Record an attempt whatever comes of it, and answer with its run.

    Outputs sent for what may not be cut are answered by the problem `run-blocked`, G-code that leaves what was
    evaluated by `gcode-differs`: the run is kept as BLOCKED, the outputs are not.
    """
    artifact = evaluated_run(stores.records, engines, request, provenance)
    is_refused = artifact.status is not RunStatus.OK and request.has_outputs
    answer = _refused(artifact) if is_refused else _created(artifact)
    long_gcode.keep(stores.blobs, artifact, None if request.outputs is None else request.outputs.gcode_text)
    record_run(stores.records, artifact, claim(answer))
    logger.info(
        "run recorded",
        extra={
            "run_id": artifact.run_id,
            "run_status": artifact.status.value,
            "risk_level": artifact.decision.risk_level.value,
            "engine": f"{artifact.engine_id} {artifact.engine_version}",
        },
    )
    return answer


def list_runs(records: RecordStore, chosen: RunFilter, cursor: str | None, limit: int) -> RunPage:
    """Return a page of summaries, newest first.

    Raises:
        MalformedCursor: the cursor is not of a list with these filters.
    """
    filters = repository.cursor_filters(chosen)
    page = repository.list_summaries(records, chosen, decode_cursor(cursor, filters), limit)
    return RunPage(
        items=tuple(repository.summary_from(line.head) for line in page.items),
        next_cursor=encode_cursor(page.resume_after, filters),
    )


def diff_of(stores: Backend, a: str, b: str) -> RunDiff:
    """Return how run `b` differs from run `a`, long G-code line by line too.

    Raises:
        RunNotFound: one of them does not exist.
        BlobCorrupt: their G-code differs, and that of one was attached and is damaged.
    """
    run_a, run_b = repository.get_artifacts(stores.records, [a, b])
    if run_a.hashes.gcode_sha256 == run_b.hashes.gcode_sha256:
        return diff_runs(run_a, run_b)
    return diff_runs(long_gcode.restored(stores.blobs, run_a), long_gcode.restored(stores.blobs, run_b))


def representation(view: RunView) -> tuple[str, str]:
    """Return the JSON of a run and its entity tag."""
    body = view.model_dump_json()
    return body, etag_of(sha256_of_text(body))


def _created(artifact: RunArtifact) -> Answer:
    body, etag = representation(view_of(artifact, Appended()))
    return Answer(HTTPStatus.CREATED, body, {"Location": _path(artifact), "ETag": etag})


def _refused(artifact: RunArtifact) -> Answer:
    refusal = _refusal(artifact)
    body = json.dumps(problem_document(refusal), ensure_ascii=False)
    return Answer(status_of(refusal), body, {"Location": _path(artifact)}, MEDIA_TYPE)


def _refusal(artifact: RunArtifact) -> Refused:
    decision = artifact.decision
    detail = f"{(decision.block_reason or '').rstrip('.')}. The run is kept, the outputs are not"
    told: JsonObject = {"run_id": artifact.run_id, "decision": decision.model_dump(mode="json")}
    lines = decision.details.get(GCODE_DIFFERS)
    if lines is not None:
        return GcodeDiffers(detail, extensions=told | {"lines": lines})
    return RunBlocked(detail, extensions=told)


def _path(artifact: RunArtifact) -> str:
    return f"/api/runs/{artifact.run_id}"
