"""Reference rows over HTTP: what people pick by id. The workshop's own are written here, built-in ones never change."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Path, Query
from fastapi.responses import Response
from rmos.design.own_rows import (
    MACHINES,
    MATERIALS,
    PRESETS,
    TOOLS,
    AnyEntry,
    MachineEntry,
    MaterialEntry,
    PresetEntry,
    Shelf,
    ToolEntry,
)
from rmos.http.access import Operator, Viewer
from rmos.http.conditional import Conditional, IfMatch
from rmos.http.dependencies import RequestId, Stores
from rmos.http.idempotency import Once, OncePerKey
from rmos.http.paging import PageQuery, Paging
from rmos.http.problems import Responses, problem_responses
from rmos.http.routing import Router
from rmos.models import Id
from rmos.storage.backend import Backend

from feasibility.rows import service
from feasibility.rows.models import (
    MachineInput,
    MachinePage,
    MaterialInput,
    MaterialPage,
    PresetInput,
    PresetPage,
    RowInput,
    ToolInput,
    ToolPage,
)

router = Router(prefix="/api/rmos/feasibility", tag="reference rows")

Search = Annotated[str, Query(alias="q", max_length=100, description="Words of an id, a label or an alias")]
RowId = Annotated[Id, Path(description="The id of a row; those of the workshop begin with `own:`")]

_ONE: Final[Responses] = {**problem_responses(404), 304: {"description": "Unchanged"}}
_CREATED: Final = problem_responses(409, 413)
_REPLACED: Final = problem_responses(404, 409, 412, 413)


@router.get("/materials", operation_id="list_materials", response_model=MaterialPage)
async def list_materials(_caller: Viewer, stores: Stores, page: Paging, query: Search = "") -> Response:
    """List materials with their sources: the workshop's own, the newest first, then the built-in ones."""
    return _page(stores, MATERIALS, query, page)


@router.get("/materials/{row_id}", operation_id="get_material", response_model=MaterialEntry, responses=_ONE)
async def get_material(row_id: RowId, _caller: Viewer, stores: Stores, conditions: Conditional) -> Response:
    """Return one material."""
    return conditions.respond(*service.get_row(stores.records, MATERIALS, row_id))


@router.post(
    "/materials",
    operation_id="create_material",
    status_code=HTTPStatus.CREATED,
    response_model=MaterialEntry,
    responses=_CREATED,
)
def create_material(
    given: MaterialInput, author: Operator, stores: Stores, request_id: RequestId, once: Once
) -> Response:
    """Keep a material of the workshop under an `own:` id, which requests can then name."""
    return _created(stores, MATERIALS, given, service.writer_now(author, request_id), once)


@router.put("/materials/{row_id}", operation_id="replace_material", response_model=MaterialEntry, responses=_REPLACED)
def replace_material(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    row_id: RowId,
    given: MaterialInput,
    author: Operator,
    stores: Stores,
    request_id: RequestId,
    condition: IfMatch,
) -> Response:
    """Put another in the place of a material of the workshop; runs keep the one that they were judged with.

    With `If-Match` only what was read is replaced, else 412; without it whatever is there.
    """
    writer = service.writer_now(author, request_id)
    return _replaced(service.replace_row(stores.records, MATERIALS, row_id, given, writer, condition))


@router.get("/tools", operation_id="list_tools", response_model=ToolPage)
async def list_tools(_caller: Viewer, stores: Stores, page: Paging, query: Search = "") -> Response:
    """List tools with their sources: the workshop's own, the newest first, then the built-in ones."""
    return _page(stores, TOOLS, query, page)


@router.get("/tools/{row_id}", operation_id="get_tool", response_model=ToolEntry, responses=_ONE)
async def get_tool(row_id: RowId, _caller: Viewer, stores: Stores, conditions: Conditional) -> Response:
    """Return one tool."""
    return conditions.respond(*service.get_row(stores.records, TOOLS, row_id))


@router.post(
    "/tools",
    operation_id="create_tool",
    status_code=HTTPStatus.CREATED,
    response_model=ToolEntry,
    responses=_CREATED,
)
def create_tool(given: ToolInput, author: Operator, stores: Stores, request_id: RequestId, once: Once) -> Response:
    """Keep a tool of the workshop under an `own:` id, which requests can then name."""
    return _created(stores, TOOLS, given, service.writer_now(author, request_id), once)


