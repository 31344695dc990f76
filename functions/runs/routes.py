"""Runs over HTTP: the immutable record of every attempt. Nothing here changes or removes one."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import Response
from rmos.feasibility.registry import default_registry
from rmos.http.access import Operator, Viewer
from rmos.http.conditional import Conditional
from rmos.http.dependencies import AppSettings, RequestId, Stores
from rmos.http.idempotency import Once
from rmos.http.negotiation import preferred
from rmos.http.paging import Paging
from rmos.http.problems import problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.runs.models import RunCreate, RunFilter, RunView
from rmos.runs.recording import Engines, provenance_now
from rmos.runs.repository import get_view
from rmos.runs.verification import Verification, verify_run

from runs import service
from runs.models import RunDiff, RunPage
from runs.rules.markdown import diff_as_markdown

JSON = "application/json"
MARKDOWN = "text/markdown"

router = Router(prefix="/api/runs", tag="runs")

RunId = Annotated[Id, Path(description="The id of a run: `run_` and 32 hex digits, or one kept by an import.")]


@router.post(
    "",
    operation_id="create_run",
    status_code=HTTPStatus.CREATED,
    response_model=RunView,
    responses=problem_responses(404, 409, 413),
)
def create_run(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    request: RunCreate, author: Operator, stores: Stores, settings: AppSettings, request_id: RequestId, once: Once
) -> Response:
    """Evaluate a design and its cuts, and record the attempt: OK, BLOCKED or ERROR."""
    engines = Engines(default_registry(allow_stub=settings.allow_stub_engine), settings.default_engine_id)
    return once.answer(
        stores.records,
        lambda claim: service.create_run(stores, engines, request, provenance_now(author, request_id), claim),
    )


@router.get("", operation_id="list_runs", response_model=RunPage)
async def list_runs(_caller: Viewer, stores: Stores, chosen: Annotated[RunFilter, Query()], page: Paging) -> Response:
    """List runs, newest first; every filter given must hold."""
    found = service.list_runs(stores.records, chosen, page.cursor, page.limit)
    return Response(found.model_dump_json(), media_type="application/json")


# Before /{run_id}, which would take it for an id.
@router.get(
    "/diff",
    operation_id="diff_runs",
    response_model=RunDiff,
    responses={**problem_responses(404), 200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}},
)
def diff_runs(
    request: Request,
    _caller: Viewer,
    stores: Stores,
    a: Annotated[Id, Query(description="The run to compare from")],
    b: Annotated[Id, Query(description="The run to compare with it")],
) -> Response:
    """Tell how run `b` differs from run `a`: what may be cut, which rule moved, and every value.

    `Accept: text/markdown` gets tables that a person can paste.
    """
    found = service.diff_of(stores, a, b)
    if preferred(request.headers.get("accept"), (JSON, MARKDOWN)) == MARKDOWN:
        return Response(diff_as_markdown(found), media_type=MARKDOWN, headers={"Vary": "Accept"})
    return Response(found.model_dump_json(), media_type=JSON, headers={"Vary": "Accept"})


@router.get(
    "/{run_id}",
    operation_id="get_run",
    response_model=RunView,
    responses={**problem_responses(404), 304: {"description": "Unchanged"}},
)
async def get_run(run_id: RunId, _caller: Viewer, stores: Stores, conditions: Conditional) -> Response:
    """Return a run with what was appended to it."""
    body, etag = service.representation(get_view(stores.records, run_id))
    return conditions.respond(body, etag)


@router.get(
    "/{run_id}/verify", operation_id="verify_run", response_model=Verification, responses=problem_responses(404)
)
def verify_stored_run(run_id: RunId, _caller: Viewer, stores: Stores) -> Response:
    """Recompute every hash of a run and of its attachments from what is stored now."""
    found = verify_run(stores.records, stores.blobs, run_id, stores.blob_links)
    return Response(found.model_dump_json(), media_type="application/json")
