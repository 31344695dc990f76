"""Recording, reading and comparing runs, on one machine's store."""

from collections.abc import Iterator
from pathlib import Path

from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.models import Feasibility
from rmos.http.idempotency import Answer
from rmos.runs import repository
from rmos.runs.recording import provenance_now
from rmos.storage.backend import open_local
from runs import service

from bench.timing import Figure, fsync_in, interleaved, median_ms
from bench.workshop import AUTHOR, engines, example_request

REPETITIONS = 201
SYNCS_ALLOWED = 4
EXTRA_MS = 4.0


def measure(folder: Path) -> Iterator[Figure]:
    """Yield a create against an evaluation and four fsyncs on the same disk."""
    backend = open_local(folder / "creating")
    judges, request = engines(), example_request()
    created: list[str] = []

    def create() -> Answer:
        provenance = provenance_now(AUTHOR, "bench")
        created.append(provenance.run_id)
        return service.create_run(backend, judges, request, provenance, lambda _answer: ())

    def evaluate() -> Feasibility:
        return evaluate_feasibility(request, judges.registry, judges.default_id)

    times = interleaved(
        {
            "evaluate": evaluate,
            "create": create,
            "fsync": fsync_in(folder / "creating"),
            "get": lambda: repository.get_view(backend.records, created[0]),
            "diff": lambda: service.diff_of(backend, created[0], created[-1]),
        },
        REPETITIONS,
    )
    medians = {name: median_ms(each) for name, each in times.items()}
    allowed = medians["evaluate"] + SYNCS_ALLOWED * medians["fsync"] + EXTRA_MS
    yield Figure("evaluate, between the following", medians["evaluate"], "ms")
    yield Figure("fsync of 4 KB", medians["fsync"], "ms")
    yield Figure("create a run", medians["create"], "ms", f"≤ {allowed:.2f} ms", medians["create"] <= allowed)
    yield Figure("get a run", medians["get"], "ms")
    yield Figure("compare two runs", medians["diff"], "ms")
    backend.close()
