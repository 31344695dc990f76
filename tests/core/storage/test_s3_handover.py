"""What a function leaves in the bucket for one download."""

import io
from datetime import UTC, datetime

import pytest
from rmos.canonical import sha256_of_bytes
from rmos.storage import s3_handover
from rmos.storage.links import Shown
from rmos.storage.ports import Blob
from rmos.storage.s3_handover import S3Handover
from rmos.storage.s3_scan import S3BlobScan

DATA = b"an export"
SHOWN = Shown("text/csv", 'attachment; filename="runs.csv"')


@pytest.fixture
def handover(moto_stores):
    return S3Handover(moto_stores.s3, moto_stores.bucket_name)


@pytest.fixture
def keys(moto_stores):
    def listed():
        found = moto_stores.s3.list_object_versions(Bucket=moto_stores.bucket_name)
        return [version["Key"] for version in found.get("Versions", [])]

    return listed


def test_it_lies_apart_from_the_blobs_and_is_none_of_them(handover, moto_stores, keys):
    blob, link = handover.leave(io.BytesIO(DATA), SHOWN)
    assert blob == Blob(sha256_of_bytes(DATA), len(DATA))
    (key,) = keys()
    assert key.startswith("produced/")
    assert key in link.url
    assert moto_stores.blobs.stat(blob.sha256) is None
    scan = S3BlobScan(moto_stores.s3, moto_stores.bucket_name)
    assert (list(scan.blobs()), list(scan.leftovers())) == ([], [])


def test_the_same_is_left_once_a_day_and_never_under_yesterdays_name(handover, keys, monkeypatch):
    for day in (1, 1, 2):
        monkeypatch.setattr(s3_handover, "now", lambda day=day: datetime(2026, 3, day, 23, 59, tzinfo=UTC))
        handover.leave(io.BytesIO(DATA), SHOWN)
    assert sorted(key.split("/")[1] for key in keys()) == ["2026-03-01", "2026-03-02"]
