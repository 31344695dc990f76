from collections.abc import Iterator

import pytest
from rmos.storage.ports import BlobStore, RecordStore

from tests.contract.aws_back_ends import dynamo, s3
from tests.contract.backends import BlobBackEnd, RecordBackEnd, files, sqlite

# A back-end and the fixture that is its place. Moto serves plain logic; races, transactions and digests are the
# emulator's.
RECORD_BACK_ENDS = [
    pytest.param((sqlite, "tmp_path"), id="sqlite"),
    pytest.param((dynamo, "moto_aws"), id="dynamo-moto"),
    pytest.param((dynamo, "emulated_aws"), id="dynamo-emulator", marks=pytest.mark.emulator),
]
BLOB_BACK_ENDS = [
    pytest.param((files, "tmp_path"), id="files"),
    pytest.param((s3, "moto_aws"), id="s3-moto"),
    pytest.param((s3, "emulated_aws"), id="s3-emulator", marks=pytest.mark.emulator),
]


@pytest.fixture(params=RECORD_BACK_ENDS)
def record_back_end(request: pytest.FixtureRequest) -> Iterator[RecordBackEnd]:
    begin, place = request.param
    with begin(request.getfixturevalue(place)) as back_end:
        yield back_end


@pytest.fixture
def records(record_back_end: RecordBackEnd) -> RecordStore:
    return record_back_end.records


@pytest.fixture
def racing(record_back_end: RecordBackEnd) -> RecordBackEnd:
    if not record_back_end.decides_races:
        pytest.skip("this stand-in does not isolate concurrent transactions")
    return record_back_end


@pytest.fixture
def many_commits(record_back_end: RecordBackEnd) -> None:
    """Leave out stand-ins on which hundreds of commits take minutes."""
    if not record_back_end.takes_many:
        pytest.skip("this stand-in copies its whole table for each transaction")


@pytest.fixture(params=BLOB_BACK_ENDS)
def blob_back_end(request: pytest.FixtureRequest) -> Iterator[BlobBackEnd]:
    begin, place = request.param
    with begin(request.getfixturevalue(place)) as back_end:
        yield back_end


@pytest.fixture
def blobs(blob_back_end: BlobBackEnd) -> BlobStore:
    return blob_back_end.blobs
