"""Attachments of the largest inline size through Mangum and Lambda's own runtime and limits, byte for byte."""

import base64
import hashlib
import json
import random
from urllib.parse import quote

import pytest
from rmos.identity import Role

from tests.stack.conftest import Stack
from tests.support.gateway import event_of
from tests.support.template import ROOT

pytestmark = pytest.mark.stack

GREEN = json.loads((ROOT / "docs" / "examples" / "classical-green.json").read_text())
INLINE_BYTES = 4_194_304
LAMBDA_BYTES = 6 * 1024 * 1024
LARGEST = {
    "bytes of a photograph": ("image/jpeg", random.Random(2).randbytes(INLINE_BYTES)),
    "a program of G-code": ("text/x-gcode", (b"G1 X-1.234 Y5.678\r\n" * 300_000)[:INLINE_BYTES]),
    "text that JSON writes six times as long": ("text/plain; charset=utf-8", b"\x01" * INLINE_BYTES),
    "text that is no UTF-8": ("text/plain", b"\xff" * INLINE_BYTES),
    "text of four bytes a letter": ("text/plain; charset=utf-8", "𝄞".encode() * (INLINE_BYTES // 4)),
    "JSON that is all quotation marks": ("application/json", b'["' + b'","' * ((INLINE_BYTES - 4) // 3) + b'"]'),
}


@pytest.fixture(scope="module")
def run_id(anonymous, bearer):
    return anonymous.post("/api/runs", json=GREEN, headers=bearer[Role.OPERATOR]).json()["run_id"]


@pytest.fixture(scope="module")
def call(stack: Stack, bearer):
    """Hand a request to the built function as the gateway does, and return its answer with the body in bytes."""

    def called(method, path, body=b"", **headers):
        event = json.dumps(event_of(method, path, {**bearer[Role.OPERATOR], **headers}, body)).encode()
        raw = stack.pool.invoke("RunsFunction", event)
        assert len(raw) <= LAMBDA_BYTES
        answer = json.loads(raw)
        text = answer.get("body") or ""
        return answer | {"content": base64.b64decode(text) if answer["isBase64Encoded"] else text.encode()}

    return called


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_inline_file_goes_in_and_comes_out_byte_for_byte(call, run_id, name):
    media_type, body = LARGEST[name]
    sha256 = hashlib.sha256(body).hexdigest()
    path = f"/api/runs/{run_id}/attachments"
    stored = call("POST", f"{path}?kind=FILE&filename={quote(name)}", body, **{"content-type": media_type})
    assert stored["statusCode"] == 201, stored["content"]
    assert json.loads(stored["content"])["sha256"] == sha256
    got = call("GET", f"{path}/{sha256}")
    assert (got["statusCode"], got["headers"]["content-type"]) == (200, media_type)
    assert got["content"] == body


def test_one_byte_more_is_told_how_to_come_in(call, run_id):
    path = f"/api/runs/{run_id}/attachments"
    refused = call("POST", f"{path}?kind=FILE&filename=a", b"x" * (INLINE_BYTES + 1))
    problem = json.loads(refused["content"])
    assert (refused["statusCode"], problem["type"]) == (413, "urn:rmos:problem:too-large")
    assert (problem["max_bytes"], problem["uploads"]) == (INLINE_BYTES, f"{path}/uploads")
    assert f"POST {path}/uploads" in problem["detail"]
    digest = hashlib.sha256(b"x" * (INLINE_BYTES + 1)).hexdigest()
    file = {"kind": "FILE", "filename": "a", "size_bytes": INLINE_BYTES + 1, "sha256": digest}
    announced = call("POST", problem["uploads"], json.dumps(file).encode(), **{"content-type": "application/json"})
    assert announced["statusCode"] == 201
    assert json.loads(announced["content"])["target"]["method"] == "PUT"
