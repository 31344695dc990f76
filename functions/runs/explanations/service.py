"""The use cases of explanations: keep a text that says something of a run, and let an engine write one."""

import io
from dataclasses import asdict, dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from rmos.canonical import canonical_json
from rmos.clock import new_id
from rmos.errors import Conflict, NotFound, Refused
from rmos.http.idempotency import Answer, Claim
from rmos.logging import logger
from rmos.runs import evidence_records, repository
from rmos.runs.adding import AdvisoryDiffers, Signature, add_once, keep_answer
from rmos.runs.evidence import (
    Advisory,
    AdvisoryKind,
    Attachment,
    Explanation,
    ExplanationStatus,
    summary_of_text,
)
from rmos.runs.models import RunArtifact
from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.storage.backoff import Backoff
from rmos.storage.ports import Blob, Emit, Put, RecordStore

from runs.explanations import rules
from runs.explanations.models import Asked, EngineId, Suggest, Suggested

QUEUE: Final = "explanations"
WAITED_FOR: Final = timedelta(hours=1)
"""How long a queued explanation is waited for before another may be asked for."""
MARKDOWN: Final = "text/markdown; charset=utf-8"
JSON: Final = "application/json"


class WriterNotFound(NotFound):
    slug = "engine-not-found"
    title = "No such engine"

    def __init__(self, engine_id: str) -> None:
        known = ", ".join(engine.value for engine in EngineId)
        super().__init__(f"no engine {engine_id!r} writes explanations; these do: {known}")


class EngineNotConfigured(Refused):
    slug = "engine-not-configured"
    title = "This engine is not configured"

    def __init__(self, missing: str) -> None:
        super().__init__(f"openai needs the setting {missing}; rules_v1 needs none")


class ExplanationPending(Refused):
    slug = "explanation-pending"
    title = "An explanation is being written"

    def __init__(self) -> None:
        super().__init__("openai is writing the explanation of this run; send yours once that is READY or ERROR")


@dataclass(frozen=True, slots=True)
class Text:
    """A text about a run, ready to be kept."""

    kind: AdvisoryKind
    content: str
    media_type: str
    engine_id: str | None
    engine_version: str | None = None
    prompt: str | None = None
    provider_request_id: str | None = None
    usage: dict[str, int] | None = None
    event_id: str | None = None
    """The queued work that this text is the outcome of."""

    @property
    def filename(self) -> str:
        return f"{self.kind.value.lower()}.{'md' if self.media_type == MARKDOWN else 'json'}"


def suggest(stores: Backend, settings: Settings, request: Suggest, signature: Signature, claim: Claim) -> Answer:
    """Keep the text that was sent, or the one that the engine writes: 201, or 200 when the run has it already.

    `openai` writes later: 202, and the run's `explanation_status` is PENDING until it is READY or ERROR.

    Raises:
        RunNotFound: no such run.
        WriterNotFound: no engine of this id writes.
        EngineNotConfigured: openai is asked for, and no setting says how to reach it.
        ExplanationPending: openai is writing one at the moment.
        AdvisoryDiffers: the text's digest is taken as an advisory's id, with other content.
        EvidenceFull: a thousand things were added to the run.
    """
    (artifact,) = repository.get_artifacts(stores.records, [signature.run_id])
    if request.is_given:
        return keep(stores, artifact, _given(request), signature, claim)
    match request.engine_id or EngineId.RULES.value:
        case EngineId.RULES.value:
            return keep(stores, artifact, _written(request, artifact), signature, claim)
        case EngineId.OPENAI.value:
            _require_configured(settings)
            return _enqueued(stores.records, request, signature, claim)
        case unknown:
            raise WriterNotFound(unknown)


def keep(stores: Backend, artifact: RunArtifact, text: Text, signature: Signature, claim: Claim) -> Answer:
    """Keep a text as an attachment, refer to it, and, if it is an explanation, make it the run's; as `suggest`."""
    blob = stores.blobs.put(io.BytesIO(text.content.encode()))
    backoff = Backoff()
    while True:
        changes, explanation = _changes(stores.records, artifact, text, blob, signature)
        status = HTTPStatus.CREATED if changes else HTTPStatus.OK
        answer = _answer(status, artifact.run_id, blob, text, explanation)
        also = claim(answer)
        try:
            if changes or also:
                stores.records.commit([*changes, *also])
        except Conflict as conflict:
            if not set(conflict.keys) <= {change.new.key for change in changes}:
                raise
            backoff.wait()  # somebody added the same text, or moved the explanation on: look again
            continue
        logger.info("text kept", extra={"run_id": artifact.run_id, "sha256": blob.sha256, "engine": text.engine_id})
        return answer


def _given(request: Suggest) -> Text:
    if request.advisory_markdown is not None:
        return Text(request.kind, request.advisory_markdown, MARKDOWN, request.engine_id, prompt=request.prompt)
    content = canonical_json(request.advisory_json).decode()
    return Text(request.kind, content, JSON, request.engine_id, prompt=request.prompt)


def _written(request: Suggest, artifact: RunArtifact) -> Text:
    content = rules.explain(artifact)
    return Text(request.kind, content, MARKDOWN, rules.ENGINE_ID, rules.ENGINE_VERSION, prompt=request.prompt)


