"""Maintenance of the blob bucket: every object under `blobs/` as it is.

Needs s3:ListBucket, and s3:GetObject to read blobs whole.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rmos.storage.blob_places import is_sha256
from rmos.storage.ports import Blob
from rmos.storage.s3 import BLOB_PREFIX, S3BlobStore, blob_key
from rmos.storage.scan import BlobScan, Leftover, opens_whole

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef


class S3BlobScan:
    """`BlobScan` over one bucket."""

    def __init__(self, client: "S3Client", bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name
        self._store = S3BlobStore(client, bucket_name)

    def blobs(self) -> Iterator[Blob]:
        """See `BlobScan.blobs`."""
        for found in self._objects():
            if _is_blob(found["Key"]):
                yield Blob(_name(found["Key"]), found["Size"])

    def is_intact(self, sha256: str) -> bool:
        """See `BlobScan.is_intact`."""
        return opens_whole(self._store, sha256)

    def leftovers(self) -> Iterator[Leftover]:
        """Yield objects under `blobs/` that are no blobs: a stranger's, as a put leaves nothing half written."""
        for found in self._objects():
            if not _is_blob(found["Key"]):
                yield Leftover(found["Key"], found["Size"])

    def _objects(self) -> "Iterator[ObjectTypeDef]":
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket_name, Prefix=BLOB_PREFIX)
        for page in pages:
            yield from page.get("Contents", [])


def _is_blob(key: str) -> bool:
    return is_sha256(_name(key)) and key == blob_key(_name(key))


def _name(key: str) -> str:
    return key.rpartition("/")[2]


if TYPE_CHECKING:
    _: type[BlobScan] = S3BlobScan
