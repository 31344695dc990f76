"""The use case of the sheet: a run as a page to print."""

from rmos.canonical import sha256_of_text
from rmos.http.conditional import etag_of
from rmos.runs import repository
from rmos.runs.models import RunArtifact
from rmos.runs.stored_input import NotReplayable, stored_input
from rmos.storage.ports import RecordStore

from runs.sheet.models import Picture
from runs.sheet.rules.contents import sheet_of
from runs.sheet.rules.page import page_of


def sheet_page(records: RecordStore, run_id: str) -> tuple[str, str]:
    """Return a run's page and its entity tag.

    Raises:
        RunNotFound: no such run.
    """
    (run,) = repository.get_artifacts(records, [run_id])
    page = page_of(sheet_of(run, _picture(run)))
    return page, etag_of(sha256_of_text(page))


def _picture(run: RunArtifact) -> Picture | None:
    """Return the rosette, drawn with the rows that the run kept; None where its design cannot be read."""
    from runs.sheet.rules.picture import picture_of  # noqa: PLC0415  # 20 ms of a cold start that only sheets need

    try:
        kept = stored_input(run)
    except NotReplayable:
        return None
    return picture_of(kept.request.design, kept.request.context.display_units, kept.rows)