def _require_configured(settings: Settings) -> None:
    if not settings.openai_text_model:
        raise EngineNotConfigured("RMOS_OPENAI_TEXT_MODEL")
    if not settings.openai_api_key.get_secret_value() and not settings.openai_api_key_secret:
        raise EngineNotConfigured("RMOS_OPENAI_API_KEY")


def _enqueued(records: RecordStore, request: Suggest, signature: Signature, claim: Claim) -> Answer:
    """Have openai write the explanation; while one is waited for, no second is asked for."""
    backoff = Backoff()
    while True:
        explanation, record = evidence_records.get_explanation(records, signature.run_id)
        if explanation.is_waited_for(signature.created_at):
            answer = _accepted(signature.run_id, explanation)
            keep_answer(records, claim(answer))
            return answer
        evidence_records.require_room(records, signature.run_id)
        event_id = new_id("exp")
        pending = Explanation(
            status=ExplanationStatus.PENDING, event_id=event_id, deadline_at=signature.created_at + WAITED_FOR
        )
        put = evidence_records.put_explanation(signature.run_id, pending, record)
        asked = Asked(event_id=event_id, prompt=request.prompt, **asdict(signature))
        answer = _accepted(signature.run_id, pending)
        if add_once(records, put, [Emit(QUEUE, event_id, asked.model_dump_json()), *claim(answer)]):
            logger.info("explanation asked for", extra={"run_id": signature.run_id, "event_id": event_id})
            return answer
        backoff.wait()


def _accepted(run_id: str, explanation: Explanation) -> Answer:
    suggested = Suggested(
        run_id=run_id,
        advisory_sha256=None,
        engine_id=EngineId.OPENAI.value,
        explanation_status=explanation.status,
        explanation_summary=explanation.summary,
    )
    return Answer(HTTPStatus.ACCEPTED, suggested.model_dump_json(), {"Location": f"/api/runs/{run_id}"})


def _changes(
    records: RecordStore, artifact: RunArtifact, text: Text, blob: Blob, signature: Signature
) -> tuple[list[Put], Explanation]:
    """Return what is missing of a text in its run, and the explanation as it will stand."""
    additions = _additions(records, artifact, text, blob, signature)
    explanation, record = evidence_records.get_explanation(records, artifact.run_id)
    if text.kind is not AdvisoryKind.EXPLANATION:
        return additions, explanation
    if explanation.is_waited_for(signature.created_at) and explanation.event_id != text.event_id:
        raise ExplanationPending
    ready = Explanation(status=ExplanationStatus.READY, summary=summary_of_text(text.content))
    if explanation == ready:
        return additions, ready
    return [*additions, evidence_records.put_explanation(artifact.run_id, ready, record)], ready


def _additions(records: RecordStore, artifact: RunArtifact, text: Text, blob: Blob, signature: Signature) -> list[Put]:
    """Return the attachment of a text and the advisory that refers to it, as far as the run has them not yet."""
    run_id = artifact.run_id
    additions: list[Put] = []
    is_own = any(attachment.sha256 == blob.sha256 for attachment in artifact.attachments)
    if not is_own and evidence_records.get_attachment(records, run_id, blob.sha256) is None:
        additions.append(evidence_records.put_attachment(run_id, _attachment(text, blob, signature)))
    advisory = _advisory(text, blob, signature)
    kept = evidence_records.get_advisory(records, run_id, blob.sha256)
    if kept is None:
        additions.append(evidence_records.put_advisory(run_id, advisory))
    # The text is the same by its digest, even if a later version of the engine wrote it.
    elif (kept.kind, kept.engine_id) != (advisory.kind, advisory.engine_id):
        raise AdvisoryDiffers(kept)
    if additions:
        evidence_records.require_room(records, run_id)
    return additions


def _attachment(text: Text, blob: Blob, signature: Signature) -> Attachment:
    return Attachment(
        sha256=blob.sha256,
        kind=text.kind.value,
        filename=text.filename,
        media_type=text.media_type,
        size_bytes=blob.size_bytes,
        created_at=signature.created_at,
        created_by=signature.created_by,
        request_id=signature.request_id,
    )


def _advisory(text: Text, blob: Blob, signature: Signature) -> Advisory:
    return Advisory(
        advisory_id=blob.sha256,
        kind=text.kind,
        created_at=signature.created_at,
        created_by=signature.created_by,
        request_id=signature.request_id,
        engine_id=text.engine_id,
        engine_version=text.engine_version,
        prompt=text.prompt,
        provider_request_id=text.provider_request_id,
        usage=text.usage,
    )


def _answer(status: HTTPStatus, run_id: str, blob: Blob, text: Text, explanation: Explanation) -> Answer:
    suggested = Suggested(
        run_id=run_id,
        advisory_sha256=blob.sha256,
        engine_id=text.engine_id,
        explanation_status=explanation.status,
        explanation_summary=explanation.summary,
        explanation_error=explanation.error,
    )
    location = f"/api/runs/{run_id}/attachments/{blob.sha256}"
    return Answer(status, suggested.model_dump_json(), {"Location": location})
