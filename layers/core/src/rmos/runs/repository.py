"""Runs as records: the only place that knows their keys. Nothing here changes or deletes one."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from rmos.clock import rfc3339_utc
from rmos.errors import NotFound
from rmos.listing import ListedPage, Listing, list_page
from rmos.runs.evidence_records import explanation_in, explanation_key, get_appended
from rmos.runs.models import RunArtifact, RunFilter, RunSummary, RunView, summary_of, view_of
from rmos.runs.schema_version import RunTooNew
from rmos.storage.ports import Entry, HeadValue, Listed, Order, Put, Record, RecordStore

INDEX: Final = "runs"
RUN_PREFIX: Final = "run/"
FILTERS: Final = (
    "request_id",
    "parent_run_id",
    "workflow_session_id",
    "label",
    "tool_id",
    "machine_id",
    "material_id",
    "event_type",
    "risk_level",
    "status",
    "mode",
)
"""What lists filter by, the most selective first: the first one given is served from its own index."""


class RunNotFound(NotFound):
    slug = "run-not-found"
    title = "No such run"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"there is no run {run_id!r}")


def create(artifact: RunArtifact) -> Put:
    """Return the change that stores a new run with its place in every list; an id is used once."""
    return Put(_record_of(artifact))


def exists(records: RecordStore, run_id: str) -> bool:
    (run,) = records.get([key_of(run_id)])
    return run is not None


def require_run(records: RecordStore, run_id: str) -> None:
    """Raise RunNotFound where there is no such run; as none is ever removed, one that is there stays."""
    if not exists(records, run_id):
        raise RunNotFound(run_id)


def get_record(records: RecordStore, run_id: str) -> Record:
    """Return a run as it is stored, its text unread, for checking its hashes and its places.

    Raises:
        RunNotFound: no such run.
        Corrupt: it does not match its digest.
    """
    (stored,) = records.get([key_of(run_id)])
    return _present(run_id, stored)


def line_at(records: RecordStore, entry: Entry) -> Listed | None:
    """Return what a list of runs shows at one place of a run, or None.

    Raises:
        Corrupt: the line does not match its digest, or has no record.
    """
    # "!" sorts before all that an id holds: past this line, and before that of an id which this one begins.
    page = records.query(entry.index, entry.sort, entry.sort + "!", Order.OLDEST_FIRST, None, 1)
    return page.items[0] if page.items else None


def get_bodies(records: RecordStore, run_ids: Sequence[str]) -> list[str]:
    """Return the stored texts of at most 100 distinct runs in the order of their ids; errors as for `get_record`."""
    stored = records.get([key_of(run_id) for run_id in run_ids])
    return [_present(run_id, run).body for run_id, run in zip(run_ids, stored, strict=True)]


def get_view(records: RecordStore, run_id: str) -> RunView:
    """Return a run with what was appended to it.

    Raises:
        RunNotFound: no such run.
        Corrupt: the run, or what was appended to it, does not match its digest.
    """
    run, explanation = records.get([key_of(run_id), explanation_key(run_id)])
    artifact = _artifact(run_id, run)
    return view_of(artifact, get_appended(records, run_id, explanation_in(explanation)))


def get_artifacts(records: RecordStore, run_ids: Sequence[str]) -> list[RunArtifact]:
    """Return at most 100 runs in the order of their ids; errors as for `get_view`."""
    distinct = list(dict.fromkeys(run_ids))
    stored = dict(zip(distinct, records.get([key_of(run_id) for run_id in distinct]), strict=True))
    return [_artifact(run_id, stored[run_id]) for run_id in run_ids]


def get_summary(records: RecordStore, run_id: str) -> RunSummary | None:
    """Return the line that lists show of a run, or None; Corrupt as above."""
    (run,) = records.get([key_of(run_id)])
    return None if run is None else summary_from(run.head)


def list_summaries(records: RecordStore, chosen: RunFilter, after: str | None, limit: int) -> ListedPage:
    """Return a page of heads, newest first; `rmos.listing.list_page` says what a page promises."""
    wanted = _wanted(chosen)
    index = next((_index(name, wanted[name]) for name in FILTERS if name in wanted), INDEX)
    listing = Listing(
        index,
        Order.NEWEST_FIRST,
        lambda head: all(head.get(name) == value for name, value in wanted.items()),
        low="" if chosen.created_from is None else rfc3339_utc(chosen.created_from),
        # "0" sorts right behind "/", so this is past every run of that very microsecond.
        high="" if chosen.created_to is None else rfc3339_utc(chosen.created_to) + "0",
    )
    return list_page(records, listing, after, limit)


def summary_from(head: Mapping[str, HeadValue]) -> RunSummary:
    """Return the line of a run from its head, which the store has verified.

    Raises:
        RunTooNew: it holds what only another version writes.
    """
    try:
        return RunSummary.model_validate(head)
    except ValidationError as error:
        raise RunTooNew(
            f"the line of run {head.get('run_id')} is of another version; start the newer program"
        ) from error


def cursor_filters(chosen: RunFilter) -> dict[str, str | None]:
    """Return what a cursor of this listing is bound to."""
    bounds = {"created_from": chosen.created_from, "created_to": chosen.created_to}
    return {**_wanted(chosen), **{name: rfc3339_utc(bound) for name, bound in bounds.items() if bound is not None}}


def key_of(run_id: str) -> str:
    return RUN_PREFIX + run_id


def _artifact(run_id: str, record: Record | None) -> RunArtifact:
    return RunArtifact.model_validate_json(_present(run_id, record).body)


def _present(run_id: str, record: Record | None) -> Record:
    if record is None:
        raise RunNotFound(run_id)
    return record


def _record_of(artifact: RunArtifact) -> Record:
    head = summary_of(artifact).model_dump(mode="json")
    sort = f"{rfc3339_utc(artifact.created_at)}/{artifact.run_id}"
    indexes = [_index(name, str(head[name])) for name in FILTERS if head[name] is not None]
    return Record(
        key=key_of(artifact.run_id),
        body=artifact.model_dump_json(),
        head=head,
        entries=tuple(Entry(index, sort) for index in (INDEX, *indexes)),
    )


def _wanted(chosen: RunFilter) -> dict[str, str]:
    given = chosen.model_dump(mode="json", include=set(FILTERS), exclude_none=True)
    return {name: str(value) for name, value in given.items()}


def _index(name: str, value: str) -> str:
    """Return the index of one filter value; whatever fits a head, with its 2 KB, fits a key."""
    return f"{INDEX}/{name}={value}"
