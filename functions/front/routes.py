"""What anybody may ask: is it up, and what does it offer. Everything else here is a 404."""

from pathlib import Path
from typing import Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel
from rmos.canonical import sha256_of_bytes
from rmos.http.conditional import Conditional, etag_of
from rmos.http.head import RouteWithHead
from rmos.http.problems import problem_responses
from rmos.version import VERSION
from starlette.responses import Response

FOR_ANYBODY: Final[dict[str, Any]] = {"security": []}
OPENAPI_FILE = Path(__file__).with_name("openapi.json")

router = APIRouter(tags=["front"], route_class=RouteWithHead)


class Health(BaseModel):
    """That the service answers, and which version it is."""

    status: Literal["OK"]
    version: str


@router.get("/healthz", operation_id="get_health", openapi_extra=FOR_ANYBODY)
async def get_health() -> Health:
    """Say that the service answers."""
    return Health(status="OK", version=VERSION)


@router.get(
    "/openapi.json",
    operation_id="get_openapi",
    response_class=Response,
    responses={
        **problem_responses(422),
        200: {"content": {"application/json": {"schema": {"type": "object"}}}},
        304: {"description": "Unchanged"},
    },
    openapi_extra=FOR_ANYBODY,
)
async def get_openapi(conditions: Conditional) -> Response:
    """Return the OpenAPI document of all areas."""
    document = OPENAPI_FILE.read_bytes()
    return conditions.respond(document, etag_of(sha256_of_bytes(document)))
