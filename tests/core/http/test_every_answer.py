"""What holds for every endpoint, on ASGI and through the gateway's events alike."""

import asyncio
import json
import re

import pytest
from rmos.http.app import create_app
from rmos.http.json_input import MAX_BODY_BYTES
from rmos.identity import Role, create_token
from rmos.settings import Settings

from tests.core.http.conftest import ORIGIN, router

MINTED = re.compile(r"req_[0-9a-f]{32}")


def is_problem(reply, status, slug):
    document = reply.json()
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert document["type"] == f"urn:rmos:problem:{slug}"
    assert document["status"] == status
    assert document["instance"] == reply.headers["x-request-id"]
    assert {"title", "detail"} <= document.keys()
    return document


def test_a_fitting_request_id_is_taken_and_any_other_is_replaced(caller):
    for given in ("a", "A-1._b", "x" * 128):
        assert caller.request("GET", "/api/things", headers={"X-Request-Id": given}).headers["x-request-id"] == given
    for given in ("", "x" * 129, "a b", "a,b", "a/b"):
        got = caller.request("GET", "/api/things", headers={"X-Request-Id": given})
        assert MINTED.fullmatch(got.headers["x-request-id"])


def test_refusals_faults_and_preflights_carry_the_request_id_too(caller):
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answers = [
        caller.request("GET", "/api/things", role=None),
        caller.request("GET", "/nowhere"),
        caller.request("DELETE", "/api/things"),
        caller.request("GET", "/api/things/boom"),
        caller.request("OPTIONS", "/api/things", role=None, headers=preflight),
    ]
    assert [answer.status_code for answer in answers] == [401, 404, 405, 500, 200]
    assert all(MINTED.fullmatch(answer.headers["x-request-id"]) for answer in answers)


def test_what_a_request_creates_holds_its_request_id_and_the_tokens_name(caller):
    reply = caller.post({"name": "n"}, headers={"X-Request-Id": "mine-1"})
    assert reply.status_code == 201
    assert reply.json()["request_id"] == "mine-1"
    assert reply.json()["created_by"] == "a operator"
    assert reply.headers["location"] == "/api/things/n"


def test_an_unknown_path_and_a_wrong_method_are_problems(caller):
    is_problem(caller.request("GET", "/nowhere"), 404, "not-found")
    reply = caller.request("DELETE", "/api/things")
    is_problem(reply, 405, "method-not-allowed")
    assert reply.headers["allow"] == "GET, HEAD, POST"


def test_a_fault_says_nothing_of_its_inside(caller):
    reply = caller.request("GET", "/api/things/boom")
    is_problem(reply, 500, "internal")
    assert "secret" not in reply.text
    assert "Traceback" not in reply.text


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer rmos_", "Basic eDp5", "Bearer rmos_0_0", "bearer x"])
def test_no_token_or_a_bad_one_is_401_before_anything_else_is_looked_at(caller, header):
    headers = {} if header is None else {"Authorization": header}
    reply = caller.request("POST", "/api/things", role=None, body=b"{not json", headers=headers)
    is_problem(reply, 401, "unauthenticated")
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_token_with_one_wrong_digit_is_401(caller):
    token = caller.tokens["admin"]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    reply = caller.request("GET", "/api/things", role=None, headers={"Authorization": f"Bearer {wrong}"})
    is_problem(reply, 401, "unauthenticated")


def test_a_role_too_small_is_403_and_stores_nothing(caller):
    is_problem(caller.post({"name": "n"}, role="viewer"), 403, "forbidden")
    assert caller.stored() == []


def test_larger_roles_may_do_what_smaller_ones_may(caller):
    assert [caller.post({"name": role}, role=role).status_code for role in ("operator", "reviewer", "admin")] == [
        201
    ] * 3


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"name": "n", "extra": 1}', "/extra"),
        (b'{"name": "n", "sizes_mm": [1, NaN]}', "/sizes_mm/1"),
        (b'{"name": "n", "sizes_mm": [Infinity]}', "/sizes_mm/0"),
        (b'{"name": "n", "sizes_mm": [-Infinity]}', "/sizes_mm/0"),
        (b'{"name": "n", "sizes_mm": [1e999]}', "/sizes_mm/0"),
        (b'{"name": "n", "sizes_mm": [9007199254740992]}', "/sizes_mm/0"),
        (b'{"name": "n", "sizes_mm": ["1", true, "x"]}', "/sizes_mm/2"),
        (b'{"name": "\\ud800"}', "/name"),
        (b'{"name": "n", "\\udfff": 1}', ""),
        (b'{"name": "' + b"x" * 201 + b'"}', "/name"),
        (b'{"name": ""}', "/name"),
        (b"{}", "/name"),
        (b"", ""),
        (b"null", ""),
        (b"[]", ""),
        (b'{"name": "n", "name": "m"}', ""),
        (b'{"name": "n"', ""),
        (b'{"name": "\xff"}', ""),
        (b'{"name": ' + b"9" * 5_000 + b"}", ""),
        (b'{"a": ' + b"[" * 33 + b"]" * 33 + b"}", "/a" + "/0" * 31),
        (b"[" * 100_000, ""),
    ],
)
def test_input_that_breaks_a_rule_is_422_with_a_pointer_and_stores_nothing(caller, body, pointer):
    reply = caller.request("POST", "/api/things", body=body)
    problem = reply.json()
    assert reply.status_code == 422, reply.text
    assert pointer in [each["pointer"] for each in problem["errors"]], problem
    assert all(each["detail"] for each in problem["errors"])
    assert caller.stored() == []


