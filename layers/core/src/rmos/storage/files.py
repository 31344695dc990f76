"""Blobs as files: `<root>/ab/cd/<sha256>`."""

import contextlib
import errno
import hashlib
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rmos.errors import BlobCorrupt, Busy, NotFound
from rmos.storage.blob_places import place_of
from rmos.storage.ports import Blob

INCOMING = "incoming"
_CHUNK_BYTES = 1024 * 1024
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""What passes once somebody made room on the disk, or plugged it in again."""


class FileBlobStore:
    """`BlobStore` over the folder `root`, made if need be.

    A blob is written under a name of its own in `<root>/incoming`, synced, then linked to its final name, which fails
    if that exists: so a name in `ab/cd/` always has all its bytes. A crash leaves at most a file in `incoming`.
    Safe to share between threads and processes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._guard = threading.Lock()
        self._synced: set[Path] = set()
        """Folders whose own name is known to be on the disk."""
        (root / INCOMING).mkdir(parents=True, exist_ok=True)
        sync_folder(root)
        sync_folder(root.parent)

    def put(self, source: BinaryIO) -> Blob:
        """See `BlobStore.put`.

        Raises:
            Busy: the disk is full, fails or is read-only.
        """
        incoming = self._root / INCOMING / f"{uuid.uuid4().hex}.part"
        try:
            with _translated(), incoming.open("xb") as file:
                blob = _copied(source, file)
                file.flush()
                os.fsync(file.fileno())
                self._link(incoming, blob.sha256)
        finally:
            incoming.unlink(missing_ok=True)
        return blob

    def open(self, sha256: str) -> BinaryIO:
        """See `BlobStore.open`."""
        path = self._path(sha256)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise NotFound(f"no blob {sha256}") from None
        # One descriptor for checking and serving: a file put in its place meanwhile is not what was checked.
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(file.close)
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise BlobCorrupt(sha256)
            file.seek(0)
            on_failure.pop_all()
        return file

    def stat(self, sha256: str) -> Blob | None:
        """See `BlobStore.stat`."""
        try:
            return Blob(sha256, self._path(sha256).stat().st_size)
        except FileNotFoundError:
            return None

    def _path(self, sha256: str) -> Path:
        return self._root / place_of(sha256)

    def _link(self, incoming: Path, sha256: str) -> None:
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # the same bytes, put before or at this moment
            os.link(incoming, path)
        sync_folder(path.parent)
        self._sync_names_of((path.parent, path.parent.parent))

    def _sync_names_of(self, folders: tuple[Path, ...]) -> None:
        """Sync the parents of `folders` once per process: another process may have made, not yet synced them."""
        for folder in folders:
            with self._guard:
                is_synced = folder in self._synced
            if not is_synced:
                sync_folder(folder.parent)
                with self._guard:
                    self._synced.add(folder)


def sync_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _OF_THE_DISK:
            raise Busy(
                f"the disk of the blobs is full, fails or is read-only ({errno.errorcode[error.errno]})"
            ) from error
        raise


def _copied(source: BinaryIO, target: BinaryIO) -> Blob:
    digest = hashlib.sha256()
    size_bytes = 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
        size_bytes += len(chunk)
    return Blob(digest.hexdigest(), size_bytes)
