"""One ASGI app of some areas: the same for a Lambda function and for one machine."""

from collections.abc import Callable, Sequence
from functools import cache

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from rmos.errors import RmosError
from rmos.http.cors import AllowListCors
from rmos.http.head import WithoutBodyOfHead
from rmos.http.late_router import LateRouter
from rmos.http.problems import on_http_exception, on_rmos_error, on_validation_error
from rmos.http.request_id import RequestIdMiddleware
from rmos.identity import Authenticator, TokenAuthenticator
from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.version import VERSION

DESCRIPTION = """Decides whether a guitar rosette can be cut with a bit, machine and wood, why not and what to change,
and keeps an immutable, verifiable record of every such decision.

Every error is problem+json (RFC 9457) and every answer carries `X-Request-Id`. What the gateway itself refuses
(a body over 10 MB, a throttled call) has neither."""


def create_app(
    routers: Sequence[APIRouter | LateRouter],
    stores: Callable[[], Backend],
    settings: Settings,
    authenticator: Callable[[Backend], Authenticator] = lambda backend: TokenAuthenticator(backend.records),
) -> FastAPI:
    """Return the app that serves `routers`; `stores` is called once, when the first request needs them."""
    app = FastAPI(
        # Not by `include_router`, which makes each route a second time, in the first request.
        routes=[route for router in routers for route in router.routes],
        title="RMOS",
        version=VERSION,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False},
    )
    app.state.settings = settings
    app.state.stores = opened = cache(stores)
    app.state.authenticator = cache(lambda: authenticator(opened()))
    app.add_exception_handler(RmosError, on_rmos_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_middleware(AllowListCors, allow_origins=settings.cors_origins)
    app.add_middleware(RequestIdMiddleware)
    app.add_middleware(WithoutBodyOfHead)
    return app
