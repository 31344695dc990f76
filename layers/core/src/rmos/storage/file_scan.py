"""Maintenance of the blob folder: every file in it as it is."""

from collections.abc import Iterator
from pathlib import Path

from rmos.storage.blob_places import is_sha256, place_of
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import Blob
from rmos.storage.scan import Leftover, opens_whole


class FileBlobScan:
    """`BlobScan` over the folder `root` of a `FileBlobStore`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store = FileBlobStore(root)

    def blobs(self) -> Iterator[Blob]:
        """See `BlobScan.blobs`."""
        for path in self._files():
            if self._is_blob(path):
                yield Blob(path.name, path.stat().st_size)

    def is_intact(self, sha256: str) -> bool:
        """See `BlobScan.is_intact`."""
        return opens_whole(self._store, sha256)

    def leftovers(self) -> Iterator[Leftover]:
        """See `BlobScan.leftovers`; a file that is just being written is one, too."""
        for path in self._files():
            if not self._is_blob(path):
                try:
                    size_bytes = path.stat().st_size
                except FileNotFoundError:  # a write that ended meanwhile
                    continue
                yield Leftover(str(path.relative_to(self._root)), size_bytes)

    def path_of(self, sha256: str) -> Path:
        """Return the file of a blob."""
        return self._root / place_of(sha256)

    def _files(self) -> Iterator[Path]:
        """Yield every file, folder by folder in order."""
        folders = [self._root]
        while folders:
            for path in sorted(folders.pop().iterdir()):
                if path.is_dir() and not path.is_symlink():
                    folders.append(path)
                else:
                    yield path

    def _is_blob(self, path: Path) -> bool:
        return is_sha256(path.name) and path == self.path_of(path.name)
