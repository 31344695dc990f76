"""The run sheet over HTTP."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import HTMLResponse, Response
from rmos.http.access import Viewer
from rmos.http.conditional import Conditional
from rmos.http.dependencies import Stores
from rmos.http.problems import problem_responses
from rmos.http.routing import Router
from rmos.models import Id

from runs.sheet import service
from runs.sheet.rules.page import CONTENT_SECURITY_POLICY

router = Router(prefix="/api/runs/{run_id}", tag="runs")


@router.get(
    "/sheet",
    operation_id="get_run_sheet",
    response_class=HTMLResponse,
    responses={**problem_responses(404), 304: {"description": "Unchanged"}},
)
def get_sheet(
    run_id: Annotated[Id, Path(description="The id of a run")], _caller: Viewer, stores: Stores, conditions: Conditional
) -> Response:
    """Return a page to print on A4 for the machine: verdict, bits, speeds, the Z of each pass, what to check."""
    page, etag = service.sheet_page(stores.records, run_id)
    answer = conditions.respond(page, etag, "text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
