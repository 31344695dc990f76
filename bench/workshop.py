"""A store full of runs, as the benchmarks measure it."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rmos.feasibility.registry import default_registry
from rmos.identity import Principal, Role
from rmos.runs import repository
from rmos.runs.models import RunArtifact, RunCreate
from rmos.runs.recording import Engines, evaluated_run, provenance_now
from rmos.storage.backend import Backend

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "classical-green.json"
AUTHOR = Principal("bench", "bench", Role.OPERATOR)
START = datetime(2026, 1, 1, tzinfo=UTC)
GROUPS = 5
"""Each filter value is shared by every fifth run."""
ITEMS_PER_COMMIT = 100
ITEMS_PER_RUN = 2 + len(repository.FILTERS)


def engines() -> Engines:
    return Engines(default_registry(allow_stub=False), "baseline_v1")


def example_request() -> RunCreate:
    return RunCreate.model_validate(json.loads(EXAMPLE.read_text(encoding="utf-8")))


def fill(backend: Backend, runs: int) -> None:
    """Record `runs` runs through the repository, one a second since START, as many to a commit as it takes."""
    for batch in _batches(_artifacts(backend, runs), ITEMS_PER_COMMIT // ITEMS_PER_RUN):
        backend.records.commit([repository.create(artifact) for artifact in batch])


def run_id(number: int) -> str:
    return f"run_{number:032x}"


def group(number: int) -> str:
    return f"group-{number % GROUPS}"


def _artifacts(backend: Backend, runs: int) -> Iterator[RunArtifact]:
    """Yield copies of one real run that differ in all that lists filter by; their hashes stay those of the first."""
    first = evaluated_run(backend.records, engines(), example_request(), provenance_now(AUTHOR, "bench"))
    for number in range(runs):
        differences = dict.fromkeys(
            ("label", "event_type", "tool_id", "machine_id", "material_id", "workflow_session_id", "parent_run_id"),
            group(number),
        )
        yield first.model_copy(
            update=differences
            | {
                "run_id": run_id(number),
                "request_id": f"req-{number}",
                "created_at": START + timedelta(seconds=number),
            }
        )


def _batches(artifacts: Iterator[RunArtifact], size: int) -> Iterator[Sequence[RunArtifact]]:
    batch: list[RunArtifact] = []
    for artifact in artifacts:
        batch.append(artifact)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
