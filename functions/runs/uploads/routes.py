"""Uploads over HTTP: files too large for one request of the API."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response
from rmos.http.access import Operator
from rmos.http.body_stream import announced_body
from rmos.http.dependencies import RequestId, Stores
from rmos.http.idempotency import Once
from rmos.http.problems import Responses, problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.runs.adding import signature_now
from rmos.runs.evidence import Attachment

from runs.attachments.models import OCTETS
from runs.uploads import repository, service
from runs.uploads.models import Upload, UploadCreate

router = Router(prefix="/api/runs/{run_id}/attachments/uploads", tag="attachments")

RunId = Annotated[Id, Path(description="The id of a run")]
UploadId = Annotated[Id, Path(description="The id of an upload, from its announcement")]

_AGAIN: Responses = {200: {"description": "The run has this file already", "model": Attachment}}
_BYTES = {
    "requestBody": {
        "required": True,
        "description": "Exactly the announced bytes",
        "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "",
    operation_id="announce_upload",
    status_code=HTTPStatus.CREATED,
    response_model=Upload,
    responses=problem_responses(404, 409),
)
def announce_upload(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    run_id: RunId,
    file: UploadCreate,
    author: Operator,
    stores: Stores,
    request_id: RequestId,
    request: Request,
    once: Once,
) -> Response:
    """Announce a file of up to 1 GiB by size and digest, and hear where to PUT its bytes."""
    signature = signature_now(run_id, author, request_id)
    base_url = str(request.base_url)
    return once.answer(stores.records, lambda claim: service.announce(stores, file, signature, base_url, claim))


@router.get("/{upload_id}", operation_id="get_upload", response_model=Upload, responses=problem_responses(404))
def get_upload(run_id: RunId, upload_id: UploadId, _author: Operator, stores: Stores, request: Request) -> Response:
    """Return an announced file with a fresh place to send its bytes to."""
    session = repository.get(stores.records, run_id, upload_id)
    upload = service.with_target(session, stores.links, str(request.base_url))
    return Response(upload.model_dump_json(), media_type="application/json")


@router.put(
    "/{upload_id}/content",
    operation_id="put_upload_content",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses=problem_responses(404, 413),
    openapi_extra=_BYTES,
)
def put_upload_content(
    run_id: RunId, upload_id: UploadId, _author: Operator, stores: Stores, request: Request
) -> Response:
    """Send the bytes of an announced file to this server; other bytes than announced are refused and not kept."""
    session = repository.get(stores.records, run_id, upload_id)
    service.take_in(stores, announced_body(request, session.blob))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/{upload_id}/confirm",
    operation_id="confirm_upload",
    status_code=HTTPStatus.CREATED,
    response_model=Attachment,
    responses=_AGAIN | problem_responses(404, 409),
)
def confirm_upload(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    run_id: RunId, upload_id: UploadId, author: Operator, stores: Stores, request_id: RequestId, once: Once
) -> Response:
    """Attach an announced file whose bytes have arrived; they are compared with their digest first."""
    signature = signature_now(run_id, author, request_id)
    return once.answer(stores.records, lambda claim: service.confirm(stores, upload_id, signature, claim))
