"""All areas in one ASGI app, over the stores of one machine."""

from fastapi import FastAPI
from feasibility.routers import ROUTERS as FEASIBILITY_ROUTERS
from front.routes import router as front_router
from rmos.http.app import create_app
from rmos.http.late_router import loaded
from rmos.identity import OpenDoor
from rmos.settings import Settings
from rmos.storage.backend import Backend
from runs.routers import ROUTERS as RUNS_ROUTERS
from starlette.middleware import Middleware

from local.loopback import LoopbackHostsOnly

ROUTERS = loaded((*FEASIBILITY_ROUTERS, *RUNS_ROUTERS, front_router))
"""The routers of all areas; `front` last, as it answers whatever nobody else does."""


def app_of(backend: Backend, settings: Settings) -> FastAPI:
    """Return the app of all areas; every API call needs a token."""
    return create_app(ROUTERS, lambda: backend, settings)


def open_app_of(backend: Backend, settings: Settings) -> FastAPI:
    """Return the app of all areas with everybody as administrator, for requests to loopback names only."""
    app = create_app(ROUTERS, lambda: backend, settings, authenticator=lambda _backend: OpenDoor())
    # Appended, it stands inside the layer that gives requests their id, so that its refusals carry one.
    app.user_middleware.append(Middleware(LoopbackHostsOnly))
    return app
