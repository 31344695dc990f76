"""What a function made for one download, in the bucket of the blobs and yet apart from them: it does not last."""

from typing import TYPE_CHECKING, BinaryIO, Final

from rmos.clock import now
from rmos.storage.links import Handover, Link, Shown
from rmos.storage.ports import Blob
from rmos.storage.s3 import S3BlobStore
from rmos.storage.s3_links import S3BlobLinks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PRODUCED_PREFIX: Final = "produced/"
"""The bucket's lifecycle rule removes what lies under it two days later; no role may delete."""


class S3Handover:
    """`Handover` by way of the bucket.

    The day is part of the key: what was made yesterday, and may go at any moment, is never pointed to again.
    """

    def __init__(self, client: "S3Client", bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def leave(self, source: BinaryIO, shown: Shown) -> tuple[Blob, Link]:
        """See `Handover.leave`."""
        prefix = f"{PRODUCED_PREFIX}{now():%Y-%m-%d}/"
        blob = S3BlobStore(self._client, self._bucket_name, prefix).put(source)
        return blob, S3BlobLinks(self._client, self._bucket_name, prefix).to_get(blob, shown)


if TYPE_CHECKING:
    _: type[Handover] = S3Handover