@router.put("/tools/{row_id}", operation_id="replace_tool", response_model=ToolEntry, responses=_REPLACED)
def replace_tool(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    row_id: RowId, given: ToolInput, author: Operator, stores: Stores, request_id: RequestId, condition: IfMatch
) -> Response:
    """Put another in the place of a tool of the workshop; runs keep the one that they were judged with.

    With `If-Match` only what was read is replaced, else 412; without it whatever is there.
    """
    writer = service.writer_now(author, request_id)
    return _replaced(service.replace_row(stores.records, TOOLS, row_id, given, writer, condition))


@router.get("/machines", operation_id="list_machines", response_model=MachinePage)
async def list_machines(_caller: Viewer, stores: Stores, page: Paging, query: Search = "") -> Response:
    """List machines with their sources: the workshop's own, the newest first, then the built-in ones."""
    return _page(stores, MACHINES, query, page)


@router.get("/machines/{row_id}", operation_id="get_machine", response_model=MachineEntry, responses=_ONE)
async def get_machine(row_id: RowId, _caller: Viewer, stores: Stores, conditions: Conditional) -> Response:
    """Return one machine."""
    return conditions.respond(*service.get_row(stores.records, MACHINES, row_id))


@router.post(
    "/machines",
    operation_id="create_machine",
    status_code=HTTPStatus.CREATED,
    response_model=MachineEntry,
    responses=_CREATED,
)
def create_machine(
    given: MachineInput, author: Operator, stores: Stores, request_id: RequestId, once: Once
) -> Response:
    """Keep a machine of the workshop under an `own:` id, which requests can then name."""
    return _created(stores, MACHINES, given, service.writer_now(author, request_id), once)


@router.put("/machines/{row_id}", operation_id="replace_machine", response_model=MachineEntry, responses=_REPLACED)
def replace_machine(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    row_id: RowId, given: MachineInput, author: Operator, stores: Stores, request_id: RequestId, condition: IfMatch
) -> Response:
    """Put another in the place of a machine of the workshop; runs keep the one that they were judged with.

    With `If-Match` only what was read is replaced, else 412; without it whatever is there.
    """
    writer = service.writer_now(author, request_id)
    return _replaced(service.replace_row(stores.records, MACHINES, row_id, given, writer, condition))


@router.get("/presets", operation_id="list_presets", response_model=PresetPage)
async def list_presets(_caller: Viewer, stores: Stores, page: Paging, query: Search = "") -> Response:
    """List presets: a machine and cuts that are known to work. The `values` of one are a `context` for any design."""
    return _page(stores, PRESETS, query, page)


@router.get("/presets/{row_id}", operation_id="get_preset", response_model=PresetEntry, responses=_ONE)
async def get_preset(row_id: RowId, _caller: Viewer, stores: Stores, conditions: Conditional) -> Response:
    """Return one preset."""
    return conditions.respond(*service.get_row(stores.records, PRESETS, row_id))


@router.post(
    "/presets",
    operation_id="create_preset",
    status_code=HTTPStatus.CREATED,
    response_model=PresetEntry,
    responses=_CREATED,
)
def create_preset(given: PresetInput, author: Operator, stores: Stores, request_id: RequestId, once: Once) -> Response:
    """Keep a preset of the workshop under an `own:` id, which requests can then name."""
    return _created(stores, PRESETS, given, service.writer_now(author, request_id), once)


@router.put("/presets/{row_id}", operation_id="replace_preset", response_model=PresetEntry, responses=_REPLACED)
def replace_preset(  # noqa: PLR0913, PLR0917  # FastAPI hands each thing in by a parameter
    row_id: RowId, given: PresetInput, author: Operator, stores: Stores, request_id: RequestId, condition: IfMatch
) -> Response:
    """Put another in the place of a preset of the workshop; runs keep the one that they were judged with.

    With `If-Match` only what was read is replaced, else 412; without it whatever is there.
    """
    writer = service.writer_now(author, request_id)
    return _replaced(service.replace_row(stores.records, PRESETS, row_id, given, writer, condition))


def _page(stores: Backend, shelf: Shelf[AnyEntry], query: str, page: PageQuery) -> Response:
    found = service.list_rows(stores.records, shelf, query, page.cursor, page.limit)
    return Response(found.model_dump_json(), media_type="application/json")


def _created(
    stores: Backend, shelf: Shelf[AnyEntry], given: RowInput, writer: service.Writer, once: OncePerKey
) -> Response:
    return once.answer(stores.records, lambda claim: service.create_row(stores.records, shelf, given, writer, claim))


def _replaced(representation: tuple[str, str]) -> Response:
    body, etag = representation
    return Response(body, media_type="application/json", headers={"ETag": etag})
