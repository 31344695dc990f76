"""What routes take besides their input: the stores, the settings and the request's id."""

from typing import Annotated

from fastapi import Depends, Request

from rmos.request_context import require_request_id
from rmos.settings import Settings
from rmos.storage.backend import Backend


def _stores(request: Request) -> Backend:
    backend: Backend = request.app.state.stores()
    return backend


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Stores = Annotated[Backend, Depends(_stores)]
AppSettings = Annotated[Settings, Depends(_settings)]
RequestId = Annotated[str, Depends(require_request_id)]
