"""The OpenAPI document of all areas, as committed and as the front serves it."""

import json
from typing import Any, NoReturn

from rmos.http.app import create_app, openapi_document
from rmos.settings import Settings

from local.app import ROUTERS
from local.examples import GREEN, RED

EXAMPLES = {
    "green": (GREEN, "A 1.2 mm channel in a spruce top, cut in two passes with a 1/8 in bit"),
    "red": (RED, "The same in hard maple, in one pass with 30 mm of bit sticking out"),
}
TAKES_A_DESIGN = ("/api/rmos/feasibility/evaluate", "/api/rmos/feasibility/preview", "/api/runs")


def document() -> dict[str, Any]:
    """Return the document; the same code gives the same one, whatever the environment says."""
    described = openapi_document(create_app(ROUTERS, _no_stores, Settings.model_construct()))
    for path in TAKES_A_DESIGN:
        described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"] = _examples()
    return described


def document_text() -> str:
    """Return the document as it is kept: indented JSON, UTF-8, a line feed at the end."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _examples() -> dict[str, Any]:
    return {
        name: {"summary": summary, "value": json.loads(path.read_text(encoding="utf-8"))}
        for name, (path, summary) in EXAMPLES.items()
    }


def _no_stores() -> NoReturn:
    raise PermissionError("describing the API needs no data")
