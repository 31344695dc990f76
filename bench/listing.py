"""Listing 50 of 1,000 runs against 50 of 100,000, by every single filter."""

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rmos.runs import repository
from rmos.runs.models import RunFilter
from rmos.storage.backend import Backend, open_local

from bench.timing import Figure, interleaved, median_ms, seconds_of
from bench.workshop import GROUPS, fill, group, run_id

FEW, MANY = 1_000, 100_000
PAGE = 50
REPETITIONS = 101
ALLOWED_RATIO = 1.3
CLIENTS = 8


def measure(folder: Path) -> Iterator[Figure]:
    """Yield the ratio of the medians for each filter, then what eight clients at once get from the large store."""
    stores = {size: open_local(folder / f"runs-{size}") for size in (FEW, MANY)}
    for size, backend in stores.items():
        fill(backend, size)
    for name in ("none", *repository.FILTERS):
        yield from _compared(name, stores)
    yield _eight_clients(stores[MANY])
    for backend in stores.values():
        backend.close()


def _compared(name: str, stores: dict[int, Backend]) -> Iterator[Figure]:
    actions = {str(size): _listing(backend, name, size) for size, backend in stores.items()}
    times = interleaved(actions, REPETITIONS)
    yield Figure(f"list by {name}: 50 of {MANY:,}", median_ms(times[str(MANY)]), "ms")
    # Of each pair taken right after one another, so that a busy moment of the machine strikes both sides.
    ratio = statistics.median(many / few for few, many in zip(times[str(FEW)], times[str(MANY)], strict=True))
    yield Figure(f"list by {name}: ratio to 50 of {FEW:,}", ratio, "x", f"≤ {ALLOWED_RATIO}", ratio <= ALLOWED_RATIO)


def _listing(backend: Backend, name: str, size: int) -> Callable[[], object]:
    """Return the action of listing by one filter, once it has been seen to give the newest 50."""
    newest = size - 1
    if name == "none":
        chosen, expected = RunFilter(), range(newest, newest - PAGE, -1)
    elif name == "request_id":
        chosen, expected = RunFilter(request_id=f"req-{newest}"), range(newest, newest - 1, -1)
    elif name == "mode":
        chosen, expected = RunFilter(mode="ROUTER"), range(newest, newest - PAGE, -1)
    else:
        shared = {"status": "BLOCKED", "risk_level": "RED"}
        chosen = RunFilter.model_validate({name: shared.get(name, group(newest))})
        expected = range(newest, newest - PAGE * GROUPS, -GROUPS)

    def list_page() -> list[str]:
        page = repository.list_summaries(backend.records, chosen, None, PAGE)
        return [repository.summary_from(line.head).run_id for line in page.items]

    if list_page() != [run_id(number) for number in expected]:
        raise AssertionError(f"the list by {name} is not that of the newest runs")
    return list_page


def _eight_clients(backend: Backend) -> Figure:
    listing = _listing(backend, "status", MANY)
    with ThreadPoolExecutor(CLIENTS) as clients:
        seconds = seconds_of(lambda: list(clients.map(lambda _number: listing(), range(CLIENTS * 25))))
    return Figure(f"{CLIENTS} clients listing", CLIENTS * 25 / seconds, "lists/s")
