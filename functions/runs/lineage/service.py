"""The use cases of lineage: show the runs around one, and judge one again."""

from http import HTTPStatus
from typing import Final

from rmos.http.idempotency import Answer, Claim
from rmos.logging import logger
from rmos.runs import long_gcode, repository
from rmos.runs.evidence import Appended
from rmos.runs.models import RunFilter, RunSummary, view_of
from rmos.runs.recording import Engines, Provenance, record_run, replayed_run
from rmos.storage.backend import Backend
from rmos.storage.ports import RecordStore

from runs.lineage.models import Lineage, Replay
from runs.rules.diff import diff_runs

MAX_SHOWN: Final = 100


def lineage_of(records: RecordStore, run_id: str) -> Lineage:
    """Return at most 100 ancestors of a run, those nearest to it, and its 100 newest children.

    Raises:
        RunNotFound: no such run.
    """
    run = repository.get_summary(records, run_id)
    if run is None:
        raise repository.RunNotFound(run_id)
    ancestors, is_cut = _ancestors(records, run)
    page = repository.list_summaries(records, RunFilter(parent_run_id=run_id), None, MAX_SHOWN)
    return Lineage(
        run_id=run_id,
        ancestors=tuple(reversed(ancestors)),
        children=tuple(repository.summary_from(line.head) for line in page.items),
        truncated=is_cut or page.resume_after is not None,
    )


def replay(stores: Backend, engines: Engines, run_id: str, provenance: Provenance, claim: Claim) -> Answer:
    """Judge what a run was asked once more, record that as its child, and answer with both and their difference.

    Raises:
        RunNotFound: no such run.
        EngineNotFound: `engines` name one that is not there.
        NotReplayable: its input cannot be read.
        BlobCorrupt: its G-code was attached and is damaged.
    """
    (earlier,) = repository.get_artifacts(stores.records, [run_id])
    child = replayed_run(engines, long_gcode.restored(stores.blobs, earlier), provenance)
    found = Replay.model_construct(run=view_of(child, Appended()), diff=diff_runs(earlier, child))
    answer = Answer(HTTPStatus.CREATED, found.model_dump_json(), {"Location": f"/api/runs/{child.run_id}"})
    record_run(stores.records, child, claim(answer))
    logger.info(
        "run replayed",
        extra={"run_id": child.run_id, "parent_run_id": run_id, "severity": found.diff.severity.value},
    )
    return answer


def _ancestors(records: RecordStore, run: RunSummary) -> tuple[list[RunSummary], bool]:
    """Return the chain of parents, the nearest first, and whether it goes on; an import can name one that is absent."""
    found: list[RunSummary] = []
    seen = {run.run_id}
    parent_id = run.parent_run_id
    while parent_id is not None and parent_id not in seen:
        if len(found) == MAX_SHOWN:
            return found, True
        parent = repository.get_summary(records, parent_id)
        if parent is None:
            break
        found.append(parent)
        seen.add(parent_id)
        parent_id = parent.parent_run_id
    return found, False
