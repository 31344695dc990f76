"""The two stores of one installation, opened for one machine or for AWS."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rmos.settings import Settings, Storage
from rmos.storage.links import BlobLinks, Handover, ThroughServer
from rmos.storage.ports import BlobStore, RecordStore

DATABASE_NAME = "rmos.sqlite3"
BLOBS_NAME = "blobs"
"""What lies in a data folder: records and queue, and the blobs."""


def _nothing_to_close() -> None:
    """Do nothing: AWS clients live as long as their process."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Records and blobs that belong together, with the links to large blobs; `close` ends what was opened for them.

    With a `handover` large answers are left there; without one they are streamed.
    """

    records: RecordStore
    blobs: BlobStore
    close: Callable[[], None] = _nothing_to_close
    blob_links: BlobLinks | None = None
    handover: Handover | None = None

    @property
    def links(self) -> BlobLinks:
        """The ways past the server; without any of their own the bytes go through it."""
        return self.blob_links or ThroughServer(self.blobs)


def open_local(data_dir: Path) -> Backend:
    """Open, or begin, the stores under `data_dir`.

    Raises:
        OSError: the folder cannot be made or written.
    """
    from rmos.storage.files import FileBlobStore  # noqa: PLC0415  # a Lambda function never needs these
    from rmos.storage.sqlite import SqliteRecordStore  # noqa: PLC0415

    data_dir.mkdir(parents=True, exist_ok=True)
    blobs = FileBlobStore(data_dir / BLOBS_NAME)
    records = SqliteRecordStore(data_dir / DATABASE_NAME, blobs)
    return Backend(records, blobs, records.close)


def open_aws(settings: Settings) -> Backend:
    """Open the table and bucket that the settings name; nothing is called yet."""
    from rmos.storage.aws import LateClient, client  # noqa: PLC0415  # botocore costs 0.3 s, which one machine never pays
    from rmos.storage.dynamo import DynamoRecordStore  # noqa: PLC0415
    from rmos.storage.s3 import S3BlobStore  # noqa: PLC0415
    from rmos.storage.s3_handover import S3Handover  # noqa: PLC0415
    from rmos.storage.s3_links import S3BlobLinks  # noqa: PLC0415

    bucket: Any = LateClient("s3")  # most requests touch no blob
    blobs = S3BlobStore(bucket, settings.bucket_name)
    records = DynamoRecordStore(client("dynamodb"), settings.table_name, blobs)
    links, handover = S3BlobLinks(bucket, settings.bucket_name), S3Handover(bucket, settings.bucket_name)
    return Backend(records, blobs, blob_links=links, handover=handover)


def open_configured(settings: Settings) -> Backend:
    """Open what the settings name."""
    if settings.storage is Storage.LOCAL:
        return open_local(settings.data_dir)
    return open_aws(settings)
