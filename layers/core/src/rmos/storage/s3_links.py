"""Presigned URLs to and from the blobs of one bucket. Signing takes no call; the bytes go between client and S3."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rmos.clock import now
from rmos.errors import BlobCorrupt, NotFound
from rmos.storage.links import BlobLinks, Link, Shown
from rmos.storage.ports import Blob
from rmos.storage.s3 import BLOB_PREFIX, blob_key, checksum_of, head_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PUT_S: Final = 900
"""How long an upload may wait to begin; S3 lets one that began go on."""
GET_S: Final = 300


class S3BlobLinks:
    """`BlobLinks` by presigned URLs.

    An upload's length, checksum and `If-None-Match: *` are signed: S3 itself refuses other bytes, and to overwrite.
    """

    def __init__(self, client: "S3Client", bucket_name: str, prefix: str = BLOB_PREFIX) -> None:
        self._client = client
        self._bucket_name = bucket_name
        self._prefix = prefix

    def to_put(self, blob: Blob) -> Link:
        """See `BlobLinks.to_put`."""
        checksum = checksum_of(blob.sha256)
        signed = {"ContentLength": blob.size_bytes, "ChecksumSHA256": checksum, "IfNoneMatch": "*"}
        headers = {"Content-Length": str(blob.size_bytes), "x-amz-checksum-sha256": checksum, "If-None-Match": "*"}
        return self._link("put_object", blob, signed, PUT_S, headers)

    def to_get(self, blob: Blob, shown: Shown) -> Link:
        """See `BlobLinks.to_get`."""
        if not self.is_stored(blob):
            raise NotFound(f"no blob {blob.sha256}")
        said = {"ResponseContentType": shown.media_type, "ResponseContentDisposition": shown.disposition}
        return self._link("get_object", blob, {**said, "ResponseCacheControl": "private, no-store"}, GET_S, {})

    def is_stored(self, blob: Blob) -> bool:
        """See `BlobLinks.is_stored`."""
        head = head_of(self._client, self._bucket_name, blob_key(blob.sha256, self._prefix))
        if head is None:
            return False
        if (head.get("ChecksumSHA256"), head["ContentLength"]) != (checksum_of(blob.sha256), blob.size_bytes):
            raise BlobCorrupt(blob.sha256)
        return True

    def _link(
        self, operation: str, blob: Blob, signed: dict[str, Any], expires_in_s: int, headers: dict[str, str]
    ) -> Link:
        expires_at = now() + timedelta(seconds=expires_in_s)
        params = {"Bucket": self._bucket_name, "Key": blob_key(blob.sha256, self._prefix), **signed}
        url = self._client.generate_presigned_url(operation, Params=params, ExpiresIn=expires_in_s)
        return Link(url, expires_at, headers)


if TYPE_CHECKING:
    _: type[BlobLinks] = S3BlobLinks
