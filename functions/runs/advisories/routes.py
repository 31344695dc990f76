"""Advisories over HTTP: append-only links to what was said about a run. They decide nothing."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from rmos.http.access import Operator, Viewer
from rmos.http.dependencies import RequestId, Stores
from rmos.http.idempotency import Once
from rmos.http.paging import Paging
from rmos.http.problems import Responses, problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.runs.adding import signature_now
from rmos.runs.evidence import AdvisoryInput

from runs.advisories import service
from runs.advisories.models import AdvisoryAttach, AdvisoryPage

router = Router(prefix="/api/runs/{run_id}", tag="advisories")

RunId = Annotated[Id, Path(description="The id of a run")]

_AGAIN: Responses = {200: {"description": "It is attached already, with this content", "model": AdvisoryInput}}


@router.post(
    "/attach-advisory",
    operation_id="attach_advisory",
    status_code=HTTPStatus.CREATED,
    response_model=AdvisoryInput,
    responses=_AGAIN | problem_responses(404, 409),
)
def attach_advisory(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    run_id: RunId, given: AdvisoryAttach, author: Operator, stores: Stores, request_id: RequestId, once: Once
) -> Response:
    """Attach an advisory to a run, once under its id: the same content again is fine, other content is refused."""
    signature = signature_now(run_id, author, request_id)
    return once.answer(stores.records, lambda claim: service.attach_advisory(stores.records, given, signature, claim))


@router.get(
    "/advisories", operation_id="list_advisories", response_model=AdvisoryPage, responses=problem_responses(404)
)
async def list_advisories(run_id: RunId, _caller: Viewer, stores: Stores, page: Paging) -> Response:
    """List a run's advisories in the order in which they were attached."""
    found = service.list_advisories(stores.records, run_id, page.cursor, page.limit)
    return Response(found.model_dump_json(), media_type="application/json")
