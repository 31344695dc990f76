"""HEAD is GET without its body (RFC 9110 section 9.3.2), errors included."""

import logging

import pytest


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/api/things/n", "viewer", 200),
        ("/api/things?limit=1", "viewer", 200),
        ("/api/things?limit=none", "viewer", 422),
        ("/api/things/n", None, 401),
        ("/api/things/boom", "viewer", 500),
        ("/api/things/busy", "viewer", 503),
        ("/nowhere", "viewer", 404),
    ],
)
def test_head_answers_as_get_does_without_a_body(caller, path, role, status):
    caller.post({"name": "n"})
    asked = {"X-Request-Id": "one"}
    got = caller.request("GET", path, role=role, headers=asked)
    head = caller.request("HEAD", path, role=role, headers=asked)

    assert (head.status_code, head.content) == (status, b"")
    assert got.content
    assert head.headers == got.headers


def test_head_tells_that_what_the_client_has_is_unchanged(caller):
    caller.post({"name": "n"})
    etag = caller.request("HEAD", "/api/things/n").headers["etag"]
    assert caller.request("HEAD", "/api/things/n", headers={"If-None-Match": etag}).status_code == 304


def test_allow_names_head_where_get_is_answered(caller):
    assert caller.request("DELETE", "/api/things/n").headers["allow"] == "GET, HEAD"


def test_the_log_tells_the_method_and_the_token(caller, caplog):
    caller.post({"name": "n"})
    with caplog.at_level(logging.INFO):
        caller.request("HEAD", "/api/things/n")
    line = caplog.records[-1]
    assert (line.method, line.status) == ("HEAD", 200)
    assert line.token_id in caller.tokens["operator"]
