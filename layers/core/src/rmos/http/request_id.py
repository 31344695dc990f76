"""The id of a request: taken or minted, on every answer and on every log line of its way."""

import re
import time
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rmos.clock import new_id
from rmos.http.problems import internal_error
from rmos.logging import logger
from rmos.request_context import current_request_id

HEADER = "X-Request-Id"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)


class RequestIdMiddleware:
    """Gives each request its id, turns a fault into a 500 problem and logs one line.

    The outermost layer, but for the one that takes the body from answers to HEAD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _taken_or_minted(Headers(scope=scope).get(HEADER))
        token = current_request_id.set(request_id)
        try:
            await self._answer(scope, receive, send, request_id)
        finally:
            current_request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:  # the edge: whatever a request raises becomes its 500, with the stack in the log only
            logger.exception("request failed")
            if status is not None:
                raise  # half an answer is out already: the server has to break the connection
            await internal_error()(scope, receive, send_with_id)
        finally:
            _log_request(scope, status, started)


def _taken_or_minted(given: str | None) -> str:
    return given if given is not None and _ACCEPTABLE.fullmatch(given) else new_id("req")


def _log_request(scope: Scope, status: int | None, started: float) -> None:
    route = scope.get("route")
    logger.info(
        "request",
        extra={
            "method": scope["method"],
            "route": getattr(route, "path", None),
            "path": scope["path"],
            "status": status or HTTPStatus.INTERNAL_SERVER_ERROR.value,
            "duration_ms": round((time.perf_counter() - started) * 1_000, 3),
            "token_id": scope.get("rmos.token_id"),
        },
    )
