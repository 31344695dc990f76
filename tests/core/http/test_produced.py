import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from rmos.errors import Corrupt, TooLarge
from rmos.http import produced
from rmos.http.produced import MAX_INLINE_BYTES, Produced, produced_response
from rmos.storage.backend import Backend, open_local
from rmos.storage.links import Link

KIND = Produced("text/csv", "runs.csv", "Ask for less.")


class Bucket:
    """A bucket under a URL, whose blobs a test reads."""

    def __init__(self, blobs):
        self.blobs = blobs

    def leave(self, source, shown):
        blob = self.blobs.put(source)
        return blob, Link(f"https://bucket.test/{blob.sha256}?{shown.disposition}", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def local(tmp_path):
    opened = open_local(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def function(local):
    return Backend(local.records, local.blobs, handover=Bucket(local.blobs))


def answer(stores, pieces, accept="", kind=KIND, method="GET"):
    app = FastAPI()

    @app.api_route("/", methods=["GET", "HEAD"])
    def get(request: Request):
        return produced_response(request, iter(pieces), kind, stores)

    return TestClient(app, follow_redirects=False).request(method, "/", headers={"Accept": accept})


def test_one_machine_streams_whatever_comes(local):
    got = answer(local, [b"ab", b"c" * MAX_INLINE_BYTES])
    assert (got.status_code, len(got.content)) == (200, MAX_INLINE_BYTES + 2)
    assert got.headers["content-disposition"].startswith('attachment; filename="runs.csv"')
    assert got.headers["x-content-type-options"] == "nosniff"
    assert answer(local, []).content == b""


def test_a_fault_before_the_first_piece_is_an_error_and_a_later_one_ends_the_answer(local):
    def broken(before):
        yield from before
        raise Corrupt("run/run_1")

    request = Request({"type": "http", "method": "GET", "headers": []})
    with pytest.raises(Corrupt):
        produced_response(request, broken([]), KIND, local)
    with pytest.raises(Corrupt):
        answer(local, broken([b"ab"]))


def test_a_function_answers_what_fits_and_sends_to_a_link_what_does_not(local, function):
    fits = answer(function, [b"a" * MAX_INLINE_BYTES])
    assert (fits.status_code, len(fits.content)) == (200, MAX_INLINE_BYTES)
    beyond = answer(function, [b"a" * MAX_INLINE_BYTES, b"b"])
    assert (beyond.status_code, beyond.headers["cache-control"], beyond.headers["vary"]) == (307, "no-store", "Accept")
    sha256 = beyond.headers["location"].removeprefix("https://bucket.test/").partition("?")[0]
    with local.blobs.open(sha256) as stream:
        assert stream.read() == b"a" * MAX_INLINE_BYTES + b"b"
    told = answer(function, [b"a" * MAX_INLINE_BYTES, b"b"], "application/json")
    assert (told.status_code, json.loads(told.text)["sha256"]) == (200, sha256)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 307),
        ("*/*", 307),
        ("application/*", 307),
        ("Application/JSON", 200),
        ("application/json, text/plain, */*", 200),
        ("application/json;q=0, */*", 307),
        ("application/json;q=0.1, text/csv", 307),
        ("application/json-patch+json", 307),
    ],
)
def test_who_asks_for_json_rather_than_the_bytes_is_told_the_link(function, accept, status):
    assert answer(function, [b"a" * MAX_INLINE_BYTES, b"b"], accept).status_code == status


def test_json_that_was_asked_for_is_a_link_even_where_the_bytes_are_json_themselves(function):
    kind = Produced("application/json", "runs.json", "Ask for less.")
    assert answer(function, [b"a" * MAX_INLINE_BYTES, b"b"], "application/json", kind).status_code == 200


def test_what_a_function_cannot_make_is_refused_with_what_helps(local, function, monkeypatch):
    monkeypatch.setattr(produced, "MAX_PRODUCED_BYTES", 3)
    with pytest.raises(TooLarge, match="Ask for less"):
        answer(function, [b"ab", b"cd"])
    known = replace(KIND, least_bytes=4)
    untouched = iter([b"ab"])
    with pytest.raises(TooLarge, match="Ask for less"):
        answer(function, untouched, kind=known)
    assert list(untouched) == [b"ab"]
    assert answer(local, [b"ab", b"cd"], kind=known).content == b"abcd"
    monkeypatch.setattr(produced, "MAX_PRODUCED_S", -1.0)
    with pytest.raises(TooLarge, match="Ask for less"):
        answer(function, [b"ab"])


@pytest.mark.parametrize("where", ["local", "function"])
def test_head_tells_the_headers_of_get_and_has_nothing_made_or_kept(where, request):
    stores = request.getfixturevalue(where)
    pieces = iter([b"first", b"a" * MAX_INLINE_BYTES])
    got, head = answer(stores, [b"first"]), answer(stores, pieces, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    told = dict(got.headers)
    told.pop("content-length", None)
    assert dict(head.headers) == told
    assert list(pieces) == [b"a" * MAX_INLINE_BYTES]
    assert stores.blobs.stat(hashlib.sha256(b"first" + b"a" * MAX_INLINE_BYTES).hexdigest()) is None


def test_what_head_would_be_refused_is_what_get_is(function, monkeypatch):
    monkeypatch.setattr(produced, "MAX_PRODUCED_BYTES", 3)
    for method in ("GET", "HEAD"):
        with pytest.raises(TooLarge, match="at most 3 bytes, and for 18 s"):
            answer(function, [b"ab"], kind=replace(KIND, least_bytes=4), method=method)


def test_only_the_bytes_themselves_carry_their_tag_and_may_be_kept_under_it(function):
    kind = replace(KIND, etag='"t"')
    fits, beyond = answer(function, [b"a"], kind=kind), answer(function, [b"a" * MAX_INLINE_BYTES, b"b"], kind=kind)
    assert (fits.headers["etag"], fits.headers["cache-control"]) == ('"t"', "private, no-cache")
    assert (beyond.status_code, "etag" in beyond.headers, beyond.headers["cache-control"]) == (307, False, "no-store")
    assert answer(function, [b"a"]).headers["cache-control"] == "private, no-store"
