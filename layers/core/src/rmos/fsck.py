"""Check all that is stored: each record and blob against its digest, each index line against its record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from rmos.errors import Corrupt
from rmos.storage.ports import Blob, Record
from rmos.storage.scan import BlobScan, RecordScan, ScannedEntry, ScannedRecord

_Thing = TypeVar("_Thing")

References: TypeAlias = Mapping[str, Callable[[Record], Iterable[str]]]
"""Key prefix to a function that returns the SHA-256 of each blob its records need."""


class Step(Enum):
    """What a check is at."""

    STORE = "STORE"
    BLOBS = "BLOBS"
    RECORDS = "RECORDS"
    ENTRIES = "ENTRIES"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many things of a step are checked so far."""

    step: Step
    done: int


class Kind(Enum):
    """What a finding is about."""

    STORE_DAMAGED = "STORE_DAMAGED"
    RECORD_DAMAGED = "RECORD_DAMAGED"
    BLOB_MISSING = "BLOB_MISSING"
    BLOB_ALTERED = "BLOB_ALTERED"
    ENTRY_FAULTY = "ENTRY_FAULTY"
    ENTRY_MISSING = "ENTRY_MISSING"
    BLOB_ORPHANED = "BLOB_ORPHANED"
    LEFTOVER = "LEFTOVER"


_NOTES = {Kind.BLOB_ORPHANED, Kind.LEFTOVER}
"""What a crash between a blob and its commit leaves: it costs space and harms nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: the key, digest or file name it is about, and what is wrong with it."""

    kind: Kind
    name: str
    detail: str

    @property
    def is_damage(self) -> bool:
        """Whether something stored is lost or altered; otherwise it is a note."""
        return self.kind not in _NOTES


@dataclass(frozen=True, slots=True)
class Report:
    """What a check counted and found."""

    records: int
    entries: int
    blobs: int
    findings: tuple[Finding, ...]

    @property
    def is_damaged(self) -> bool:
        """Whether any finding is damage: `rmos fsck` then exits 1."""
        return any(finding.is_damage for finding in self.findings)


def check(records: RecordScan, blobs: BlobScan, references: References, progress: Callable[[Progress], None]) -> Report:
    """Read everything once, change nothing, and report.

    Blobs are listed before records, and a reference that is not in that list is looked up again: so a store in use
    gives no false damage. A blob that only a damaged record needs is reported as orphaned, since its need is unknown.
    """
    return _Check(records, blobs, references, progress).run()


class _Check:
    """One run: what it counted and found so far."""

    def __init__(
        self, records: RecordScan, blobs: BlobScan, references: References, progress: Callable[[Progress], None]
    ) -> None:
        self._records = records
        self._blobs = blobs
        self._references = references
        self._progress = progress
        self._findings: list[Finding] = []
        self._counts = dict.fromkeys(Step, 0)
        self._intact: set[str] = set()
        self._altered: set[str] = set()
        self._needed: set[str] = set()

    def run(self) -> Report:
        self._each(Step.STORE, self._records.faults(), self._check_fault)
        self._each(Step.BLOBS, self._blobs.blobs(), self._check_blob)
        for leftover in self._blobs.leftovers():
            self._find(Kind.LEFTOVER, leftover.name, f"{leftover.size_bytes} bytes of no blob")
        self._each(Step.RECORDS, self._records.records(), self._check_record)
        self._each(Step.ENTRIES, self._records.entries(), self._check_entry)
        for sha256 in sorted(self._intact - self._needed):
            self._find(Kind.BLOB_ORPHANED, sha256, "no record needs it")
        counts = self._counts
        return Report(counts[Step.RECORDS], counts[Step.ENTRIES], counts[Step.BLOBS], tuple(self._findings))

    def _each(self, step: Step, things: Iterator[_Thing], check_one: Callable[[_Thing], None]) -> None:
        """Check all that `things` yields; a store that cannot be read on is a finding, not the end of the check."""
        try:
            for thing in things:
                check_one(thing)
                self._count(step)
        except Corrupt as error:
            self._find(Kind.STORE_DAMAGED, error.key, f"cannot be read on after {self._counts[step]} {step.value}")

    def _count(self, step: Step) -> None:
        self._counts[step] += 1
        self._progress(Progress(step, self._counts[step]))

    def _find(self, kind: Kind, name: str, detail: str) -> None:
        self._findings.append(Finding(kind, name, detail))

    def _check_fault(self, fault: str) -> None:
        self._find(Kind.STORE_DAMAGED, "the database file", fault)

    def _check_blob(self, blob: Blob) -> None:
        if self._blobs.is_intact(blob.sha256):
            self._intact.add(blob.sha256)
        else:
            self._altered.add(blob.sha256)
            self._find(Kind.BLOB_ALTERED, blob.sha256, f"its {blob.size_bytes} bytes have another digest")

    def _check_record(self, scanned: ScannedRecord) -> None:
        if scanned.spill_sha256 is not None:
            self._needed.add(scanned.spill_sha256)
        if scanned.damage is not None:
            self._find(Kind.RECORD_DAMAGED, scanned.key, scanned.damage.value)
        for entry in scanned.unlisted:
            self._find(Kind.ENTRY_MISSING, scanned.key, f"not listed in {entry.index} at {entry.sort}")
        if scanned.record is not None:
            for sha256 in self._references_of(scanned.record):
                self._check_reference(sha256, scanned.key)

    def _references_of(self, record: Record) -> Iterator[str]:
        for prefix, references_of in self._references.items():
            if record.key.startswith(prefix):
                yield from references_of(record)

    def _check_reference(self, sha256: str, key: str) -> None:
        self._needed.add(sha256)
        if sha256 in self._intact or sha256 in self._altered:
            return
        if self._blobs.is_intact(sha256):
            self._intact.add(sha256)
        else:
            self._find(Kind.BLOB_MISSING, sha256, f"needed by {key}")

    def _check_entry(self, scanned: ScannedEntry) -> None:
        if scanned.fault is not None:
            place = f"{scanned.fault.value}: in {scanned.entry.index} at {scanned.entry.sort}"
            self._find(Kind.ENTRY_FAULTY, scanned.key, place)
