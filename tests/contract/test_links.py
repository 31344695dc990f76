"""Links: ways past the server for large blobs, which let no other bytes in or out."""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from rmos.errors import BlobCorrupt, NotFound
from rmos.storage.links import Shown
from rmos.storage.ports import Blob

DATA = b"large bytes" * 1_000
BLOB = Blob(hashlib.sha256(DATA).hexdigest(), len(DATA))
SHOWN = Shown("text/x-gcode", "attachment; filename=\"a.nc\"; filename*=UTF-8''a.nc")


def put(link, data, **changed):
    headers = dict(link.headers) | {"Content-Length": str(len(data))} | changed
    return httpx2.put(link.url, content=data, headers={k: v for k, v in headers.items() if v is not None})


@pytest.fixture
def real_link(blob_back_end, request):
    """Make a link for bytes, on a back-end that has links and answers them over HTTP."""
    if "emulator" not in request.node.callspec.id:
        pytest.skip("only the emulator answers HTTP")
    return blob_back_end.links


def test_what_is_stored_whole_is_told_from_what_is_not(blob_back_end):
    assert not blob_back_end.links.is_stored(BLOB)
    blob_back_end.blobs.put(io.BytesIO(DATA))
    assert blob_back_end.links.is_stored(BLOB)


@pytest.mark.parametrize("altered", [DATA[:-1] + b"!", DATA + b"!", b""])
def test_other_bytes_under_the_digest_are_corrupt(blob_back_end, altered):
    blob_back_end.blobs.put(io.BytesIO(DATA))
    blob_back_end.alter(BLOB.sha256, altered)
    with pytest.raises(BlobCorrupt):
        blob_back_end.links.is_stored(BLOB)


def test_a_link_out_is_given_only_to_what_matches_its_digest(blob_back_end):
    if blob_back_end.links.to_put(BLOB) is None:
        assert blob_back_end.links.to_get(BLOB, SHOWN) is None
        return
    with pytest.raises(NotFound):
        blob_back_end.links.to_get(BLOB, SHOWN)
    blob_back_end.blobs.put(io.BytesIO(DATA))
    link = blob_back_end.links.to_get(BLOB, SHOWN)
    assert timedelta(0) < link.expires_at - datetime.now(UTC) <= timedelta(seconds=300)
    blob_back_end.alter(BLOB.sha256, DATA[:-1] + b"!")
    with pytest.raises(BlobCorrupt):
        blob_back_end.links.to_get(BLOB, SHOWN)


def test_a_link_in_signs_length_checksum_and_that_nothing_is_overwritten(blob_back_end):
    link = blob_back_end.links.to_put(BLOB)
    if link is not None:
        signed = httpx2.URL(link.url).params["X-Amz-SignedHeaders"].split(";")
        assert {name.lower() for name in link.headers} <= set(signed)
        assert {"content-length", "x-amz-checksum-sha256", "if-none-match"} <= set(signed)
        assert BLOB.sha256 in link.url


def test_bytes_go_in_and_come_out_by_links(real_link, blobs, blob_back_end):
    answer = put(real_link.to_put(BLOB), DATA)
    assert answer.status_code == 200, answer.text
    assert real_link.is_stored(BLOB)
    got = httpx2.get(real_link.to_get(BLOB, SHOWN).url)
    assert (got.status_code, got.content) == (200, DATA)
    assert got.headers["content-disposition"] == SHOWN.disposition


def test_other_bytes_are_refused_by_the_store(real_link):
    assert put(real_link.to_put(BLOB), DATA[:-1] + b"!").status_code >= 400
    assert not real_link.is_stored(BLOB)


def test_stored_bytes_are_not_overwritten(real_link):
    assert put(real_link.to_put(BLOB), DATA).status_code == 200
    assert put(real_link.to_put(BLOB), DATA).status_code == 412
    assert real_link.is_stored(BLOB)
