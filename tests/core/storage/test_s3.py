"""What only the S3 back-end promises: its keys, its headers, its copies, and what S3's refusals become."""

import base64
import hashlib
import io
import tempfile
import threading
import tracemalloc

import pytest
from botocore.exceptions import ClientError
from rmos.errors import BlobCorrupt, Busy
from rmos.storage import backoff
from rmos.storage.s3_scan import S3BlobScan
from rmos.storage.scan import Leftover

HELLO = hashlib.sha256(b"hello").hexdigest()
HELLO_KEY = f"blobs/{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"


def versions(stores, key):
    return stores.s3.list_object_versions(Bucket=stores.bucket_name, Prefix=key).get("Versions", [])


def test_a_blob_stands_under_its_digest(moto_stores):
    moto_stores.blobs.put(io.BytesIO(b"hello"))

    listed = moto_stores.s3.list_objects_v2(Bucket=moto_stores.bucket_name)["Contents"]
    assert [found["Key"] for found in listed] == [HELLO_KEY]


def test_every_put_is_create_only_and_carries_its_digest(moto_stores):
    requests = []
    moto_stores.s3.meta.events.register(
        "before-call.s3.PutObject", lambda params, **_: requests.append(params["headers"])
    )

    moto_stores.blobs.put(io.BytesIO(b"hello"))

    (headers,) = requests
    assert headers["If-None-Match"] == "*"
    assert base64.b64decode(headers["x-amz-checksum-sha256"]).hex() == HELLO
    assert headers["Content-Length"] == "5"


def refusing(client, operation, code, status, times):
    left = [times]

    def refuse(**_):
        if left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)

    client.meta.events.register(f"before-call.s3.{operation}", refuse)
    return left


def test_a_put_that_meets_another_is_tried_again(moto_stores):
    left = refusing(moto_stores.s3, "PutObject", "ConditionalRequestConflict", 409, 3)

    assert moto_stores.blobs.put(io.BytesIO(b"hello")).sha256 == HELLO

    assert left == [0]
    with moto_stores.blobs.open(HELLO) as stream:
        assert stream.read() == b"hello"


def test_the_attempt_after_one_that_was_sent_sends_all_again(moto_stores):
    refused = []

    def take_back(parsed, http_response, **_):
        if not refused:
            refused.append(parsed)
            moto_stores.s3.delete_object(Bucket=moto_stores.bucket_name, Key=HELLO_KEY)
            parsed["Error"] = {"Code": "ConditionalRequestConflict"}
            http_response.status_code = 409

    moto_stores.s3.meta.events.register("after-call.s3.PutObject", take_back)

    moto_stores.blobs.put(io.BytesIO(b"hello"))

    with moto_stores.blobs.open(HELLO) as stream:
        assert stream.read() == b"hello"


def test_bytes_that_differ_from_their_checksum_at_s3_are_not_served(moto_stores):
    """Moto keeps a wrong checksum, as a fault on the way from S3 would show; botocore finds it first."""
    wrong = base64.b64encode(hashlib.sha256(b"HELLO").digest()).decode()
    moto_stores.s3.put_object(
        Bucket=moto_stores.bucket_name,
        Key=HELLO_KEY,
        Body=b"hello",
        ChecksumAlgorithm="SHA256",
        ChecksumSHA256=wrong,
    )

    with pytest.raises(BlobCorrupt):
        moto_stores.blobs.open(HELLO)


def test_a_bucket_that_stays_busy_is_busy(moto_stores, monkeypatch):
    monkeypatch.setattr(backoff, "GIVE_UP_S", 0.05)
    refusing(moto_stores.s3, "PutObject", "ConditionalRequestConflict", 409, 1_000)
    with pytest.raises(Busy):
        moto_stores.blobs.put(io.BytesIO(b"hello"))

    refusing(moto_stores.s3, "GetObject", "SlowDown", 503, 1)
    with pytest.raises(Busy):
        moto_stores.blobs.open(HELLO)


def test_other_refusals_rise_as_they_are(moto_stores):
    refusing(moto_stores.s3, "PutObject", "AccessDenied", 403, 1)

    with pytest.raises(ClientError):
        moto_stores.blobs.put(io.BytesIO(b"hello"))


