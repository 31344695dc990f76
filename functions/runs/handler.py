"""Lambda entry of the runs area."""

import rmos.cold_start  # noqa: F401  # first, see there
from rmos.http.app import create_app
from rmos.http.lambda_entry import lambda_handler
from rmos.settings import Settings
from rmos.storage.backend import open_configured

from runs.routers import ROUTERS

_settings = Settings()

handler = lambda_handler(create_app(ROUTERS, lambda: open_configured(_settings), _settings))
