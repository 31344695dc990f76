"""Lineage over HTTP: the runs before and after one, and judging it again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from rmos.feasibility.registry import default_registry
from rmos.http.access import Operator, Viewer
from rmos.http.dependencies import AppSettings, RequestId, Stores
from rmos.http.idempotency import Once
from rmos.http.problems import problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.runs.recording import Engines, provenance_now

from runs.lineage import service
from runs.lineage.models import Lineage, Replay, ReplayRequest

router = Router(prefix="/api/runs/{run_id}", tag="runs")

RunId = Annotated[Id, Path(description="The id of a run")]


@router.get("/lineage", operation_id="get_run_lineage", response_model=Lineage, responses=problem_responses(404))
def get_lineage(run_id: RunId, _caller: Viewer, stores: Stores) -> Response:
    """Return the runs that a run comes from, and those that come from it."""
    return Response(service.lineage_of(stores.records, run_id).model_dump_json(), media_type="application/json")


@router.post(
    "/replay",
    operation_id="replay_run",
    status_code=HTTPStatus.CREATED,
    response_model=Replay,
    responses=problem_responses(404, 409),
)
def replay_run(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    run_id: RunId,
    author: Operator,
    stores: Stores,
    settings: AppSettings,
    request_id: RequestId,
    once: Once,
    request: ReplayRequest = ReplayRequest(),  # noqa: B008  # frozen
) -> Response:
    """Evaluate a run's stored input again, record it as a child of that run, and tell how the two differ.

    Its materials, tools and machine are those that the run kept, so that only the engine can make a difference.
    """
    registry = default_registry(allow_stub=settings.allow_stub_engine)
    engines = Engines(registry, request.engine_id or settings.default_engine_id)
    provenance = provenance_now(author, request_id)
    return once.answer(
        stores.records,
        lambda claim: service.replay(stores, engines, run_id, provenance, claim),
    )
