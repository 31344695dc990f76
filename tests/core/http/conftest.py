"""A small area of its own over real stores, called both as ASGI and as Lambda is called."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from fastapi import Query, Response
from fastapi.testclient import TestClient
from rmos.errors import BlobCorrupt, Busy
from rmos.http.access import Operator, Viewer
from rmos.http.app import create_app
from rmos.http.conditional import Conditional, etag_of
from rmos.http.dependencies import RequestId, Stores
from rmos.http.idempotency import Answer, Claim, Once
from rmos.http.json_input import read_body
from rmos.http.lambda_entry import lambda_handler
from rmos.http.paging import Paging
from rmos.http.routing import Router
from rmos.identity import Role, create_token
from rmos.listing import Listing, decode_cursor, encode_cursor, list_page
from rmos.models import InputModel, Label
from rmos.settings import Settings
from rmos.storage.backend import Backend, open_local
from rmos.storage.ports import Entry, Order, Put, Record
from starlette.requests import Request

from tests.support.gateway import GatewayClient, Reply

ORIGIN = "https://console.example"


class Thing(InputModel):
    name: Label
    sizes_mm: tuple[float, ...] = ()
    colour: str | None = None
    note: str = ""


router = Router("/api/things", "things")


def _thing_changes(thing: Thing) -> list[Put]:
    entry = Entry("things", thing.name)
    return [Put(Record(f"thing/{thing.name}", thing.model_dump_json(), {"colour": thing.colour}, (entry,)))]


@router.post("", status_code=201)
def create_thing(thing: Thing, principal: Operator, stores: Stores, request_id: RequestId, once: Once) -> Response:
    def use_case(claim: Claim) -> Answer:
        body = {"name": thing.name, "created_by": principal.name, "request_id": request_id}
        answer = Answer(201, json.dumps(body), {"Location": f"/api/things/{thing.name}"})
        stores.records.commit([*_thing_changes(thing), *claim(answer)])
        return answer

    return once.answer(stores.records, use_case)


@router.get("")
def list_things(_principal: Viewer, stores: Stores, paging: Paging, colour: str | None = None) -> dict[str, Any]:
    filters = {"colour": colour}
    listing = Listing("things", Order.OLDEST_FIRST, lambda head: colour is None or head["colour"] == colour)
    page = list_page(stores.records, listing, decode_cursor(paging.cursor, filters), paging.limit)
    return {
        "items": [line.key for line in page.items],
        "next_cursor": encode_cursor(page.resume_after, filters),
    }


@router.post("/echo")
async def echo(request: Request, _principal: Viewer) -> Response:
    return Response(await read_body(request, 5_000_000), media_type="application/octet-stream")


@router.get("/boom")
def boom(_principal: Viewer) -> None:
    raise RuntimeError("secret detail")


@router.get("/busy")
def busy(_principal: Viewer) -> None:
    raise Busy("no turn")


@router.get("/damaged")
def damaged(_principal: Viewer) -> None:
    raise BlobCorrupt("ab" * 32)


@router.get("/cookies")
def cookies(request: Request, _principal: Viewer) -> Response:
    answer = Response(json.dumps(request.cookies), media_type="application/json")
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer


@router.get("/query")
def query(_principal: Viewer, a: Annotated[list[str], Query()], b: str) -> list[str]:
    return [*a, b]


@router.get("/{name}")
def get_thing(name: str, _principal: Viewer, stores: Stores, conditions: Conditional) -> Response:
    (record,) = stores.records.get([f"thing/{name}"])
    return conditions.respond(record.body, etag_of(str(record.version)))


@dataclass
class Caller:
    """One way to call the app, with a token of each role."""

    client: Any
    stores: Backend
    tokens: dict[str, str]

    def request(
        self,
        method: str,
        url: str,
        *,
        role: str | None = "operator",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        sent = dict(headers or {})
        if role is not None:
            sent.setdefault("Authorization", f"Bearer {self.tokens[role]}")
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = self.client.request(method, url, headers=sent, content=body or b"")
        heads = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, heads, answer.content)

    def post(self, value: Any, **options: Any) -> Reply:
        return self.request("POST", "/api/things", body=json.dumps(value).encode(), **options)

    def stored(self) -> list[str]:
        return [line.key for line in self.stores.records.query("things", "", "", Order.OLDEST_FIRST, None, 2000).items]


@pytest.fixture
def stores(tmp_path):
    opened = open_local(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(params=["asgi", "lambda"])
def caller(request, stores):
    tokens = {role.value: create_token(stores.records, f"a {role.value}", role) for role in Role}
    app = create_app([router], lambda: stores, Settings(cors_origins=(ORIGIN,)))
    if request.param == "lambda":
        return Caller(GatewayClient(lambda_handler(app)), stores, tokens)
    return Caller(TestClient(app), stores, tokens)
