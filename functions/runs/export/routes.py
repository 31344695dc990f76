"""Exports of runs over HTTP. Its path stands before `/{run_id}`, which would take it for an id."""

from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from rmos.http.access import Viewer
from rmos.http.dependencies import Stores
from rmos.http.problems import Responses, problem_responses
from rmos.http.produced import ELSEWHERE, Produced, produced_response
from rmos.http.routing import Router
from rmos.runs.models import RunFilter

from runs.export import service
from runs.export.models import ExportFormat

router = Router(prefix="/api/runs", tag="runs")

JSONL: Final = "application/jsonl"
CSV: Final = "text/csv"
_REMEDY: Final = "Ask for a part of them by created_from and created_to"
_KINDS: Final = {
    ExportFormat.JSONL: (service.as_jsonl, Produced(JSONL, "rmos-runs.jsonl", _REMEDY)),
    ExportFormat.CSV: (service.as_csv, Produced(CSV, "rmos-runs.csv", _REMEDY)),
}
_TEXT: Final = {"schema": {"type": "string"}}
_ANSWERS: Final[Responses] = {
    200: {"description": "Every run that the filters choose, newest first", "content": {JSONL: _TEXT, CSV: _TEXT}},
    307: {"description": f"On AWS, where it has over 4,194,304 bytes: {ELSEWHERE}"},
}


async def _format(
    chosen: Annotated[
        ExportFormat,
        Query(alias="format", description="`jsonl`: whole artifacts, as stored. `csv`: the fields of a list"),
    ] = ExportFormat.JSONL,
) -> ExportFormat:
    return chosen


@router.get("/export", operation_id="export_runs", response_class=Response, responses=_ANSWERS | problem_responses(413))
def export_runs(
    request: Request,
    _caller: Viewer,
    stores: Stores,
    chosen: Annotated[RunFilter, Query()],
    export_format: Annotated[ExportFormat, Depends(_format)],
) -> Response:
    """Export all runs that the filters of the list choose, in one answer.

    An answer that ends early is not whole: a stored run was damaged, or the server stopped.
    """
    pieces, produced = _KINDS[export_format]
    return produced_response(request, pieces(stores.records, chosen), produced, stores)