def test_nesting_of_exactly_32_is_read(caller):
    body = b'{"name": "n", "colour": ' + b"[" * 31 + b"]" * 31 + b"}"
    reply = caller.request("POST", "/api/things", body=body)
    assert [each["pointer"] for each in reply.json()["errors"]] == ["/colour"]


def test_a_json_body_over_1_mib_is_413_and_stores_nothing(caller):
    def body(size):
        frame = b'{"name": "n", "note": ""}'
        return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]

    assert caller.request("POST", "/api/things", body=body(MAX_BODY_BYTES + 1)).status_code == 413
    assert caller.stored() == []
    assert caller.request("POST", "/api/things", body=body(MAX_BODY_BYTES)).status_code == 201


def test_a_body_that_is_not_declared_as_json_is_415(caller):
    reply = caller.request("POST", "/api/things", body=b'{"name": "n"}', headers={"Content-Type": "text/plain"})
    is_problem(reply, 415, "unsupported-media-type")


def test_query_parameters_are_checked_and_named(caller):
    for query, name in (("limit=0", "?limit"), ("limit=201", "?limit"), ("limit=x", "?limit"), ("cursor=", "?cursor")):
        reply = caller.request("GET", f"/api/things?{query}")
        assert reply.status_code == 422
        assert [each["pointer"] for each in reply.json()["errors"]] == [name]


def test_a_parameter_that_nothing_reads_is_refused(caller):
    reply = caller.request("GET", "/api/things?color=red&limit=2")
    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == ["?color"]


def test_origins_are_answered_by_allow_list_only(caller):
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    allowed = caller.request("OPTIONS", "/api/things", role=None, headers=preflight | {"Origin": ORIGIN})
    refused = caller.request(
        "OPTIONS", "/api/things", role=None, headers=preflight | {"Origin": "https://evil.example"}
    )
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    is_problem(refused, 403, "origin-refused")
    assert "access-control-allow-origin" not in refused.headers


def test_a_listed_page_may_read_the_headers_it_needs(caller):
    reply = caller.request("GET", "/api/things", headers={"Origin": ORIGIN})
    exposed = reply.headers["access-control-expose-headers"]
    assert all(name in exposed for name in ("X-Request-Id", "ETag", "Location", "Retry-After", "Content-Range"))
    stranger = caller.request("GET", "/api/things", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


def test_binary_bodies_come_back_byte_for_byte(caller):
    data = bytes(range(256)) * 1_000
    reply = caller.request("POST", "/api/things/echo", body=data, headers={"Content-Type": "application/octet-stream"})
    assert reply.content == data


def test_several_cookies_and_repeated_parameters_survive(caller):
    reply = caller.request("GET", "/api/things/cookies", headers={"Cookie": "k=v; l=w"})
    assert reply.json() == {"k": "v", "l": "w"}
    assert "a=1" in reply.headers["set-cookie"]
    assert "b=2" in reply.headers["set-cookie"]
    reply = caller.request("GET", "/api/things/query?a=1&a=2&b=%20x%2Fy")
    assert reply.json() == ["1", "2", " x/y"]


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_an_encoded_body_is_refused_rather_than_taken_for_another(caller, coding):
    answer = caller.post({"name": "a"}, headers={"Content-Encoding": coding})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert caller.stored() == []
    assert caller.post({"name": "a"}, headers={"Content-Encoding": "Identity"}).status_code == 201


def test_an_unchanged_resource_is_304_and_a_changed_one_is_sent(caller):
    caller.post({"name": "n"})
    first = caller.request("GET", "/api/things/n")
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[^"]+"', tag)
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = caller.request("GET", "/api/things/n", headers={"If-None-Match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = caller.request("GET", "/api/things/n", headers={"If-None-Match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)


def test_one_line_is_logged_per_request_with_its_id(caller, caplog):
    caplog.set_level("INFO", logger="rmos")
    caller.request("GET", "/api/things", headers={"X-Request-Id": "seen-1"})
    lines = [record for record in caplog.records if record.message == "request"]
    assert [(line.correlation_id, line.route, line.status) for line in lines] == [("seen-1", "/api/things", 200)]
    assert lines[0].duration_ms > 0


def test_a_fault_is_logged_with_its_stack_under_its_request_id(caller, caplog):
    caller.request("GET", "/api/things/boom", headers={"X-Request-Id": "seen-2"})
    (line,) = [record for record in caplog.records if record.message == "request failed"]
    assert line.correlation_id == "seen-2"
    assert "secret detail" in str(line.exc_info[1])


def test_a_busy_store_is_503_with_the_seconds_to_wait(caller):
    reply = caller.request("GET", "/api/things/busy")
    is_problem(reply, 503, "busy")
    assert int(reply.headers["retry-after"]) >= 1


def test_a_caller_who_goes_away_within_a_body_is_no_fault_of_ours(stores, caplog):
    app = create_app([router], lambda: stores, Settings())
    token = create_token(stores.records, "an operator", Role.OPERATOR)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "content-length": "9"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/things",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    arriving = [{"type": "http.request", "body": b'{"a"', "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return arriving.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))

    assert (sent[0]["status"], json.loads(sent[1]["body"])["type"]) == (400, "urn:rmos:problem:body-ended-early")
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


def test_damaged_bytes_are_a_500_of_their_own_and_an_incident_in_the_log(caller, caplog):
    is_problem(caller.request("GET", "/api/things/damaged"), 500, "blob-corrupt")
    (line,) = [record for record in caplog.records if record.message == "incident"]
    assert (line.levelname, line.slug, line.key) == ("CRITICAL", "blob-corrupt", "ab" * 32)
