"""The port of large blobs: where a client sends or fetches bytes itself, past the functions' 6 MB.

It stands beside the blob port. S3 gives presigned URLs; on one machine all bytes go through the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from rmos.errors import NotFound
from rmos.storage.ports import Blob, BlobStore


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that works without a token until `expires_at`, with exactly these headers."""

    url: str
    expires_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the fetched bytes are called: the values of Content-Type and Content-Disposition."""

    media_type: str
    disposition: str


class BlobLinks(Protocol):
    """Ways past the server to and from a blob."""

    def to_put(self, blob: Blob) -> Link | None:
        """Return where to PUT exactly these bytes, which nothing can be overwritten by; None: send them to the server.

        The link says nothing of whether they are stored already.
        """
        ...

    def to_get(self, blob: Blob, shown: Shown) -> Link | None:
        """Return where to GET a blob, or None: the server hands it out.

        Raises:
            NotFound: no such blob.
            BlobCorrupt: what is stored has another checksum or size, or none that could be compared.
        """
        ...

    def is_stored(self, blob: Blob) -> bool:
        """Tell whether these bytes are stored, whole; compared by checksum.

        Raises:
            BlobCorrupt: as `to_get`.
        """
        ...


class Handover(Protocol):
    """Where a function leaves what it made for a client to fetch, past the functions' 6 MB."""

    def leave(self, source: BinaryIO, shown: Shown) -> tuple[Blob, Link]:
        """Keep all of `source` as long as the link works, a little longer, and return what it is and where to GET it.

        Raises:
            Busy: as `BlobStore.put`.
        """
        ...


class ThroughServer:
    """`BlobLinks` of one machine: there are none, and what is stored is read whole."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def to_put(self, blob: Blob) -> None:
        """See `BlobLinks.to_put`."""
        del blob

    def to_get(self, blob: Blob, shown: Shown) -> None:
        """See `BlobLinks.to_get`; the server verifies what it hands out."""
        del blob, shown

    def is_stored(self, blob: Blob) -> bool:
        """See `BlobLinks.is_stored`."""
        try:
            with self._blobs.open(blob.sha256) as stream:
                return stream.seek(0, 2) == blob.size_bytes
        except NotFound:
            return False
