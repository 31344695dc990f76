import io
import os
import resource
import stat
import subprocess
import sys
import tracemalloc

import pytest
from rmos.errors import BlobCorrupt, Busy
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore


@pytest.fixture
def root(tmp_path):
    return tmp_path / "blobs"


@pytest.fixture
def store(root):
    return FileBlobStore(root)


class Zeros(io.RawIOBase):
    """A source of many zero bytes that takes no memory itself."""

    def __init__(self, size_bytes):
        self.left = size_bytes

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(self.left, len(buffer))
        buffer[:count] = bytes(count)
        self.left -= count
        return count


def files_in(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def lowest_free_descriptor():
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    return descriptor


def test_a_blob_lies_under_its_digest_and_nothing_else_is_left(store, root):
    sha256 = store.put(io.BytesIO(b"bytes")).sha256

    assert files_in(root) == [f"{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_a_blob_is_synced_before_it_gets_its_name_and_its_folder_after(store, root, monkeypatch):
    happened = []
    real_sync, real_link = os.fsync, os.link

    def sync(descriptor):
        found = os.fstat(descriptor)
        happened.append(("folder" if stat.S_ISDIR(found.st_mode) else "file", found.st_ino))
        real_sync(descriptor)

    def link(source, target):
        happened.append(("link", 0))
        real_link(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", link)
    sha256 = store.put(io.BytesIO(b"bytes")).sha256

    folders = [root / sha256[:2] / sha256[2:4], root / sha256[:2], root]
    assert [kind for kind, _ in happened] == ["file", "link", "folder", "folder", "folder"]
    assert [inode for kind, inode in happened if kind == "folder"] == [folder.stat().st_ino for folder in folders]


def test_a_source_that_fails_leaves_no_file(store, root):
    class Failing(Zeros):
        def readinto(self, buffer):
            if self.left < 2_000_000:
                raise ConnectionResetError
            return super().readinto(buffer)

    with pytest.raises(ConnectionResetError):
        store.put(Failing(4_000_000))

    assert files_in(root) == []


def test_memory_stays_flat_in_the_size_of_a_blob(store):
    tracemalloc.start()
    try:
        sha256 = store.put(Zeros(60_000_000)).sha256
        store.open(sha256).close()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 8_000_000


def test_what_was_checked_is_what_is_served_even_if_the_file_is_replaced_meanwhile(store, root, tmp_path):
    sha256 = store.put(io.BytesIO(b"checked")).sha256
    with store.open(sha256) as stream:
        other = tmp_path / "other"
        other.write_bytes(b"swapped")
        other.replace(root / sha256[:2] / sha256[2:4] / sha256)

        assert stream.read() == b"checked"


def test_a_corrupt_blob_leaves_no_open_file(store, root):
    sha256 = store.put(io.BytesIO(b"bytes")).sha256
    (root / sha256[:2] / sha256[2:4] / sha256).write_bytes(b"other")
    before = lowest_free_descriptor()

    for _ in range(5):
        with pytest.raises(BlobCorrupt):
            store.open(sha256)

    assert lowest_free_descriptor() == before


def test_a_writer_killed_in_the_middle_leaves_only_a_leftover_and_no_blob(store, root):
    script = (
        "import io, os, sys, pathlib\n"
        "from rmos.storage.files import FileBlobStore\n"
        "class Dying(io.RawIOBase):\n"
        "    turn = 0\n"
        "    def readable(self): return True\n"
        "    def readinto(self, buffer):\n"
        "        self.turn += 1\n"
        "        if self.turn == 3: os.kill(os.getpid(), 9)\n"
        "        buffer[:] = bytes(len(buffer)); return len(buffer)\n"
        "FileBlobStore(pathlib.Path(sys.argv[1])).put(Dying())\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, root], check=False)

    scan = FileBlobScan(root)
    assert ended.returncode == -9
    assert list(scan.blobs()) == []
    (leftover,) = scan.leftovers()
    assert leftover.name.startswith("incoming/")
    assert leftover.size_bytes > 0
    assert store.put(io.BytesIO(b"next")).size_bytes == 4


def test_strange_files_are_leftovers_not_blobs(store, root):
    sha256 = store.put(io.BytesIO(b"bytes")).sha256
    path = root / sha256[:2] / sha256[2:4] / sha256
    (root / "README").write_text("hello")
    (path.parent / f"{sha256}.bak").write_text("copy")
    (root / "00").mkdir(exist_ok=True)
    path.rename(root / "00" / sha256)

    scan = FileBlobScan(root)

    assert list(scan.blobs()) == []
    assert {leftover.name for leftover in scan.leftovers()} == {
        "README",
        f"00/{sha256}",
        f"{sha256[:2]}/{sha256[2:4]}/{sha256}.bak",
    }


def test_a_full_disk_is_busy_and_leaves_nothing(root, store):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(Busy, match="EFBIG"):
            store.put(io.BytesIO(b"hello"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert files_in(root) == []
    assert store.put(io.BytesIO(b"hello")).size_bytes == 5
