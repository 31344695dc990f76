"""Whether stored blobs are what their names say, told within the time that one call has."""

import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from rmos.errors import BlobCorrupt, Invalid, NotFound
from rmos.storage.at_once import at_once
from rmos.storage.links import BlobLinks
from rmos.storage.ports import Blob, BlobStore

DAMAGED: Final = "the stored bytes do not match their digest"
ABSENT: Final = "absent"
"""What is found in place of a digest that cannot be computed."""

READ_BYTES: Final = 4_194_304
READ_S: Final = 10.0
"""How much of a blob, and for how long, a function reads: it ends after 28 s, and has hardly any disk."""


class NamedBlob(NamedTuple):
    """A blob as a run names it; of some the run does not say the size."""

    sha256: str
    size_bytes: int | None


class FoundBlob(NamedTuple):
    """What is stored under a digest: that digest, or in its place DAMAGED, or ABSENT (also where it is no digest)."""

    sha256: str
    actual: str
    is_read: bool
    """False: the store told of the checksum that it took itself when the bytes came, and keeps with them."""


class StoredBlobs:
    """Reads blobs whole; with `links`, only small ones, and for 10 s from its making on: the store tells of the rest.

    That is as good as what a link to such a blob rests on: whoever puts other bytes in its place changes the checksum.
    """

    def __init__(self, blobs: BlobStore, links: BlobLinks | None) -> None:
        self._blobs = blobs
        self._links = links
        self._deadline = time.monotonic() + READ_S

    def find(self, named: Sequence[NamedBlob]) -> list[FoundBlob]:
        """Return what is stored of each of `named`, in their order."""
        if self._links is None:
            return [self._read(blob.sha256) for blob in named]
        return at_once(self._found, named)

    def _found(self, named: NamedBlob) -> FoundBlob:
        size_bytes = named.size_bytes
        if self._links is None or size_bytes is None:
            return self._read(named.sha256)
        if size_bytes <= READ_BYTES and time.monotonic() < self._deadline:
            return self._read(named.sha256)
        return _told(self._links, Blob(named.sha256, size_bytes))

    def _read(self, sha256: str) -> FoundBlob:
        try:
            self._blobs.open(sha256).close()
        except (NotFound, Invalid):
            return FoundBlob(sha256, ABSENT, is_read=True)
        except BlobCorrupt:
            return FoundBlob(sha256, DAMAGED, is_read=True)
        return FoundBlob(sha256, sha256, is_read=True)


def _told(links: BlobLinks, blob: Blob) -> FoundBlob:
    try:
        actual = blob.sha256 if links.is_stored(blob) else ABSENT
    except Invalid:
        actual = ABSENT
    except BlobCorrupt:
        actual = DAMAGED
    return FoundBlob(blob.sha256, actual, is_read=False)
