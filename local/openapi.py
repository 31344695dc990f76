"""The OpenAPI document of all areas, as committed and as the front serves it."""

import json
from typing import Any, NoReturn

from rmos.http.app import create_app, openapi_document
from rmos.settings import Settings

from local.app import ROUTERS


def document() -> dict[str, Any]:
    """Return the document; the same code gives the same one, whatever the environment says."""
    return openapi_document(create_app(ROUTERS, _no_stores, Settings.model_construct()))


def document_text() -> str:
    """Return the document as it is kept: indented JSON, UTF-8, a line feed at the end."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _no_stores() -> NoReturn:
    raise PermissionError("describing the API needs no data")
