"""Answers of any length, produced piece by piece: streamed where a server streams, by a link where a function answers.

A Lambda function answers at once and with at most 6 MB. What it makes beyond that it leaves in the bucket for a while,
and sends the client there.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from rmos.clock import rfc3339_utc
from rmos.errors import TooLarge
from rmos.http.content import Disposition, content_disposition, repr_digest
from rmos.http.negotiation import is_asked_for
from rmos.storage.backend import Backend
from rmos.storage.links import Link, Shown

MAX_INLINE_BYTES: Final = 4_194_304
MAX_PRODUCED_BYTES: Final = 400_000_000
"""What the disk of a function holds twice (template.yaml): all that is made, and beside it a blob that goes into it."""
MAX_PRODUCED_S: Final = 18.0
"""A function ends after 28 s; keeping what it made takes the rest."""

ELSEWHERE: Final = (
    "`Location` works for five minutes. Who asks for `Accept: application/json` gets 200 and an object of `url`, "
    "`sha256` and `expires_at` instead"
)
"""What the document says of it."""


@dataclass(frozen=True, slots=True)
class Produced:
    """What is produced; `remedy` tells a client how to ask for less of it.

    It has `least_bytes` and more, as far as that is known before it is made, and `etag` where that is.
    """

    media_type: str
    filename: str
    remedy: str
    least_bytes: int = 0
    etag: str | None = None


def produced_response(request: Request, pieces: Iterator[bytes], produced: Produced, stores: Backend) -> Response:
    """Answer with all of `pieces`: 200, or a link (307; JSON for who accepts that) where they pass a function's answer.

    The first piece is made before anything is sent, so that what is wrong from the start is a proper error. A fault
    later ends the connection early, which no client can take for the end. No more is made for HEAD, which hears 200
    without a length: what only making all of it would tell is left out (RFC 9110 section 9.3.2).

    Raises:
        TooLarge: a function cannot make it in its time or on its disk.
    """
    headers = _headers(produced)
    if stores.handover is not None and produced.least_bytes > MAX_PRODUCED_BYTES:
        raise _too_large(produced)
    first = next(pieces, b"")
    if request.method == "HEAD":
        return StreamingResponse(iter(()), headers=headers, media_type=produced.media_type)
    all_pieces = chain([first], pieces)
    if stores.handover is None:
        return StreamingResponse(all_pieces, headers=headers, media_type=produced.media_type)
    with TemporaryFile() as file:
        size_bytes = _spool(all_pieces, file, produced)
        file.seek(0)
        if size_bytes <= MAX_INLINE_BYTES:
            return Response(file.read(), headers=headers, media_type=produced.media_type)
        blob, link = stores.handover.leave(file, Shown(produced.media_type, headers["Content-Disposition"]))
    return elsewhere(link, blob.sha256, produced.media_type, request.headers.get("accept", ""))


def elsewhere(link: Link, sha256: str, media_type: str, accept: str) -> Response:
    """Send the client to bytes of `media_type`, too large for one answer of a function: 307, or JSON with the link."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept", "Repr-Digest": repr_digest(sha256)}
    if is_asked_for(accept, "application/json", instead_of=media_type):
        body = {"url": link.url, "sha256": sha256, "expires_at": rfc3339_utc(link.expires_at)}
        return JSONResponse(body, headers=headers)
    return Response(status_code=307, headers=headers | {"Location": link.url})


def _headers(produced: Produced) -> dict[str, str]:
    said = {
        "Content-Disposition": content_disposition(Disposition.ATTACHMENT, produced.filename),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if produced.etag is None:
        return said | {"Cache-Control": "private, no-store"}
    return said | {"Cache-Control": "private, no-cache", "ETag": produced.etag}


def _spool(pieces: Iterator[bytes], file: IO[bytes], produced: Produced) -> int:
    """Write all pieces and return their bytes."""
    size_bytes = 0
    deadline = time.monotonic() + MAX_PRODUCED_S
    for piece in pieces:
        size_bytes += file.write(piece)
        if size_bytes > MAX_PRODUCED_BYTES or time.monotonic() > deadline:
            raise _too_large(produced)
    return size_bytes


def _too_large(produced: Produced) -> TooLarge:
    limits = f"at most {MAX_PRODUCED_BYTES:,} bytes, and for {MAX_PRODUCED_S:g} s"
    return TooLarge(
        f"one call makes {limits}; this takes more. {produced.remedy}", extensions={"max_bytes": MAX_PRODUCED_BYTES}
    )
