"""Blobs in one S3 bucket, under `blobs/ab/cd/<sha256>`.

The role needs s3:PutObject and s3:GetObject on `blobs/*`, and s3:ListBucket on the bucket: without the last S3 answers
403 for what is not there. A blob of 8 MB and more passes through the temporary folder when it is read, and when it
comes from a source that cannot be read twice; in Lambda that is the function's ephemeral storage.
"""

import base64
import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import ClientError, FlexibleChecksumError

from rmos.errors import BlobCorrupt, NotFound
from rmos.storage.backoff import Backoff
from rmos.storage.blob_places import place_of
from rmos.storage.outages import outages_as_busy
from rmos.storage.ports import Blob, BlobStore

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

BLOB_PREFIX = "blobs/"

_IN_MEMORY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024

_EXISTS = "PreconditionFailed"
_WRITTEN_AT_ONCE = "ConditionalRequestConflict"
_MISSING = {"NoSuchKey", "404", "NotFound"}


class S3BlobStore:
    """`BlobStore` over one bucket, or what lies under a prefix of it.

    The client's own retries and time-outs apply; an outage or throttling that lasts longer is Busy. A put that ended so
    may be there all the same, and putting the same bytes again finds it.
    """

    def __init__(self, client: "S3Client", bucket_name: str, prefix: str = BLOB_PREFIX) -> None:
        self._client = client
        self._bucket_name = bucket_name
        self._prefix = prefix

    def put(self, source: BinaryIO) -> Blob:
        """See `BlobStore.put`; one PutObject (up to 5 GB), which S3 refuses unless the bytes match their digest."""
        with _rereadable(source) as body:
            blob = _hashed(body)
            backoff = Backoff()
            while not self._try_to_put(blob, body):
                backoff.wait()
        return blob

    def open(self, sha256: str) -> BinaryIO:
        """See `BlobStore.open`."""
        key = blob_key(sha256, self._prefix)
        try:
            with outages_as_busy():
                answer = self._client.get_object(Bucket=self._bucket_name, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if _is_missing(error):
                raise NotFound(f"no blob {sha256}") from error
            raise
        with contextlib.ExitStack() as on_failure, contextlib.closing(answer["Body"]) as body:
            spool = on_failure.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))
            with outages_as_busy():
                received = _received(body, spool)
            if received != sha256:
                raise BlobCorrupt(sha256)
            on_failure.pop_all()
        return cast("BinaryIO", spool)

    def stat(self, sha256: str) -> Blob | None:
        """See `BlobStore.stat`.

        Raises:
            BlobCorrupt: S3 itself keeps another checksum of the object than its key says.
        """
        head = head_of(self._client, self._bucket_name, blob_key(sha256, self._prefix))
        if head is None:
            return None
        if head.get("ChecksumSHA256", checksum_of(sha256)) != checksum_of(sha256):
            raise BlobCorrupt(sha256)
        return Blob(sha256, head["ContentLength"])

    def _try_to_put(self, blob: Blob, body: BinaryIO) -> bool:
        """Send the bytes and return True; False where another writer of them was in the way, and a repeat will tell."""
        body.seek(0)
        try:
            with outages_as_busy():
                self._client.put_object(
                    Bucket=self._bucket_name,
                    Key=blob_key(blob.sha256, self._prefix),
                    Body=body,
                    ContentLength=blob.size_bytes,
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=checksum_of(blob.sha256),
                    IfNoneMatch="*",
                )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _WRITTEN_AT_ONCE:
                return False
            if code != _EXISTS:
                raise
        return True


def blob_key(sha256: str, prefix: str = BLOB_PREFIX) -> str:
    """Return the object key of the blob `sha256` under `prefix`.

    Raises:
        Invalid: not 64 lowercase hex digits.
    """
    return prefix + place_of(sha256)


@contextlib.contextmanager
def _rereadable(source: BinaryIO) -> Iterator[BinaryIO]:
    """Yield `source` itself where it can be read from its first byte again, as a repeated request does, else a copy."""
    if source.seekable() and source.tell() == 0:
        yield source
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:
        shutil.copyfileobj(source, spool, _CHUNK_BYTES)
        spool.seek(0)
        yield cast("BinaryIO", spool)


def _hashed(body: BinaryIO) -> Blob:
    """Read `body` to its end and return what it is. S3 compares the bytes that are sent with this digest."""
    digest = hashlib.sha256()
    while chunk := body.read(_CHUNK_BYTES):
        digest.update(chunk)
    return Blob(digest.hexdigest(), body.tell())


def _received(body: "StreamingBody", target: IO[bytes]) -> str:
    """Write all of `body` to `target`, which stands at its start afterwards.

    Returns its SHA-256, or "" where S3's own checksum differs already.
    """
    digest = hashlib.sha256()
    try:
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
    except FlexibleChecksumError:
        return ""
    target.seek(0)
    return digest.hexdigest()


def checksum_of(sha256: str) -> str:
    """Return a digest as S3 writes it."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def head_of(client: "S3Client", bucket_name: str, key: str) -> "HeadObjectOutputTypeDef | None":
    """Return what S3 tells of an object without its bytes, its checksum too; None where there is no such object.

    Raises:
        Busy: S3 is out of reach.
    """
    try:
        with outages_as_busy():
            return client.head_object(Bucket=bucket_name, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if _is_missing(error):
            return None
        raise


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _MISSING


if TYPE_CHECKING:
    _: type[BlobStore] = S3BlobStore
