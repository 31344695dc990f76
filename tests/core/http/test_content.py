"""Stored bytes as an answer."""

import base64
import hashlib
import io
import re

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from rmos.errors import RmosError
from rmos.http.content import Content, Disposition, content_disposition, content_response, safe_filename
from rmos.http.problems import on_rmos_error
from rmos.http.request_id import RequestIdMiddleware

DATA = bytes(range(256)) * 700
SHA256 = hashlib.sha256(DATA).hexdigest()
ETAG = f'"{SHA256}"'

app = FastAPI()
app.add_exception_handler(RmosError, on_rmos_error)
app.add_middleware(RequestIdMiddleware)


@app.api_route("/blob", methods=["GET", "HEAD"])
def blob(request: Request):
    return content_response(request, Content(SHA256, len(DATA), "text/x-gcode", "a.nc"), io.BytesIO(DATA))


@pytest.fixture
def client():
    return TestClient(app)


def test_content_carries_its_digest_and_is_harmless_to_a_browser(client):
    reply = client.get("/blob")
    assert reply.content == DATA
    assert reply.headers["content-type"] == "text/x-gcode", "no charset that nobody told"
    digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    assert reply.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert reply.headers["etag"] == ETAG
    assert reply.headers["content-length"] == reply.headers["x-content-size"] == str(len(DATA))
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert reply.headers["content-disposition"].startswith("attachment;")


def test_head_says_the_same_without_the_bytes(client):
    got, head = client.get("/blob"), client.head("/blob")
    assert head.content == b""
    differing = {"x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in differing} == {
        k: v for k, v in got.headers.items() if k not in differing
    }


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=179000-", (179000, len(DATA))),
        ("bytes=-5", (len(DATA) - 5, len(DATA))),
        ("bytes=-999999", (0, len(DATA))),
        ("bytes=5-99999999", (5, len(DATA))),
    ],
)
def test_one_range_is_206_with_its_place(client, asked, span):
    reply = client.get("/blob", headers={"Range": asked})
    assert reply.status_code == 206
    assert reply.content == DATA[slice(*span)]
    assert reply.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/{len(DATA)}"
    assert reply.headers["content-length"] == str(span[1] - span[0])


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=", "bytes=-", "bytes=9-3", "x"])
def test_what_is_no_single_range_gets_the_whole(client, asked):
    reply = client.get("/blob", headers={"Range": asked})
    assert (reply.status_code, reply.content) == (200, DATA)


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=-0"])
def test_a_range_past_the_end_is_416(client, asked):
    reply = client.get("/blob", headers={"Range": asked})
    assert reply.status_code == 416
    assert reply.headers["content-range"] == f"bytes */{len(DATA)}"
    assert reply.json()["type"] == "urn:rmos:problem:range-not-satisfiable"


def test_a_range_of_other_content_gets_the_whole(client):
    assert client.get("/blob", headers={"Range": "bytes=0-1", "If-Range": '"old"'}).status_code == 200
    assert client.get("/blob", headers={"Range": "bytes=0-1", "If-Range": ETAG}).status_code == 206


def test_content_one_has_already_is_304(client):
    reply = client.get("/blob", headers={"If-None-Match": ETAG})
    assert (reply.status_code, reply.content) == (304, b"")


@given(st.text(max_size=300))
def test_any_name_becomes_one_harmless_header(name):
    header = content_disposition(Disposition.ATTACHMENT, name)
    assert header.isascii()
    assert header.isprintable()
    assert re.fullmatch(r"attachment; filename=\"[^\"\\/]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+", header)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\tmp\\a.nc", "a.nc"),
        ('a"b\r\nSet-Cookie: x', "abSet-Cookie x"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("two\u2028lines\u2029or\x85more", "twolinesormore"),
        ("...", "file"),
        ("", "file"),
        ("Rosette für Zoë.svg", "Rosette für Zoë.svg"),
    ],
)
def test_names_lose_paths_quotes_controls_and_direction_marks(name, safe):
    assert safe_filename(name) == safe
