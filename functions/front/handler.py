"""Lambda entry of the front: the only function without an identity check, and without rights on any data."""

import rmos.cold_start  # noqa: F401  # first, see there
from rmos.http.app import create_app
from rmos.http.lambda_entry import lambda_handler
from rmos.settings import Settings
from rmos.storage.backend import Backend

from front.routes import router


def _no_stores() -> Backend:
    raise PermissionError("the front has no data")


handler = lambda_handler(create_app([router], _no_stores, Settings()))
