"""The use cases of uploads: announce a large file, take its bytes in, and add it to its run."""

from http import HTTPStatus
from typing import BinaryIO

from rmos.clock import new_id
from rmos.errors import Refused
from rmos.http.content import safe_filename
from rmos.http.idempotency import Answer, Claim
from rmos.runs import evidence_records
from rmos.runs import repository as runs
from rmos.runs.adding import Signature
from rmos.storage.backend import Backend
from rmos.storage.links import BlobLinks

from runs.attachments import service as attachments
from runs.uploads import repository
from runs.uploads.models import KEPT, Upload, UploadCreate, UploadSession, UploadTarget


class UploadIncomplete(Refused):
    slug = "upload-incomplete"
    title = "The bytes have not arrived"


def announce(stores: Backend, file: UploadCreate, signature: Signature, base_url: str, claim: Claim) -> Answer:
    """Begin a session for a file and answer where to send its bytes; nothing is attached yet.

    Raises:
        RunNotFound: no such run.
        EvidenceFull: a thousand things were added to the run.
    """
    runs.require_run(stores.records, signature.run_id)
    evidence_records.require_room(stores.records, signature.run_id)
    session = UploadSession(
        upload_id=new_id("upl"),
        run_id=signature.run_id,
        **(dict(file) | {"filename": safe_filename(file.filename)}),
        created_at=signature.created_at,
        created_by=signature.created_by,
        request_id=signature.request_id,
        expires_at=signature.created_at + KEPT,
    )
    upload = with_target(session, stores.links, base_url)
    answer = Answer(HTTPStatus.CREATED, upload.model_dump_json(), {"Location": _path(session)})
    stores.records.commit([repository.create(session), *claim(answer)])
    return answer


def with_target(session: UploadSession, links: BlobLinks, base_url: str) -> Upload:
    """Return a session with a fresh place for its bytes: a link, or the server at `base_url` where there are none."""
    link = links.to_put(session.blob)
    if link is None:
        url = f"{base_url.rstrip('/')}{_path(session)}/content"
        target = UploadTarget(url=url, headers={}, expires_at=session.expires_at, needs_token=True)
    else:
        target = UploadTarget(url=link.url, headers=dict(link.headers), expires_at=link.expires_at, needs_token=False)
    return Upload(**dict(session), target=target)


def take_in(stores: Backend, source: BinaryIO) -> None:
    """Keep the bytes of an announced file, which `source` itself checks; sent twice they change nothing."""
    stores.blobs.put(source)


def confirm(stores: Backend, upload_id: str, signature: Signature, claim: Claim) -> Answer:
    """Add an announced file to its run once its bytes are stored whole: 201, or 200 when that is done already.

    Raises:
        UploadNotFound: no such session, or it has expired.
        UploadIncomplete: the bytes are not there.
        BlobCorrupt: other bytes are stored under the announced digest.
        AttachmentDiffers: the run has these bytes with another kind, name or type.
    """
    session = repository.get(stores.records, signature.run_id, upload_id)
    if not stores.links.is_stored(session.blob):
        raise UploadIncomplete(f"the {session.size_bytes:,} bytes of {session.filename!r} have not arrived; send them")
    attachment = attachments.attachment_of(session.file, session.blob, signature)
    return attachments.add(stores.records, signature.run_id, attachment, claim)


def _path(session: UploadSession) -> str:
    return f"/api/runs/{session.run_id}/attachments/uploads/{session.upload_id}"
