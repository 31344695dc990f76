"""Create, get, list and diff over real HTTP, beside what was measured of the system that RMOS replaces."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rmos.storage.backend import open_local

from bench.timing import Figure, interleaved, median_ms
from bench.workshop import GROUPS, example_text, fill, is_blocked, run_id
from tests.support.one_machine import OneMachine, one_machine
from tests.support.procs import LOOPBACK, free_port

CAPTION = (
    "Ours: medians of `rmos serve` over HTTP on this machine; each request carries a token, each run a whole verdict, "
    "and a create evaluates and waits for the disk.\n"
    'The original\'s: from the study of its code ("Latency and correctness of list/get", p50 and requests a second), '
    "measured once, on another machine, without tokens, with 1 kB of feasibility in each run, which its create took as "
    'it came. So "times better" tells orders of magnitude, not more.'
)

PAGE = 50
REPETITIONS = 41
CLIENTS = 8
CLIENTS_S = 4.0
LISTS_PER_S = 200
"""What eight clients get at least."""


@dataclass(frozen=True, slots=True)
class Shop:
    """How many runs there are, over how many days, and what the original gave there."""

    runs: int
    days: int
    original: Mapping[str, float]

    @property
    def name(self) -> str:
        return f"{self.runs:,} runs, {self.days} day{'s' if self.days > 1 else ''}"


CLIENTS_GET, CLIENTS_LIST = "8 clients: GET one", "8 clients: list"
LISTED = "of the 50 newest in the list"
ROWS = (
    "POST create",
    "GET list limit=50",
    "GET list status=BLOCKED",
    "GET one (newest)",
    "GET one (oldest)",
    "GET missing",
    "diff",
    "attach-advisory",
    CLIENTS_GET,
    CLIENTS_LIST,
    LISTED,
)
SHOPS = (
    Shop(1_000, 1, dict(zip(ROWS, (2.2, 228, 214, 3.9, 3.5, 1.8, 5.5, 4.9, 132, 2.3, 9), strict=True))),
    Shop(10_000, 1, dict(zip(ROWS, (2.5, 1_416, 1_784, 16.4, 17.5, 2.6, 34, 17, 50, 0.52, 0), strict=True))),
    Shop(10_000, 365, dict(zip(ROWS, (3.3, 76, 84, 7.8, 10.9, 10.0, 16.6, 10.2, 104, 10.6, 36), strict=True))),
)
_UNITS = dict.fromkeys(ROWS, "ms") | {CLIENTS_GET: "/s", CLIENTS_LIST: "/s", LISTED: "runs"}


class Client:
    """One caller with a connection of its own, kept open."""

    def __init__(self, server: OneMachine) -> None:
        port = int(server.url.rpartition(":")[2])
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
        self._headers = server.admin | {"Content-Type": "application/json"}

    def get(self, path: str, expected: int = 200) -> bytes:
        return self._answer("GET", path, None, expected)

    def post(self, path: str, body: str) -> bytes:
        return self._answer("POST", path, body, 201)

    def close(self) -> None:
        self._connection.close()

    def _answer(self, method: str, path: str, body: str | None, expected: int) -> bytes:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != expected:
            raise AssertionError(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return content


def measure(folder: Path) -> Iterator[Figure]:
    """Yield each figure of the original's table as `rmos serve` gives it: one caller, then eight at once."""
    for shop in SHOPS:
        data_dir = folder / f"original-{shop.runs}-{shop.days}"
        with closing(open_local(data_dir)) as backend:
            fill(backend, shop.runs, timedelta(days=shop.days) / shop.runs)
        with one_machine(data_dir, free_port()) as server, closing(Client(server)) as client:
            for name, value in _values(client, server, shop):
                yield _figure(shop, name, value)


def _values(client: Client, server: OneMachine, shop: Shop) -> Iterator[tuple[str, float]]:
    newest = [run_id(number) for number in range(shop.runs - 1, shop.runs - 1 - PAGE, -1)]
    yield LISTED, len(set(newest) & set(_listed(client)))
    times = interleaved(_requests(client, shop), REPETITIONS)
    yield from ((name, median_ms(each)) for name, each in times.items())
    yield CLIENTS_GET, _per_second(server, f"/api/runs/{run_id(shop.runs // 2)}")
    yield CLIENTS_LIST, _per_second(server, f"/api/runs?limit={PAGE}")


def _requests(client: Client, shop: Shop) -> dict[str, Callable[[], object]]:
    newest, oldest, body = shop.runs - 1, 0, example_text("green")
    advisories = (f'{{"advisory_id":"adv_{number}","kind":"NOTE"}}' for number in itertools.count())
    return {
        "POST create": lambda: client.post("/api/runs", body),
        "GET list limit=50": lambda: client.get(f"/api/runs?limit={PAGE}"),
        "GET list status=BLOCKED": lambda: client.get(f"/api/runs?status=BLOCKED&limit={PAGE}"),
        "GET one (newest)": lambda: client.get(f"/api/runs/{run_id(newest)}"),
        "GET one (oldest)": lambda: client.get(f"/api/runs/{run_id(oldest)}"),
        "GET missing": lambda: client.get("/api/runs/run_missing", 404),
        "diff": lambda: client.get(f"/api/runs/diff?a={run_id(oldest)}&b={run_id(newest)}"),
        "attach-advisory": lambda: client.post(f"/api/runs/{run_id(newest - 1)}/attach-advisory", next(advisories)),
    }


def _listed(client: Client) -> list[str]:
    """Return the newest runs as listed, once the blocked ones have been seen to be all there and in order."""
    blocked = json.loads(client.get(f"/api/runs?status=BLOCKED&limit={PAGE}"))["items"]
    numbers = [int(item["run_id"].removeprefix("run_"), 16) for item in blocked]
    if len(numbers) != PAGE or numbers != list(range(numbers[0], numbers[0] - PAGE * GROUPS, -GROUPS)):
        raise AssertionError("the list of blocked runs has gaps")
    if not is_blocked(numbers[0]):
        raise AssertionError("the list of blocked runs has others")
    return [item["run_id"] for item in json.loads(client.get(f"/api/runs?limit={PAGE}"))["items"]]


def _per_second(server: OneMachine, path: str) -> float:
    """Return how many answers a second eight clients get together."""
    deadline = time.perf_counter() + CLIENTS_S
    counts: list[int] = []

    def ask() -> None:
        with closing(Client(server)) as client:
            asked = 0
            while time.perf_counter() < deadline:
                client.get(path)
                asked += 1
            counts.append(asked)

    started = time.perf_counter()
    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    if len(counts) != CLIENTS:
        raise AssertionError("a client failed; its error stands above")
    return sum(counts) / (time.perf_counter() - started)


def _figure(shop: Shop, name: str, value: float) -> Figure:
    original = shop.original[name]
    label = f"{name}: {shop.name}"
    if name == CLIENTS_LIST:
        return Figure(label, value, "/s", f"≥ {LISTS_PER_S}", value >= LISTS_PER_S, original)
    return Figure(label, value, _UNITS[name], original=original)
