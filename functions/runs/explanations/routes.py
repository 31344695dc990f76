"""Explanations over HTTP: keep a text about a run, or have one written from it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from rmos.http.access import Operator
from rmos.http.dependencies import AppSettings, RequestId, Stores
from rmos.http.idempotency import Once
from rmos.http.problems import Responses, problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.runs.adding import signature_now

from runs.explanations import service
from runs.explanations.models import Suggest, Suggested

router = Router(prefix="/api/runs/{run_id}", tag="explanations")

RunId = Annotated[Id, Path(description="The id of a run")]
_OTHERWISE: Responses = {
    200: {"description": "The run has this very text already", "model": Suggested},
    202: {"description": "openai writes it; the run shows when it is READY or ERROR", "model": Suggested},
}


@router.post(
    "/suggest-and-attach",
    operation_id="suggest_and_attach",
    status_code=HTTPStatus.CREATED,
    response_model=Suggested,
    responses=_OTHERWISE | problem_responses(404, 409),
)
def suggest_and_attach(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    run_id: RunId,
    request: Suggest,
    author: Operator,
    stores: Stores,
    request_id: RequestId,
    settings: AppSettings,
    once: Once,
) -> Response:
    """Explain a run from its assessments, or keep a text of your own; either is an attachment that reads back."""
    signature = signature_now(run_id, author, request_id)
    return once.answer(stores.records, lambda claim: service.suggest(stores, settings, request, signature, claim))
