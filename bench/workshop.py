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

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
AUTHOR = Principal("bench", "bench", Role.OPERATOR)
START = datetime(2026, 1, 1, tzinfo=UTC)
GROUPS = 5
"""Each filter value is shared by every fifth run; the last of five is BLOCKED."""
ITEMS_PER_COMMIT = 100
ITEMS_PER_RUN = 2 + len(repository.FILTERS)


def engines() -> Engines:
    return Engines(default_registry(allow_stub=False), "baseline_v1")


def example_text(colour: str) -> str:
    """Return the request body that the example of this colour, `green` or `red`, is evaluated from."""
    return (EXAMPLES / f"classical-{colour}.json").read_text(encoding="utf-8")


def example_request(colour: str = "green") -> RunCreate:
    return RunCreate.model_validate(json.loads(example_text(colour)))


def fill(backend: Backend, runs: int, apart: timedelta = timedelta(seconds=1)) -> None:
    """Record `runs` runs through the repository, `apart` from each other since START, as many to a commit as it takes.

    Their hashes stay those of the two runs that they are copies of.
    """
    for batch in _batches(_artifacts(backend, runs, apart), ITEMS_PER_COMMIT // ITEMS_PER_RUN):
        backend.records.commit([repository.create(artifact) for artifact in batch])


def is_blocked(number: int) -> bool:
    return number % GROUPS == GROUPS - 1


def run_id(number: int) -> str:
    return f"run_{number:032x}"


def group(number: int) -> str:
    return f"group-{number % GROUPS}"


def _artifacts(backend: Backend, runs: int, apart: timedelta) -> Iterator[RunArtifact]:
    """Yield copies of a real run that is OK, and of one that is BLOCKED; they differ in all that lists filter by."""
    passed, blocked = (
        evaluated_run(backend.records, engines(), example_request(colour), provenance_now(AUTHOR, "bench"))
        for colour in ("green", "red")
    )
    for number in range(runs):
        differences = dict.fromkeys(
            ("label", "event_type", "tool_id", "machine_id", "material_id", "workflow_session_id", "parent_run_id"),
            group(number),
        )
        yield (blocked if is_blocked(number) else passed).model_copy(
            update=differences
            | {
                "run_id": run_id(number),
                "request_id": f"req-{number}",
                "created_at": START + number * apart,
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
