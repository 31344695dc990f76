"""The OpenAPI document in the words that generators of clients understand."""

import pytest
from fastapi import FastAPI
from pydantic import create_model
from rmos.design.cutting import Tool
from rmos.http.access import Operator, Viewer
from rmos.http.conditional import Conditional, IfMatch
from rmos.http.idempotency import Once
from rmos.http.openapi import openapi_document
from rmos.http.paging import Paging
from rmos.http.routing import Router
from rmos.models import StoredModel, UtcTime


class Shown(StoredModel):
    tool: Tool
    span: tuple[float, float] | None = None
    made_at: UtcTime


def document_of(*add):
    router = Router("/api", "things")
    for path, method, endpoint in add:
        status = 201 if method == "POST" else 200
        name = endpoint.__name__
        router.add_api_route(path, endpoint, methods=[method], status_code=status, operation_id=name)
    return openapi_document(FastAPI(routes=router.routes))


async def read(_caller: Viewer, conditions: Conditional) -> Shown: ...


async def list_things(_caller: Viewer, page: Paging) -> Shown: ...


async def create(tool: Tool, _caller: Operator, once: Once) -> Shown: ...


async def replace(tool: Tool, _caller: Viewer, condition: IfMatch) -> Shown: ...


@pytest.fixture(scope="module")
def document():
    return document_of(
        ("/read", "GET", read), ("/list", "GET", list_things), ("/new", "POST", create), ("/old", "PUT", replace)
    )


@pytest.fixture(scope="module")
def schemas(document):
    return document["components"]["schemas"]


def test_what_is_sent_and_what_is_shown_of_one_thing_have_names_of_their_own(document, schemas):
    assert {"Tool", "ToolOutput"} <= set(schemas)
    assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}
    body = document["paths"]["/api/new"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Tool"}
    assert schemas["Shown"]["properties"]["tool"] == {"$ref": "#/components/schemas/ToolOutput"}


def test_two_models_of_one_name_are_refused():
    one = create_model("Point", __module__="a", __base__=StoredModel, x_mm=(float, ...))
    other = create_model("Point", __module__="b", __base__=StoredModel, angle_deg=(float, ...))

    async def read_one(_caller: Viewer) -> one: ...

    async def read_other(_caller: Viewer) -> other: ...

    with pytest.raises(ValueError, match="two models of one name: a__Point, b__Point"):
        document_of(("/one", "GET", read_one), ("/other", "GET", read_other))


def test_bounds_of_a_quantity_stand_with_its_number_and_not_with_its_text(schemas):
    quantity, nothing = schemas["Tool"]["properties"]["diameter_mm"]["anyOf"]
    number, text = quantity["anyOf"]
    assert number == {"type": "number", "minimum": 0.05, "maximum": 600}
    assert (text["type"], "minimum" in text) == ("string", False)
    assert nothing == {"type": "null"}
    assert not {"ge", "le", "gt", "lt"} & set(quantity)


def test_bounds_of_a_plain_number_stand_with_it(schemas):
    count = schemas["Tool"]["properties"]["flutes"]["anyOf"][0]
    assert count == {"type": "integer", "minimum": 1, "maximum": 12}


def test_an_answer_has_every_field_that_its_model_has(schemas):
    assert schemas["Shown"]["required"] == ["tool", "span", "made_at"]
    assert set(schemas["ToolOutput"]["required"]) == set(schemas["ToolOutput"]["properties"])
    assert schemas["Tool"]["required"] == ["type"]


def test_a_time_is_shown_as_one(schemas):
    assert schemas["Shown"]["properties"]["made_at"]["format"] == "date-time"


def test_a_tuple_tells_its_items_in_both_words(schemas):
    span = schemas["Shown"]["properties"]["span"]["anyOf"][0]
    assert (span["prefixItems"], span["items"]) == ([{"type": "number"}] * 2, {"type": "number"})


def test_a_parameter_may_be_absent_but_never_null(document):
    parameters = document["paths"]["/api/list"]["get"]["parameters"]
    cursor = next(each for each in parameters if each["name"] == "cursor")
    assert not cursor["required"]
    assert (cursor["schema"]["type"], cursor["schema"]["maxLength"]) == ("string", 2_048)
    assert "anyOf" not in cursor["schema"]


def test_an_operation_tells_which_role_it_needs(document):
    operation = document["paths"]["/api/new"]["post"]
    assert (operation["security"], operation["x-required-role"]) == ([{"RmosToken": []}], "operator")
    assert operation["responses"]["403"]["description"].endswith("this needs operator")


def test_an_operation_is_called_as_its_id_says(document):
    assert document["paths"]["/api/list"]["get"]["summary"] == "List things"


@pytest.mark.parametrize(
    ("path", "method", "status", "names"),
    [
        ("/api/read", "get", "200", {"ETag"}),
        ("/api/read", "get", "401", {"WWW-Authenticate"}),
        ("/api/read", "get", "503", {"Retry-After"}),
        ("/api/new", "post", "201", {"Idempotent-Replayed", "Location", "ETag"}),
        ("/api/old", "put", "200", {"ETag"}),
        ("/api/list", "get", "200", set()),
        ("/api/list", "get", "422", set()),
    ],
)
def test_an_answer_shows_the_headers_that_a_client_needs(document, path, method, status, names):
    answer = document["paths"][path][method]["responses"][status]
    assert set(answer.get("headers", ())) == names
