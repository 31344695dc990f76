"""What routes take besides their input: the stores, the settings and the request's id.

Coroutines, here and beside, where nothing waits: FastAPI sends a plain function to a thread, which costs more than all
that these do (docs/decisions/0012).
"""

from typing import Annotated

from fastapi import Depends, Request

from rmos.request_context import require_request_id
from rmos.settings import Settings
from rmos.storage.backend import Backend


async def _stores(request: Request) -> Backend:
    backend: Backend = request.app.state.stores()
    return backend


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _request_id() -> str:
    return require_request_id()


Stores = Annotated[Backend, Depends(_stores)]
AppSettings = Annotated[Settings, Depends(_settings)]
RequestId = Annotated[str, Depends(_request_id)]
