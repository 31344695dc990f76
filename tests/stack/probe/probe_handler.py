"""A function of the core layer only: bytes in, bytes out. Built by no template; a test runs it beside the layer."""

import io

from fastapi import APIRouter, Request
from rmos.canonical import sha256_of_bytes
from rmos.http.app import create_app
from rmos.http.content import Content, content_response
from rmos.http.lambda_entry import lambda_handler
from rmos.settings import Settings
from rmos.storage.backend import Backend
from starlette.responses import Response

router = APIRouter()


def _no_stores() -> Backend:
    raise PermissionError("the probe has no data")


@router.post("/echo")
async def echo(request: Request) -> Response:
    body = await request.body()
    content = Content(sha256_of_bytes(body), len(body), "application/octet-stream", "echo.bin")
    return content_response(request, content, io.BytesIO(body))


@router.get("/bytes/{size}")
def some_bytes(request: Request, size: int) -> Response:
    body = bytes(size)
    content = Content(sha256_of_bytes(body), size, "application/octet-stream", "zeros.bin")
    return content_response(request, content, io.BytesIO(body))


@router.get("/fault")
def fault() -> Response:
    raise RuntimeError("a secret of the inside")


handler = lambda_handler(create_app([router], _no_stores, Settings()))
