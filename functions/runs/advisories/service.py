"""The use cases of advisories: attach one, and list them."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import accumulate
from typing import Final

from rmos.http.idempotency import Answer, Claim
from rmos.listing import decode_cursor, encode_cursor
from rmos.logging import logger
from rmos.runs import evidence_records, repository
from rmos.runs.adding import AdvisoryDiffers, Signature, add_once, keep_answer
from rmos.runs.evidence import Advisory
from rmos.storage.ports import RecordStore

from runs.advisories.models import AdvisoryAttach, AdvisoryPage

MAX_PAGE_BYTES: Final = 4_000_000


def attach_advisory(records: RecordStore, given: AdvisoryAttach, signature: Signature, claim: Claim) -> Answer:
    """Attach an advisory: 201, or 200 when it is attached already. Of several at once under one id one wins.

    Raises:
        RunNotFound: no such run.
        AdvisoryDiffers: the id is taken by other content.
        EvidenceFull: a thousand things were added to the run.
    """
    run_id = signature.run_id
    repository.require_run(records, run_id)
    advisory = Advisory(
        **dict(given),
        created_at=signature.created_at,
        created_by=signature.created_by,
        request_id=signature.request_id,
    )
    kept = evidence_records.get_advisory(records, run_id, advisory.advisory_id)
    if kept is not None:
        return _again(records, run_id, kept, advisory, claim)
    evidence_records.require_room(records, run_id)
    answer = _answer(HTTPStatus.CREATED, run_id, advisory)
    if add_once(records, evidence_records.put_advisory(run_id, advisory), claim(answer)):
        logger.info("advisory attached", extra={"run_id": run_id, "advisory_id": advisory.advisory_id})
        return answer
    kept = evidence_records.get_advisory(records, run_id, advisory.advisory_id)
    return _again(records, run_id, kept, advisory, claim)


def list_advisories(records: RecordStore, run_id: str, cursor: str | None, limit: int) -> AdvisoryPage:
    """Return a page of a run's advisories, in the order in which they were attached.

    Raises:
        RunNotFound: no such run.
        MalformedCursor: the cursor is not of this list.
    """
    filters = {"advisories_of": run_id}
    after = decode_cursor(cursor, filters)
    repository.require_run(records, run_id)
    page = evidence_records.list_advisories(records, run_id, after, limit)
    found = evidence_records.advisories_of(records, page.items)
    shown = _fitting(found)
    resume_after = page.resume_after if len(shown) == len(found) else evidence_records.place_of_advisory(shown[-1])
    return AdvisoryPage(items=shown, next_cursor=encode_cursor(resume_after, filters))


def _fitting(advisories: Sequence[Advisory]) -> tuple[Advisory, ...]:
    """Return as many of the first of `advisories` as one answer holds, and at least one: prompts may be long."""
    sizes = accumulate(len(advisory.model_dump_json().encode()) for advisory in advisories)
    count = sum(1 for size_bytes in sizes if size_bytes <= MAX_PAGE_BYTES)
    return tuple(advisories[: max(1, count)])


def _again(records: RecordStore, run_id: str, kept: Advisory | None, advisory: Advisory, claim: Claim) -> Answer:
    if kept is None:
        raise LookupError(f"advisory {advisory.advisory_id} was there and is gone, though none is ever removed")
    if not kept.says_the_same(advisory):
        raise AdvisoryDiffers(kept)
    answer = _answer(HTTPStatus.OK, run_id, kept)
    keep_answer(records, claim(answer))
    return answer


def _answer(status: HTTPStatus, run_id: str, advisory: Advisory) -> Answer:
    return Answer(status, advisory.link.model_dump_json(), {"Location": f"/api/runs/{run_id}/advisories"})
