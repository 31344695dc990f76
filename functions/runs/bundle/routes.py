"""Bundles over HTTP."""

from typing import Annotated, Final

from fastapi import Path, Request
from fastapi.responses import Response
from rmos.http.access import Viewer
from rmos.http.conditional import Conditional, etag_of
from rmos.http.dependencies import Stores
from rmos.http.problems import Responses, problem_responses
from rmos.http.produced import ELSEWHERE, Produced, produced_response
from rmos.http.routing import Router
from rmos.models import Id

from runs.bundle import service

router = Router(prefix="/api/runs/{run_id}", tag="runs")

ZIP: Final = "application/zip"
_REMEDY: Final = "Fetch the run, its advisories and its attachments one by one"
_ANSWERS: Final[Responses] = {
    200: {"description": "The archive", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "Unchanged: nothing was added since"},
    307: {"description": f"On AWS, where it has over 4,194,304 bytes: {ELSEWHERE}"},
}


@router.get(
    "/bundle", operation_id="get_run_bundle", response_class=Response, responses=_ANSWERS | problem_responses(404, 413)
)
def get_bundle(
    run_id: Annotated[Id, Path(description="The id of a run")],
    request: Request,
    _caller: Viewer,
    stores: Stores,
    conditions: Conditional,
) -> Response:
    """Return a run with its attachments and advisories as a zip that a program inside checks offline.

    The same run with the same additions gives the same bytes. The ETag is the digest of the manifest.
    """
    bundle = service.bundle_of(stores, run_id)
    etag = etag_of(bundle.manifest_sha256)
    unchanged = conditions.respond(b"", etag)
    if unchanged.status_code == 304:  # noqa: PLR2004  # Not Modified
        return unchanged
    produced = Produced(ZIP, f"{bundle.folder}.zip", _REMEDY, bundle.size_bytes, etag)
    return produced_response(request, service.pack(bundle), produced, stores)
