"""Blobs: kept once under their digest, verified before the first byte is served."""

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rmos.errors import BlobCorrupt, Invalid, NotFound
from rmos.storage.ports import Blob

HOSTILE = [
    "",
    "..",
    "../../../etc/passwd",
    "/etc/passwd",
    "a" * 63,
    "a" * 65,
    "A" * 64,
    "g" * 64,
    "a" * 63 + "\n",
    "a" * 64 + "\n",
    "a" * 62 + "\x00a",
    "../" + "a" * 61,
    "\u0660" * 64,
    "a" * 32 + "/" + "a" * 31,
]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@given(data=st.binary(max_size=5_000))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_come_back_under_their_digest(blobs, data):
    blob = blobs.put(io.BytesIO(data))

    assert blob == Blob(sha256(data), len(data))
    assert blobs.stat(blob.sha256) == blob
    with blobs.open(blob.sha256) as stream:
        assert stream.read() == data


def test_a_long_blob_is_copied_whole_and_its_stream_can_seek(blobs):
    data = bytes(range(256)) * 4 * 3_000
    blob = blobs.put(io.BytesIO(data))

    with blobs.open(blob.sha256) as stream:
        assert stream.seekable()
        stream.seek(1_000_000)
        assert stream.read(5) == data[1_000_000:1_000_005]
        stream.seek(0)
        assert sha256(stream.read()) == blob.sha256


def test_a_source_is_kept_from_its_position_on(blobs):
    source = io.BytesIO(b"skipped kept")
    source.seek(8)

    assert blobs.put(source).sha256 == sha256(b"kept")


def test_a_source_that_yields_little_at_a_time_is_kept_whole(blobs):
    class Dripping(io.RawIOBase):
        def __init__(self):
            self.left = list(b"drop by drop")

        def readable(self):
            return True

        def readinto(self, buffer):
            if not self.left:
                return 0
            buffer[0] = self.left.pop(0)
            return 1

    assert blobs.put(Dripping()).sha256 == sha256(b"drop by drop")


def test_the_same_bytes_again_change_nothing(blob_back_end):
    first = blob_back_end.blobs.put(io.BytesIO(b"again"))
    second = blob_back_end.blobs.put(io.BytesIO(b"again"))

    assert first == second
    assert blob_back_end.open_again().stat(first.sha256) == first


def test_a_blob_that_fails_while_it_is_read_in_leaves_none(blobs):
    class Failing(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            raise ConnectionResetError("the client went away")

    with pytest.raises(ConnectionResetError):
        blobs.put(io.BufferedReader(Failing()))

    assert blobs.stat(sha256(b"")) is None


def test_an_unknown_blob_is_not_found(blobs):
    assert blobs.stat("0" * 64) is None
    with pytest.raises(NotFound):
        blobs.open("0" * 64)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_digest_is_invalid(blobs, name):
    with pytest.raises(Invalid, match="64 digits of 0-9 a-f"):
        blobs.open(name)
    with pytest.raises(Invalid, match="64 digits of 0-9 a-f"):
        blobs.stat(name)


@pytest.mark.parametrize("altered", [b"Bytes", b"bytes\n", b"byte", b""])
def test_altered_bytes_are_never_served(blob_back_end, altered):
    blob = blob_back_end.blobs.put(io.BytesIO(b"bytes"))
    blob_back_end.alter(blob.sha256, altered)

    with pytest.raises(BlobCorrupt) as caught:
        blob_back_end.blobs.open(blob.sha256)

    assert caught.value.key == blob.sha256


def test_one_altered_byte_at_the_end_of_a_long_blob_is_noticed_before_the_first_is_served(blob_back_end):
    data = b"x" * 3_000_000
    blob = blob_back_end.blobs.put(io.BytesIO(data))
    blob_back_end.alter(blob.sha256, data[:-1] + b"y")

    with pytest.raises(BlobCorrupt):
        blob_back_end.blobs.open(blob.sha256)


def test_a_lost_blob_is_not_found(blob_back_end):
    blob = blob_back_end.blobs.put(io.BytesIO(b"bytes"))
    blob_back_end.lose(blob.sha256)

    with pytest.raises(NotFound):
        blob_back_end.blobs.open(blob.sha256)


def test_many_that_put_the_same_bytes_at_once_all_succeed(blobs):
    data = b"shared" * 50_000
    barrier = threading.Barrier(6)

    def put(_):
        barrier.wait()
        return blobs.put(io.BytesIO(data))

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(put, range(6)))

    assert results == [Blob(sha256(data), len(data))] * 6
    with blobs.open(sha256(data)) as stream:
        assert stream.read() == data
