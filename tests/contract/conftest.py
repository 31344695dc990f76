from collections.abc import Iterator
from pathlib import Path

import pytest
from rmos.storage.ports import BlobStore, RecordStore

from tests.contract.backends import BLOB_BACK_ENDS, RECORD_BACK_ENDS, BlobBackEnd, RecordBackEnd


@pytest.fixture(params=RECORD_BACK_ENDS)
def record_back_end(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordBackEnd]:
    with request.param(tmp_path) as back_end:
        yield back_end


@pytest.fixture
def records(record_back_end: RecordBackEnd) -> RecordStore:
    return record_back_end.records


@pytest.fixture
def racing(record_back_end: RecordBackEnd) -> RecordBackEnd:
    if not record_back_end.decides_races:
        pytest.skip("this stand-in does not isolate concurrent transactions")
    return record_back_end


@pytest.fixture(params=BLOB_BACK_ENDS)
def blob_back_end(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobBackEnd]:
    with request.param(tmp_path) as back_end:
        yield back_end


@pytest.fixture
def blobs(blob_back_end: BlobBackEnd) -> BlobStore:
    return blob_back_end.blobs
