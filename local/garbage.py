"""`rmos gc`: blobs that no record needs any more, found and, if wanted, removed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rmos.errors import RmosError
from rmos.fsck import Kind, Progress, check
from rmos.runs.inspection import BLOB_REFERENCES
from rmos.storage.backend import BLOBS_NAME
from rmos.storage.file_scan import FileBlobScan

from local.maintenance import Scans

KEPT_S = 24 * 3600
"""An orphan younger than this may belong to a create whose commit is still to come, or to an open upload."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file that no record needs: its path under the blob folder and its size."""

    path: Path
    size_bytes: int
    age_s: float


class StoreDamaged(RmosError):
    """Nothing is thrown away from a damaged store: what a damaged record needs cannot be known."""

    slug = "store-damaged"
    title = "Store damaged"


def find_garbage(data_dir: Path, scans: Scans, progress: Callable[[Progress], None]) -> list[Garbage]:
    """Return orphaned blobs and leftovers of interrupted writes that are older than a day.

    Raises:
        StoreDamaged: `rmos fsck` would exit 1.
    """
    report = check(scans.records, scans.blobs, BLOB_REFERENCES, progress)
    if report.is_damaged:
        raise StoreDamaged("the store is damaged, so what its records need cannot be known; see `rmos fsck`")
    blobs = FileBlobScan(data_dir / BLOBS_NAME)
    paths = [blobs.path_of(each.name) for each in report.findings if each.kind is Kind.BLOB_ORPHANED]
    paths += [data_dir / BLOBS_NAME / each.name for each in report.findings if each.kind is Kind.LEFTOVER]
    found = [_garbage(path) for path in sorted(paths)]
    return [each for each in found if each.age_s > KEPT_S]


def remove_garbage(garbage: list[Garbage]) -> None:
    """Remove these files; repeating it after an interruption is safe."""
    for each in garbage:
        each.path.unlink(missing_ok=True)


def list_garbage(garbage: list[Garbage], console: Console) -> None:
    """Print each file with its size and age."""
    if garbage:
        table = Table("file", "bytes", "age in hours")
        for each in garbage:
            table.add_row(each.path.name, f"{each.size_bytes:,}", f"{each.age_s / 3600:.0f}")
        console.print(table)


def sum_of(garbage: list[Garbage], outcome: str) -> str:
    """Return in a line how much was found, and what became of it."""
    if not garbage:
        return "nothing to remove"
    files = "1 file" if len(garbage) == 1 else f"{len(garbage)} files"
    return f"{files}, {sum(each.size_bytes for each in garbage):,} bytes: {outcome}"


def _garbage(path: Path) -> Garbage:
    found = path.stat()
    return Garbage(path, found.st_size, time.time() - found.st_mtime)