def test_a_whole_object_under_a_strange_digest_is_not_served(moto_stores):
    moto_stores.s3.put_object(Bucket=moto_stores.bucket_name, Key=HELLO_KEY, Body=b"HELLO")

    with pytest.raises(BlobCorrupt):
        moto_stores.blobs.open(HELLO)


def test_memory_stays_flat_in_the_size(moto_stores):
    size_bytes = 96 * 1024 * 1024
    tracemalloc.start()
    try:
        refusing(moto_stores.s3, "PutObject", "PreconditionFailed", 412, 1)  # moto itself keeps all in memory
        moto_stores.blobs.put(Zeros(size_bytes))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < size_bytes / 4


def test_a_source_that_can_be_read_twice_is_sent_without_a_copy(moto_stores, monkeypatch, tmp_path):
    data = bytes(9 * 1024 * 1024)
    refusing(moto_stores.s3, "PutObject", "PreconditionFailed", 412, 1)  # moto itself makes copies
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no disk"))
    assert moto_stores.blobs.put(io.BytesIO(data)).size_bytes == len(data)
    with pytest.raises(FileNotFoundError):
        moto_stores.blobs.put(Zeros(len(data)))


class Zeros(io.RawIOBase):
    """So many zero bytes, made as they are read."""

    def __init__(self, size_bytes):
        self.left = size_bytes

    def read(self, size=-1):
        taken = self.left if size < 0 else min(size, self.left)
        self.left -= taken
        return bytes(taken)


@pytest.mark.emulator
def test_the_same_bytes_make_one_version(emulated_stores):
    for _ in range(3):
        emulated_stores.blobs.put(io.BytesIO(b"hello"))

    assert len(versions(emulated_stores, HELLO_KEY)) == 1


@pytest.mark.emulator
def test_many_writers_of_the_same_bytes_make_one_version(emulated_stores):
    start = threading.Barrier(8)
    kept = []

    def put():
        start.wait()
        kept.append(emulated_stores.blobs.put(io.BytesIO(b"hello")).sha256)

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept == [HELLO] * 8
    assert len(versions(emulated_stores, HELLO_KEY)) == 1


@pytest.mark.emulator
def test_s3_itself_refuses_bytes_that_are_not_their_key(emulated_stores, monkeypatch):
    def other_bytes(params, **_):
        params["Body"] = io.BytesIO(b"HELLO")

    emulated_stores.s3.meta.events.register("provide-client-params.s3.PutObject", other_bytes)

    with pytest.raises(ClientError):
        emulated_stores.blobs.put(io.BytesIO(b"hello"))

    assert versions(emulated_stores, HELLO_KEY) == []


@pytest.mark.emulator
def test_a_checksum_at_s3_that_differs_from_the_key_is_told_without_reading(emulated_stores):
    other = base64.b64encode(hashlib.sha256(b"HELLO").digest()).decode()
    emulated_stores.s3.put_object(
        Bucket=emulated_stores.bucket_name, Key=HELLO_KEY, Body=b"HELLO", ChecksumSHA256=other
    )

    with pytest.raises(BlobCorrupt):
        emulated_stores.blobs.stat(HELLO)
    with pytest.raises(BlobCorrupt):
        emulated_stores.blobs.open(HELLO)


@pytest.mark.emulator
def test_a_large_blob_comes_back_whole(emulated_stores):
    data = bytes(range(256)) * 64 * 1024 * 2

    blob = emulated_stores.blobs.put(io.BytesIO(data))

    assert blob.size_bytes == 32 * 1024 * 1024
    with emulated_stores.blobs.open(blob.sha256) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == blob.sha256


def test_the_scan_tells_blobs_from_strangers(moto_stores):
    blob = moto_stores.blobs.put(io.BytesIO(b"hello"))
    strange = f"blobs/00/00/{HELLO}"
    for key in (strange, "blobs/readme.txt", "elsewhere/x"):
        moto_stores.s3.put_object(Bucket=moto_stores.bucket_name, Key=key, Body=b"x")
    scan = S3BlobScan(moto_stores.s3, moto_stores.bucket_name)

    assert list(scan.blobs()) == [blob]
    assert [(found.name, found.size_bytes) for found in scan.leftovers()] == [(strange, 1), ("blobs/readme.txt", 1)]
    assert all(isinstance(found, Leftover) for found in scan.leftovers())
