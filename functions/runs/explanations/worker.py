"""The worker of queued explanations: one call of the provider for each, whatever is delivered how often."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from rmos.clock import now
from rmos.errors import Busy, Conflict, Corrupt, Refused, SecretUnreadable
from rmos.incidents import report_damage
from rmos.logging import logger
from rmos.request_context import current_request_id
from rmos.runs import evidence_records, repository
from rmos.runs.adding import Signature
from rmos.runs.evidence import AdvisoryKind, Explanation, ExplanationError, ExplanationStatus
from rmos.runs.models import RunArtifact
from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.storage.ports import Record

from runs.explanations import rules, service
from runs.explanations.models import Asked, EngineId
from runs.explanations.provider import ProviderFailed, write_explanation

_GRACE: Final = timedelta(seconds=60)
"""Past the provider's time-out: what keeping the text may take."""


class StillAtWork(Busy):
    """Another delivery of this event is being worked on; the queue has to bring it again later."""


class CannotAsk(Exception):
    """The provider cannot be asked; `error` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.error = ExplanationError(code=code, detail=detail)


def work_off(stores: Backend, settings: Settings, api_key: Callable[[], str], body: str) -> None:
    """Write the explanation that an event asks for, and leave READY or ERROR in its run.

    The call is claimed before it is made. A delivery that finds a claim which ran out does not call again: nobody
    knows whether the first call was counted, so it leaves ERROR `outcome-unknown`. One that finds its work done, or
    no longer waited for, does nothing.

    Raises:
        StillAtWork: the claim of another delivery still stands.
        Corrupt: what is known of the explanation itself is damaged; the incident is reported.
    """
    asked = Asked.model_validate_json(body)
    token = current_request_id.set(asked.request_id)
    try:
        _work_off(stores, settings, api_key, asked)
    except Corrupt as error:
        report_damage(error)
        raise
    finally:
        current_request_id.reset(token)


def _work_off(stores: Backend, settings: Settings, api_key: Callable[[], str], asked: Asked) -> None:
    explanation, record = evidence_records.get_explanation(stores.records, asked.run_id)
    if record is None or explanation.event_id != asked.event_id or explanation.status is not ExplanationStatus.PENDING:
        logger.info("explanation no longer waited for", extra={"run_id": asked.run_id, "event_id": asked.event_id})
        return
    if explanation.claimed_until is not None:
        _leave_unknown(stores, asked, explanation.claimed_until, record)
        return
    try:
        artifact, key = _prepared(stores, api_key, asked.run_id)
    except CannotAsk as obstacle:
        _fail(stores, asked, record, obstacle.error)
        return
    claimed = _claimed(stores, settings, asked, explanation, record)
    try:
        _write(stores, settings, key, asked, artifact)
    except ProviderFailed as failure:
        error = ExplanationError(
            code=failure.code, detail=failure.detail, provider_request_id=failure.provider_request_id
        )
        _fail(stores, asked, claimed, error)
    except Refused as refusal:
        _fail(stores, asked, claimed, ExplanationError(code="not-kept", detail=refusal.detail))


def _leave_unknown(stores: Backend, asked: Asked, claimed_until: datetime, record: Record) -> None:
    """Leave ERROR where the claim of another delivery ran out.

    Raises:
        StillAtWork: it still stands.
    """
    if now() < claimed_until:
        raise StillAtWork("another delivery of this event is being worked on")
    unknown = ExplanationError(code="outcome-unknown", detail="the worker ended while the provider was at work")
    _fail(stores, asked, record, unknown)


def _prepared(stores: Backend, api_key: Callable[[], str], run_id: str) -> tuple[RunArtifact, str]:
    """Return the run to explain and the key to ask with.

    Raises:
        CannotAsk: the run is damaged, or there is no key.
    """
    try:
        (artifact,) = repository.get_artifacts(stores.records, [run_id])
        key = api_key()
    except Corrupt as damage:
        report_damage(damage)
        raise CannotAsk("run-damaged", "the stored run is not as recorded; nobody was asked") from damage
    except SecretUnreadable as reason:
        detail = f"the secret of RMOS_OPENAI_API_KEY_SECRET cannot be read: {reason.detail}"
        raise CannotAsk("not-configured", detail) from reason
    if not key:
        raise CannotAsk("not-configured", "RMOS_OPENAI_API_KEY is not set")
    return artifact, key


def _claimed(stores: Backend, settings: Settings, asked: Asked, explanation: Explanation, record: Record) -> Record:
    """Claim the call for this delivery and return the record of the claim.

    Raises:
        StillAtWork: another delivery claimed it at the same moment.
    """
    until = now() + timedelta(seconds=settings.openai_timeout_s) + _GRACE
    claimed = explanation.model_copy(update={"claimed_until": until, "deadline_at": until})
    put = evidence_records.put_explanation(asked.run_id, claimed, record)
    try:
        stores.records.commit([put])
    except Conflict as conflict:
        raise StillAtWork("another delivery of this event has just claimed it") from conflict
    return put.new


def _write(stores: Backend, settings: Settings, key: str, asked: Asked, artifact: RunArtifact) -> None:
    """Have the provider write, and keep its text as whoever asked for it.

    Raises:
        ProviderFailed: no text came of it.
        Refused: the run does not take the text.
    """
    written = write_explanation(settings, key, rules.explain(artifact))
    text = service.Text(
        kind=AdvisoryKind.EXPLANATION,
        content=written.text + "\n",
        media_type=service.MARKDOWN,
        engine_id=EngineId.OPENAI.value,
        engine_version=written.model,
        prompt=asked.prompt,
        provider_request_id=written.provider_request_id,
        usage=written.usage,
        event_id=asked.event_id,
    )
    signature = Signature(asked.run_id, now(), asked.created_by, asked.request_id)
    service.keep(stores, artifact, text, signature, lambda _answer: ())


def _fail(stores: Backend, asked: Asked, record: Record, error: ExplanationError) -> None:
    failed = Explanation(status=ExplanationStatus.ERROR, error=error, event_id=asked.event_id)
    stores.records.commit([evidence_records.put_explanation(asked.run_id, failed, record)])
    logger.error("explanation failed", extra={"run_id": asked.run_id, "code": error.code, "detail": error.detail})
