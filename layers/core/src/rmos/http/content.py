"""Stored bytes as an answer: whole or one range, with their digest, and harmless to a browser."""

import base64
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from rmos.errors import RangeNotSatisfiable
from rmos.http.conditional import etag_of, is_weakly_listed

_CHUNK_BYTES = 65_536
_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?", re.ASCII)
_MAX_NAME = 150


class Disposition(Enum):
    """How a browser may show content; INLINE only for what was decoded as an image."""

    INLINE = "inline"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Content:
    """Verified bytes and how to name them."""

    sha256: str
    size_bytes: int
    media_type: str
    filename: str
    disposition: Disposition = Disposition.ATTACHMENT


def content_response(request: Request, content: Content, stream: BinaryIO) -> Response:
    """Answer GET and HEAD of `content`: 200, 206 for one satisfiable range, or 304.

    `stream` holds the verified bytes from its start and is closed when they are sent. Several ranges at once are
    answered with the whole, as RFC 9110 section 14.2 allows.

    Raises:
        RangeNotSatisfiable: the range begins past the end.
    """
    etag = etag_of(content.sha256)
    headers = _headers(content, etag)
    if is_known(request, etag):
        stream.close()
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": headers["Cache-Control"]})
    span = _span(request, content.size_bytes, etag)
    if span is not None and not span:
        stream.close()
        raise RangeNotSatisfiable(
            f"the content has {content.size_bytes} bytes", headers={"Content-Range": f"bytes */{content.size_bytes}"}
        )
    status = 200
    if span is not None:
        status = 206
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{content.size_bytes}"
    span = span if span is not None else range(content.size_bytes)
    headers["Content-Length"] = str(len(span))
    if request.method == "HEAD":
        stream.close()
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_chunks(stream, span), status, headers)


def safe_filename(name: str) -> str:
    """Return `name` as one path component without control, line, direction or quoting characters, or `file`."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(char for char in last if not _is_unsafe(char))
    return kept.strip(". ")[:_MAX_NAME] or "file"


def _is_unsafe(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] == "C" or category in {"Zl", "Zp"} or char in '"<>|:*?;%'


def content_disposition(disposition: Disposition, filename: str) -> str:
    """Return the header of RFC 6266: an ASCII name for all, and the true one as RFC 8187 says."""
    name = safe_filename(filename)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"{disposition.value}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def repr_digest(sha256: str) -> str:
    """Return the `Repr-Digest` of RFC 9530 of a hex digest."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def _headers(content: Content, etag: str) -> dict[str, str]:
    return {
        # Here and not as `media_type`, to which Starlette would add a charset that nobody knows.
        "Content-Type": content.media_type,
        "ETag": etag,
        "Repr-Digest": repr_digest(content.sha256),
        "X-Content-Size": str(content.size_bytes),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": content_disposition(content.disposition, content.filename),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, immutable, max-age=31536000",
    }


def is_known(request: Request, etag: str) -> bool:
    """Tell whether the client has this representation already."""
    condition = request.headers.get("if-none-match")
    return condition is not None and is_weakly_listed(condition, etag)


def _span(request: Request, size: int, etag: str) -> range | None:
    """Return the bytes that a Range header asks for, empty when there are none such, None when all are wanted."""
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if match is None or match.groups() == (None, None) or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if first is None:
        return range(max(0, size - int(last)), size)
    if last is not None and int(last) < int(first):
        return None
    return range(int(first), min(size, int(last) + 1) if last is not None else size)


def _chunks(stream: BinaryIO, span: range) -> Iterator[bytes]:
    with stream:
        stream.seek(span.start)
        left = len(span)
        while left:
            chunk = stream.read(min(_CHUNK_BYTES, left))
            if not chunk:
                raise EOFError("verified bytes ended early")
            left -= len(chunk)
            yield chunk
