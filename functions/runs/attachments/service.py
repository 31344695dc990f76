"""The use cases of attachments: add one, list them, and hand one out."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import BinaryIO

from rmos.errors import BlobCorrupt, NotFound, Refused
from rmos.http.content import Disposition, content_disposition, safe_filename
from rmos.http.idempotency import Answer, Claim
from rmos.listing import MalformedCursor, decode_cursor, encode_cursor
from rmos.logging import logger
from rmos.runs import evidence_records, repository
from rmos.runs.adding import Signature, add_once, keep_answer
from rmos.runs.evidence import Attachment
from rmos.storage.backend import Backend
from rmos.storage.links import BlobLinks, Link, Shown
from rmos.storage.ports import Blob, BlobStore, RecordStore

from runs.attachments.models import MAX_INLINE_BYTES, AttachmentPage, FileGiven


class AttachmentNotFound(NotFound):
    slug = "attachment-not-found"
    title = "No such attachment"

    def __init__(self, run_id: str, sha256: str) -> None:
        super().__init__(f"run {run_id!r} has no attachment {sha256}")


class AttachmentDiffers(Refused):
    slug = "attachment-differs"
    title = "The run has these bytes as another file"

    def __init__(self, kept: Attachment) -> None:
        super().__init__(
            f"the run has these very bytes as {kept.filename!r} ({kept.kind}, {kept.media_type}); what is attached "
            "keeps its name",
            extensions={"attachment": kept.model_dump(mode="json")},
        )


def attach(stores: Backend, file: FileGiven, source: BinaryIO, signature: Signature, claim: Claim) -> Answer:
    """Keep the bytes of `source` and add them to a run: 201, or 200 when the run has this file already.

    Raises:
        RunNotFound: no such run; nothing is kept.
        AttachmentDiffers: the run has these bytes with another kind, name or type.
        EvidenceFull: a thousand things were added to the run.
    """
    repository.require_run(stores.records, signature.run_id)
    return add(stores.records, signature.run_id, attachment_of(file, stores.blobs.put(source), signature), claim)


def add(records: RecordStore, run_id: str, attachment: Attachment, claim: Claim) -> Answer:
    """Add an attachment whose bytes are stored; as `attach`."""
    kept = _found(records, run_id, attachment.sha256)
    if kept is not None:
        return _again(records, run_id, kept, attachment, claim)
    evidence_records.require_room(records, run_id)
    answer = _answer(HTTPStatus.CREATED, run_id, attachment)
    if add_once(records, evidence_records.put_attachment(run_id, attachment), claim(answer)):
        logger.info(
            "attachment added",
            extra={"run_id": run_id, "sha256": attachment.sha256, "size_bytes": attachment.size_bytes},
        )
        return answer
    return _again(records, run_id, get(records, run_id, attachment.sha256), attachment, claim)


def attachment_of(file: FileGiven, blob: Blob, signature: Signature) -> Attachment:
    return Attachment(
        sha256=blob.sha256,
        kind=file.kind,
        filename=safe_filename(file.filename),
        media_type=file.media_type,
        size_bytes=blob.size_bytes,
        created_at=signature.created_at,
        created_by=signature.created_by,
        request_id=signature.request_id,
    )


def list_attachments(records: RecordStore, run_id: str, cursor: str | None, limit: int) -> AttachmentPage:
    """Return a page of a run's attachments, in the order in which they were added.

    Raises:
        RunNotFound: no such run.
        MalformedCursor: the cursor is not of this list.
    """
    filters = {"attachments_of": run_id}
    after = decode_cursor(cursor, filters)
    attachments = repository.get_view(records, run_id).attachments
    start = 0 if after is None else _place_of(after, attachments) + 1
    page = attachments[start : start + limit]
    has_more = len(attachments) > start + limit
    return AttachmentPage(items=page, next_cursor=encode_cursor(page[-1].sha256 if has_more else None, filters))


def get(records: RecordStore, run_id: str, sha256: str) -> Attachment:
    """Return what a run says of one of its attachments.

    Raises:
        RunNotFound: no such run.
        AttachmentNotFound: the run has none of this digest, even if others do.
    """
    found = _found(records, run_id, sha256)
    if found is None:
        raise AttachmentNotFound(run_id, sha256)
    return found


def open_bytes(blobs: BlobStore, attachment: Attachment) -> BinaryIO:
    """Return the bytes of an attachment, verified whole.

    Raises:
        BlobCorrupt: they are damaged, or gone though the run names them.
    """
    try:
        return blobs.open(attachment.sha256)
    except NotFound as error:
        raise BlobCorrupt(attachment.sha256) from error


def link_to(links: BlobLinks, attachment: Attachment) -> Link | None:
    """Return where the bytes of a large attachment are fetched past the server, or None where the server sends them.

    Raises:
        BlobCorrupt: the stored checksum is another, or the bytes are gone though the run names them.
    """
    if attachment.size_bytes <= MAX_INLINE_BYTES:
        return None
    disposition = content_disposition(Disposition.ATTACHMENT, attachment.filename)
    try:
        return links.to_get(Blob(attachment.sha256, attachment.size_bytes), Shown(attachment.media_type, disposition))
    except NotFound as error:
        raise BlobCorrupt(attachment.sha256) from error


def _found(records: RecordStore, run_id: str, sha256: str) -> Attachment | None:
    (artifact,) = repository.get_artifacts(records, [run_id])
    own = (attachment for attachment in artifact.attachments if attachment.sha256 == sha256)
    return next(own, None) or evidence_records.get_attachment(records, run_id, sha256)


def _place_of(sha256: str, attachments: Sequence[Attachment]) -> int:
    for place, attachment in enumerate(attachments):
        if attachment.sha256 == sha256:
            return place
    raise MalformedCursor("the cursor is not of this list; start again without it")


def _again(records: RecordStore, run_id: str, kept: Attachment, attachment: Attachment, claim: Claim) -> Answer:
    """Answer a second adding of the same bytes: the same file is fine, another is not."""
    if (kept.kind, kept.filename, kept.media_type) != (attachment.kind, attachment.filename, attachment.media_type):
        raise AttachmentDiffers(kept)
    answer = _answer(HTTPStatus.OK, run_id, kept)
    keep_answer(records, claim(answer))
    return answer


def _answer(status: HTTPStatus, run_id: str, attachment: Attachment) -> Answer:
    location = f"/api/runs/{run_id}/attachments/{attachment.sha256}"
    return Answer(status, attachment.model_dump_json(), {"Location": location})
