"""CORS by allow-list, answered by the app so that a preflight carries our headers and our errors."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from rmos.errors import Forbidden
from rmos.http.problems import METHODS, problem_response

_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Content-Digest",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Prefer",
    "Range",
    "X-Request-Id",
)
_ANSWER_HEADERS = (
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Repr-Digest",
    "Retry-After",
    "X-Content-Size",
    "X-Request-Id",
)


class OriginRefused(Forbidden):
    slug = "origin-refused"
    title = "Origin not allowed"


class AllowListCors(CORSMiddleware):
    """Starlette's CORS with our lists, and refusals as problem+json."""

    def __init__(self, app: ASGIApp, allow_origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=allow_origins,
            allow_methods=METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:  # noqa: PLR2004  # Starlette says 200 or 400
            return answer
        return problem_response(OriginRefused("RMOS_CORS_ORIGINS does not list this origin, method or header"))
