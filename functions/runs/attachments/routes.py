"""Attachments over HTTP: files that belong to a run and are shown to be unchanged."""

import io
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from rmos.errors import TooLarge
from rmos.http.access import Operator, Viewer
from rmos.http.conditional import IF_NONE_MATCH, etag_of
from rmos.http.content import Content, content_response, is_known
from rmos.http.dependencies import RequestId, Stores
from rmos.http.idempotency import Once
from rmos.http.json_input import read_body
from rmos.http.paging import Paging
from rmos.http.problems import Responses, problem_responses
from rmos.http.produced import ELSEWHERE, elsewhere
from rmos.http.raw_body import require_content_digest
from rmos.http.routing import Router
from rmos.models import Id, Sha256
from rmos.runs.adding import signature_now
from rmos.runs.evidence import Attachment
from rmos.runs.verification import Verification, verify_attachments

from runs.attachments import service
from runs.attachments.models import (
    MAX_INLINE_BYTES,
    OCTETS,
    AttachmentKind,
    AttachmentPage,
    FileGiven,
    Filename,
)

router = Router(prefix="/api/runs/{run_id}/attachments", tag="attachments")

RunId = Annotated[Id, Path(description="The id of a run")]
Digest = Annotated[Sha256, Path(description="The SHA-256 of the bytes, in hex")]

_ANY_BYTES = {
    "requestBody": {
        "required": True,
        "description": "The bytes, at most 4,194,304 of them; their type stands in Content-Type.",
        "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
    }
}
_AGAIN: Responses = {200: {"description": "The run has this file already", "model": Attachment}}
_BYTES = {OCTETS: {"schema": {"type": "string", "format": "binary"}}, "*/*": {"schema": {}}}
_CONTENT: Responses = {
    200: {
        "description": "The bytes, verified; of the type they were attached with",
        "content": _BYTES,
    },
    206: {"description": "The part that `Range` asks for", "content": _BYTES},
    304: {"description": "Unchanged"},
    307: {"description": f"On AWS, where it has over 4,194,304 bytes: {ELSEWHERE}"},
}
_RANGED = {
    "parameters": [
        {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
        for name, description in (
            ("Range", "`bytes=first-last`, `bytes=first-` or `bytes=-length`; all is sent for several at once"),
            ("If-Range", "The `ETag` that `Range` is meant of; all is sent where it is another"),
            ("If-None-Match", IF_NONE_MATCH),
        )
    ]
}


async def _inline_body(request: Request) -> bytes:
    """Return the body of a small file; a larger one is told where it belongs."""
    try:
        body = await read_body(request, MAX_INLINE_BYTES)
    except TooLarge as error:
        uploads = f"{request.url.path}/uploads"
        raise TooLarge(
            f"a body of at most {MAX_INLINE_BYTES:,} bytes is taken here; announce a larger file by POST {uploads} "
            "and send it where the answer says",
            extensions={"max_bytes": MAX_INLINE_BYTES, "uploads": uploads},
        ) from error
    # `Once` asks the request for its body; Starlette keeps it under this name.
    request._body = body  # noqa: SLF001
    return body


async def _file(
    kind: Annotated[AttachmentKind, Query()],
    filename: Annotated[Filename, Query()],
    content_type: Annotated[str, Header(include_in_schema=False)] = OCTETS,
) -> FileGiven:
    try:
        return FileGiven(kind=kind, filename=filename, media_type=content_type)
    except ValidationError as error:
        found = [{**each, "loc": ("header", "content-type")} for each in error.errors()]
        raise RequestValidationError(found) from error


@router.post(
    "",
    operation_id="attach_file",
    status_code=HTTPStatus.CREATED,
    response_model=Attachment,
    responses=_AGAIN | problem_responses(404, 409, 413, 415),
    openapi_extra=_ANY_BYTES,
)
def attach_file(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    run_id: RunId,
    body: Annotated[bytes, Depends(_inline_body)],
    file: Annotated[FileGiven, Depends(_file)],
    author: Operator,
    stores: Stores,
    request_id: RequestId,
    once: Once,
    content_digest: Annotated[
        str | None, Header(max_length=1_024, description="RFC 9530; a body that differs is refused")
    ] = None,
) -> Response:
    """Attach a file to a run; it stays as it is for good."""
    require_content_digest(content_digest, body)
    signature = signature_now(run_id, author, request_id)
    return once.answer(stores.records, lambda claim: service.attach(stores, file, io.BytesIO(body), signature, claim))


@router.get("", operation_id="list_attachments", response_model=AttachmentPage, responses=problem_responses(404))
async def list_attachments(run_id: RunId, _caller: Viewer, stores: Stores, page: Paging) -> Response:
    """List a run's attachments in the order in which they were added."""
    found = service.list_attachments(stores.records, run_id, page.cursor, page.limit)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/verify", operation_id="verify_attachments", response_model=Verification, responses=problem_responses(404))
def verify_all(run_id: RunId, _caller: Viewer, stores: Stores) -> Response:
    """Recompute the digest of every attachment from the bytes that are stored now."""
    found = verify_attachments(stores.records, stores.blobs, run_id, stores.blob_links)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/{sha256:sha256}",
    operation_id="get_attachment",
    response_class=Response,
    responses=_CONTENT | problem_responses(404, 416),
    openapi_extra=_RANGED,
)
def get_attachment(
    run_id: RunId,
    sha256: Digest,
    request: Request,
    _caller: Viewer,
    stores: Stores,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Return the bytes of an attachment, verified whole before the first is sent; `Range` and HEAD are answered.

    On AWS a file over 4,194,304 bytes is answered by a redirect to a URL that works for five minutes, or, with
    `Accept: application/json`, by that URL.
    """
    attachment = service.get(stores.records, run_id, sha256)
    content = Content(sha256, attachment.size_bytes, attachment.media_type, attachment.filename)
    link = service.link_to(stores.links, attachment)
    if link is None:
        return content_response(request, content, service.open_bytes(stores.blobs, attachment))
    if request.method == "HEAD" or is_known(request, etag_of(sha256)):
        return content_response(request, content, io.BytesIO())
    return elsewhere(link, sha256, attachment.media_type, accept)
