"""Feasibility over HTTP: can it be cut, why not, and by which rules."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from rmos.canonical import sha256_of_text
from rmos.drawing.request import PreviewRequest
from rmos.feasibility.models import FeasibilityResponse
from rmos.feasibility.registry import default_registry
from rmos.http.access import Viewer
from rmos.http.conditional import Conditional, etag_of
from rmos.http.dependencies import AppSettings, RequestId, Stores
from rmos.http.problems import problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.settings import Settings
from rmos.storage.backend import Backend

from feasibility import service
from feasibility.models import (
    BatchPage,
    BatchRequest,
    CategoryInfo,
    EnginePage,
    EvaluateRequest,
    FeasibilityMap,
    FieldPage,
    MapRequest,
    RiskLevelInfo,
    RuleInfo,
    RulePage,
)

# A picture opened by itself runs nothing, loads nothing, and is never taken for a page of ours.
PICTURE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}

router = Router(prefix="/api/rmos/feasibility", tag="feasibility")


@router.post("/evaluate", operation_id="evaluate_feasibility", responses=problem_responses(404))
def evaluate(
    request: EvaluateRequest, _caller: Viewer, stores: Stores, settings: AppSettings, request_id: RequestId
) -> FeasibilityResponse:
    """Judge a design and its cuts: the verdict, what binds it, and the smallest changes that make it better."""
    return service.evaluate(request, _judges(settings, stores), request_id)


@router.post("/evaluate/batch", operation_id="evaluate_feasibility_batch", response_model=BatchPage)
def evaluate_batch(
    request: BatchRequest, _caller: Viewer, stores: Stores, settings: AppSettings, request_id: RequestId
) -> Response:
    """Judge up to 200 requests, each for itself: a result without suggestions or a problem for every one."""
    page = service.evaluate_batch(request, _judges(settings, stores), request_id)
    return Response(page, media_type="application/json")


@router.post("/map", operation_id="map_feasibility", responses=problem_responses(404))
def map_cut(request: MapRequest, _caller: Viewer, stores: Stores, settings: AppSettings) -> FeasibilityMap:
    """Judge one cut over a grid of feeds and spindle speeds, ready to draw."""
    return service.map_cut(request, _judges(settings, stores))


@router.post(
    "/preview",
    operation_id="preview_rosette",
    response_class=Response,
    responses={
        **problem_responses(404),
        200: {"description": "The picture", "content": {"image/svg+xml": {"schema": {"type": "string"}}}},
    },
)
def preview(request: PreviewRequest, _caller: Viewer, stores: Stores, settings: AppSettings) -> Response:
    """Draw the rosette true to scale: to look at, the binding ring marked, or the outlines to cut."""
    picture = service.draw_preview(request, _judges(settings, stores))
    return Response(picture, media_type="image/svg+xml", headers=PICTURE_HEADERS)


@router.get("/engines", operation_id="list_engines")
async def list_engines(_caller: Viewer, settings: AppSettings) -> EnginePage:
    """List the engines that may judge."""
    return service.list_engines(default_registry(allow_stub=settings.allow_stub_engine), settings.default_engine_id)


@router.get("/categories", operation_id="list_categories")
async def list_categories(_caller: Viewer) -> tuple[CategoryInfo, ...]:
    """List the dimensions of a verdict with their weights in the score."""
    return service.list_categories()


@router.get("/risk-levels", operation_id="list_risk_levels")
async def list_risk_levels(_caller: Viewer) -> tuple[RiskLevelInfo, ...]:
    """Say what each colour means."""
    return service.list_risk_levels()


@router.get("/rules", operation_id="list_rules")
async def list_rules(_caller: Viewer) -> RulePage:
    """List every rule with its limits, sources and remedy."""
    return service.list_rules()


@router.get(
    "/rules/{rule_id}",
    operation_id="get_rule",
    response_model=RuleInfo,
    responses={**problem_responses(404), 304: {"description": "Unchanged"}},
)
async def get_rule(
    rule_id: Annotated[Id, Path(description="An id of the list of rules")], _caller: Viewer, conditions: Conditional
) -> Response:
    """Return one rule."""
    body = service.get_rule(rule_id).model_dump_json()
    return conditions.respond(body, etag_of(sha256_of_text(body)))


@router.get("/fields", operation_id="list_fields")
async def list_fields(_caller: Viewer) -> FieldPage:
    """List every input: required, assumed when absent, or optional, and which categories need it."""
    return service.list_fields()


def _judges(settings: Settings, stores: Backend) -> service.Judges:
    registry = default_registry(allow_stub=settings.allow_stub_engine)
    return service.Judges(registry, settings.default_engine_id, stores.records)
