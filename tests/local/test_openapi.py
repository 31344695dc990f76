"""What the OpenAPI document adds to what the routes say, and that a server does what it says."""

import json
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator, FormatChecker
from rmos.settings import Settings
from rmos.storage.backend import Backend

from local.app import open_app_of
from local.openapi import document

TOLD = {"ETag", "Location", "WWW-Authenticate", "Retry-After"}
"""Headers that a client acts on."""
TIMES = FormatChecker(formats=())


@TIMES.checks("date-time", raises=ValueError)
def is_a_time_with_its_zone(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@pytest.fixture(scope="module")
def described():
    return document()


@pytest.fixture(scope="module")
def operations(described):
    return {
        operation["operationId"]: (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def client(backend):
    app = open_app_of(Backend(backend.records, backend.blobs), Settings())
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def as_described(described, operations, client):
    """Calls an operation by its id and holds its answer against what is described of it."""

    def call(operation_id, *, headers=None, **ids_and_more):
        method, path, operation = operations[operation_id]
        more = {name: ids_and_more.pop(name) for name in ("json", "params", "content") if name in ids_and_more}
        answer = client.request(method, path.format(**ids_and_more), headers=headers, **more)
        shown = operation["responses"][str(answer.status_code)]
        told = {name for name in TOLD if name in answer.headers}
        assert (operation_id, told) == (operation_id, shown.get("headers", {}).keys() & TOLD)
        if answer.content:
            media_type = answer.headers["Content-Type"].partition(";")[0]
            form = shown["content"].get(media_type) or shown["content"]["*/*"]
            if media_type.endswith("json"):
                schema = form["schema"] | {"components": described["components"]}
                Draft202012Validator(schema, format_checker=TIMES).validate(answer.json())
        return answer

    return call


def bodies(operation):
    content = operation.get("requestBody", {}).get("content", {})
    return {name: each["value"] for name, each in content.get("application/json", {}).get("examples", {}).items()}


def test_every_operation_that_takes_json_shows_an_example(operations):
    taking = [
        name
        for name, (_, _, operation) in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", ())
    ]
    assert [name for name in taking if not bodies(operations[name][2])] == []


def test_every_example_is_valid_and_is_taken(described, operations, as_described):
    run = as_described("create_run", json=bodies(operations["create_run"][2])["green"]).json()["run_id"]
    own: dict[str, str] = {}
    for name, (_, _, operation) in operations.items():
        verb, _, kind = name.partition("_")
        for body in bodies(operation).values():
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            Draft202012Validator(schema | {"components": described["components"]}).validate(body)
            answer = as_described(name, json=body, run_id=run, row_id=own.get(kind))
            assert answer.is_success, (name, answer.text)
            if verb == "create":
                own[kind] = answer.json().get("id")


def test_what_is_answered_is_what_is_described(operations, as_described):
    green, red = (bodies(operations["create_run"][2])[colour] for colour in ("green", "red"))
    one, two = (as_described("create_run", json=body).json()["run_id"] for body in (green, red))
    as_described("attach_advisory", run_id=one, json={"advisory_id": "a", "kind": "NOTE"})
    as_described("suggest_and_attach", run_id=one, json={})
    kept = as_described("attach_file", run_id=one, params={"kind": "NOTE", "filename": "a.txt"}, content=b"a").json()
    upload = as_described(
        "announce_upload", run_id=one, json=bodies(operations["announce_upload"][2])["example"]
    ).json()
    ids = {"run_id": one, "sha256": kept["sha256"], "upload_id": upload["upload_id"], "row_id": "no", "rule_id": "no"}
    read = [name for name, (method, _, _) in operations.items() if method == "get" and name != "diff_runs"]
    answers = {name: as_described(name, **ids) for name in read}
    answers["diff_runs"] = as_described("diff_runs", params={"a": one, "b": two})
    missing = {name for name, answer in answers.items() if answer.status_code == 404}
    assert missing == {"get_rule", "get_material", "get_tool", "get_machine", "get_preset"}
    assert {answer.status_code for answer in answers.values()} == {200, 404}


def test_what_a_run_keeps_is_what_its_fields_are_said_to_be(described, operations, as_described):
    run = as_described("create_run", json=bodies(operations["create_run"][2])["red"]).json()
    for field, name in (("design", "Design"), ("feasibility", "Feasibility")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        Draft202012Validator(schema).validate(run[field])


def test_what_is_refused_is_what_is_described(operations, as_described):
    green = bodies(operations["create_run"][2])["green"]
    tool = bodies(operations["create_tool"][2])["example"] | {"id": "own:bit"}
    etag = as_described("create_tool", json=tool).headers["ETag"]
    refused = {
        400: as_described("list_runs", params={"cursor": "?"}),
        404: as_described("get_run", run_id="run_none"),
        409: as_described("create_tool", json=tool),
        412: as_described("replace_tool", row_id="own:bit", json=tool, headers={"If-Match": '"another"'}),
        415: as_described("create_run", content=json.dumps(green), headers={"Content-Type": "text/plain"}),
        422: as_described("create_run", json={}),
    }
    assert {status: answer.status_code for status, answer in refused.items()} == {status: status for status in refused}
    assert {answer.headers["Content-Type"] for answer in refused.values()} == {"application/problem+json"}
    assert as_described("get_tool", row_id="own:bit", headers={"If-None-Match": etag}).status_code == 304
    items = as_described("evaluate_feasibility_batch", json={"items": [green, {"design": 1}]}).json()["items"]
    assert [item["status"] for item in items] == [200, 422]


def test_every_input_says_what_it_is_and_what_becomes_without_it(described):
    tool = described["components"]["schemas"]["Tool"]["properties"]
    assert (
        tool["stickout_mm"]["description"] == "Collet face to tip. Absent where it is needed, the verdict is UNKNOWN."
    )
    assert tool["edge"]["description"] == "NEW, USED or DULL. Assumed USED when absent."
    assert tool["tip_angle_deg"]["description"] == "Included angle of a V-bit; absent counts as 90."


def test_a_problem_tells_by_which_types_a_program_knows_refusals(described):
    told = described["components"]["schemas"]["Problem"]["properties"]["type"]["description"]
    assert "- 409 `run-blocked`: This may not be cut\n" in told
    assert "- 412 `precondition-failed`: Precondition failed\n" in told
    assert "`busy`" not in told


def test_every_tag_says_what_it_is_of(described, operations):
    used = {tag for _, _, operation in operations.values() for tag in operation["tags"]}
    assert {tag["name"] for tag in described["tags"]} == used


def test_only_what_anybody_may_ask_needs_no_token(operations):
    free = {name for name, (_, _, operation) in operations.items() if not operation["security"]}
    assert free == {"get_health", "get_openapi"}


def test_every_answer_of_json_is_of_a_named_schema(operations):
    unnamed = [
        (name, status)
        for name, (_, _, operation) in operations.items()
        for status, answer in operation["responses"].items()
        for media_type, form in answer.get("content", {}).items()
        if media_type.endswith("json")
        and name != "get_openapi"
        and "$ref" not in (form["schema"].get("items") or form["schema"])
    ]
    assert unnamed == []


def test_a_replacement_says_that_if_match_is_optional(operations):
    (if_match,) = [each for each in operations["replace_tool"][2]["parameters"] if each["name"] == "If-Match"]
    assert not if_match["required"]
    assert "Without it" in if_match["description"]
