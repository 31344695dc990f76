"""Looking after what is stored: `rmos fsck` and `rmos reindex` over either back-end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.table import Column, Table
from rmos.fsck import Finding, Progress, Report, check
from rmos.runs.inspection import BLOB_REFERENCES, broken_runs
from rmos.settings import Settings, Storage
from rmos.storage.backend import BLOBS_NAME, DATABASE_NAME
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import BlobStore
from rmos.storage.scan import BlobScan, Rebuilt, RecordScan
from rmos.storage.sqlite_scan import SqliteScan

from local.stack import reaching

_SHOWN_EVERY = 100
_PIPED_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Scans:
    """Everything stored in one place, damaged things included."""

    records: RecordScan
    blobs: BlobScan
    blob_store: BlobStore


@dataclass(frozen=True, slots=True)
class Examination:
    """What a check of a store found, the hashes that runs carry in themselves included."""

    report: Report
    broken_runs: dict[str, list[str]]

    @property
    def is_damaged(self) -> bool:
        return self.report.is_damaged or bool(self.broken_runs)


@contextmanager
def scanned(settings: Settings) -> Iterator[Scans]:
    """Open what `settings` name for a scan.

    Raises:
        OutOfReach: AWS did not let the block go on.
    """
    if settings.storage is Storage.AWS:
        with reaching():
            yield _scans_of_stack(settings)
        return
    blobs_path = settings.data_dir / BLOBS_NAME
    blobs = FileBlobStore(blobs_path)
    records = SqliteScan(settings.data_dir / DATABASE_NAME, blobs)
    try:
        yield Scans(records, FileBlobScan(blobs_path), blobs)
    finally:
        records.close()


def _scans_of_stack(settings: Settings) -> Scans:
    from rmos.storage.aws import client  # noqa: PLC0415  # botocore costs 0.3 s that only --stack should cost
    from rmos.storage.dynamo_scan import DynamoScan  # noqa: PLC0415
    from rmos.storage.s3 import S3BlobStore  # noqa: PLC0415
    from rmos.storage.s3_scan import S3BlobScan  # noqa: PLC0415

    blobs = S3BlobStore(client("s3"), settings.bucket_name)
    records = DynamoScan(client("dynamodb"), settings.table_name, blobs)
    return Scans(records, S3BlobScan(client("s3"), settings.bucket_name), blobs)


def examine(scans: Scans, progress: Callable[[Progress], None]) -> Examination:
    """Read everything once, change nothing."""
    report = check(scans.records, scans.blobs, BLOB_REFERENCES, progress)
    broken = {key: [each.name for each in failed] for key, failed in broken_runs(scans.records, scans.blob_store)}
    return Examination(report, broken)


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Show on `console`, where it is a terminal, what a check is at."""
    with console.status("") as status:

        def show(progress: Progress) -> None:
            if progress.done % _SHOWN_EVERY == 0:
                status.update(f"{progress.step.value.lower()}: {progress.done:,} checked")

        yield show


def report_examination(examination: Examination, console: Console) -> None:
    """Print the findings as a table, damage first, then the count."""
    report = examination.report
    table = Table("finding", Column("what", overflow="fold"), Column("detail", overflow="fold"))
    for finding in sorted(report.findings, key=lambda each: not each.is_damage):
        table.add_row(finding.kind.value, finding.name, finding.detail, style=_style(finding))
    for key, names in examination.broken_runs.items():
        table.add_row("HASH_BROKEN", key, f"does not match: {', '.join(names)}", style="red")
    if table.row_count:
        if not console.is_terminal:
            console.width = _PIPED_COLUMNS  # whoever reads a pipe looks for whole names
        console.print(table)
    verdict = "damaged" if examination.is_damaged else "all intact"
    console.print(f"{report.records} records, {report.entries} index lines, {report.blobs} blobs: {verdict}")


def report_rebuilt(rebuilt: Rebuilt, console: Console) -> None:
    """Print what a rebuild of the indexes did."""
    console.print(f"{rebuilt.lines_before} index lines before, {rebuilt.lines_after} after")
    for key in rebuilt.damaged_keys:
        console.print(f"kept the lines of {key}, which is damaged; `rmos fsck` says how", style="red")


def _style(finding: Finding) -> str:
    return "red" if finding.is_damage else "dim"
