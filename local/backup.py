"""`rmos backup` and `rmos restore`: one moment of a data folder, and the way back."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rmos.fsck import Progress
from rmos.settings import Settings
from rmos.storage.backend import BLOBS_NAME, DATABASE_NAME
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.sqlite_database import copy_database

from local.maintenance import Examination, examine, scanned
from local.place import CannotStart

_PARTIAL = ".partial"


def back_up(data_dir: Path, target: Path) -> int:
    """Copy the records as of one moment, then every blob; return how many blobs. The server may go on meanwhile.

    The database comes first, by SQLite's own backup, so each blob that it names is stored already. `target` appears
    whole or not at all. The file `admin.token` is left out: a backup should open no door.

    Raises:
        CannotStart: `target` exists.
        Busy: there is no room for the copy.
        BlobCorrupt: a blob of the source is damaged; it would not become better by a copy.
    """
    with _partial_of(target) as partial:
        copy_database(data_dir / DATABASE_NAME, partial / DATABASE_NAME)
        blobs = FileBlobStore(data_dir / BLOBS_NAME)
        copies = FileBlobStore(partial / BLOBS_NAME)
        count = 0
        for blob in FileBlobScan(data_dir / BLOBS_NAME).blobs():
            with blobs.open(blob.sha256) as content:
                copies.put(content)
            count += 1
        partial.rename(target)
    return count


def restore(source: Path, data_dir: Path, progress: Callable[[Progress], None]) -> Examination:
    """Copy a backup to `data_dir`, check all of it, and put it in place only when it is whole.

    Raises:
        CannotStart: `source` is no backup or cannot be copied, or `data_dir` exists and is not empty.
    """
    if not (source / DATABASE_NAME).is_file():
        raise CannotStart(f"{source} is no backup: it has no {DATABASE_NAME}")
    if data_dir.exists():
        _require_empty(data_dir)
        data_dir.rmdir()
    with _partial_of(data_dir) as partial:
        _copy(source, partial)
        with scanned(Settings(data_dir=partial)) as scans:
            examination = examine(scans, progress)
        if not examination.is_damaged:
            partial.rename(data_dir)
    return examination


@contextmanager
def _partial_of(target: Path) -> Iterator[Path]:
    """Give a fresh folder beside `target` to build it in; what is still there at the end is thrown away.

    So is one that a killed try left.
    """
    if target.exists():
        raise CannotStart(f"{target} exists already; name a folder that does not")
    partial = target.with_name(target.name + _PARTIAL)
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700, parents=True)
    try:
        yield partial
    finally:
        if partial.exists():
            shutil.rmtree(partial)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, dirs_exist_ok=True)
    except shutil.Error as error:  # it goes on after a failure and names them all
        _, _, reason = error.args[0][0]
        raise CannotStart(f"{source} cannot be copied: {reason}") from error


def _require_empty(folder: Path) -> None:
    if not folder.is_dir() or any(folder.iterdir()):
        raise CannotStart(f"{folder} is not empty; restore into a folder that is empty or does not exist")
