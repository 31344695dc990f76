"""The front as Lambda calls it: no token, no data."""

import json

import pytest
from front.handler import handler
from front.routes import OPENAPI_FILE
from rmos.version import VERSION

from tests.support.gateway import GatewayClient


@pytest.fixture
def client():
    return GatewayClient(handler)


def test_it_says_that_it_is_up(client):
    reply = client.request("GET", "/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "OK", "version": VERSION})


def test_it_hands_out_the_document_of_all_areas(client):
    reply = client.request("GET", "/openapi.json")
    assert reply.json() == json.loads(OPENAPI_FILE.read_bytes())
    again = client.request("GET", "/openapi.json", {"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json"])
def test_a_monitor_may_ask_by_head(client, path):
    reply = client.request("HEAD", path)
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-length"] == client.request("GET", path).headers["content-length"]


@pytest.mark.parametrize("path", ["/", "/api", "/api/unknown", "/healthz/x", "/favicon.ico"])
def test_everything_else_is_a_404_problem(client, path):
    reply = client.request("GET", path)
    assert reply.status_code == 404
    assert reply.json()["type"] == "urn:rmos:problem:not-found"


def test_a_wrong_method_is_405(client):
    assert client.request("POST", "/healthz").status_code == 405
