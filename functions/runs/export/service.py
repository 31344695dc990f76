"""The use case of exports: all runs that a list's filters choose, page by page, so that memory stays flat."""

from collections.abc import Iterator
from typing import Final

from rmos.runs import repository
from rmos.runs.models import RunFilter
from rmos.storage.ports import Listed, RecordStore

from runs.export.rules import table

_PAGE: Final = 200
_BODIES: Final = 16
"""Artifacts in memory at once: each may have some 1.5 MB."""


def as_jsonl(records: RecordStore, chosen: RunFilter) -> Iterator[bytes]:
    """Yield the stored artifact of every chosen run as a line of JSON, newest first.

    Runs that are recorded meanwhile are left out, none is told twice.

    Raises:
        Corrupt: a stored run does not match its digest.
    """
    for page in _pages(records, chosen):
        for start in range(0, len(page), _BODIES):
            ids = [str(line.head["run_id"]) for line in page[start : start + _BODIES]]
            for body in repository.get_bodies(records, ids):
                yield body.encode() + b"\n"


def as_csv(records: RecordStore, chosen: RunFilter) -> Iterator[bytes]:
    """Yield the summary of every chosen run as a line of CSV below one with the names; otherwise as `as_jsonl`."""
    yield table.header().encode()
    for page in _pages(records, chosen):
        yield table.rows(repository.summary_from(line.head) for line in page).encode()


def _pages(records: RecordStore, chosen: RunFilter) -> Iterator[tuple[Listed, ...]]:
    after: str | None = None
    while True:
        page = repository.list_summaries(records, chosen, after, _PAGE)
        yield page.items
        if page.resume_after is None:
            return
        after = page.resume_after
