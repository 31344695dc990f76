"""1,000 creates from 16 clients while the server is killed at random moments and started again."""

import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from tests.support.commands import rmos
from tests.support.one_machine import one_machine
from tests.support.procs import free_port, kill_group

GREEN = json.loads((Path(__file__).parents[2] / "docs/examples/classical-green.json").read_text())
CREATES = 1_000
CLIENTS = 16
KILLS = 4
ENOUGH_S = 300


class Workshop:
    """16 clients that each repeat a create until it is acknowledged, under the create's own key."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._work = iter(range(CREATES))
        self._lock = threading.Lock()
        self._give_up_at = time.monotonic() + ENOUGH_S
        self.acknowledged: dict[int, str] = {}
        self.refusals: list[str] = []

    def run_clients(self) -> None:
        with ThreadPoolExecutor(CLIENTS) as clients:
            for client in [clients.submit(self._create_all) for _ in range(CLIENTS)]:
                client.result()

    def _create_all(self) -> None:
        with httpx2.Client(base_url=self._url, headers=self._headers, timeout=20) as client:
            while (number := self._next()) is not None:
                run_id = self._create(client, number)
                with self._lock:
                    self.acknowledged[number] = run_id

    def _next(self) -> int | None:
        with self._lock:
            return next(self._work, None)

    def _create(self, client: httpx2.Client, number: int) -> str:
        body = GREEN | {"label": f"run {number}", "event_type": "kill-story"}
        while time.monotonic() < self._give_up_at:
            try:
                answer = client.post("/api/runs", json=body, headers={"Idempotency-Key": f"create-{number}"})
            except httpx2.TransportError:
                time.sleep(0.05)  # the server is down for a moment
                continue
            if answer.status_code == 201:
                return answer.json()["run_id"]
            if answer.status_code != 503:
                self.refusals.append(answer.text)
            time.sleep(0.05)
        raise TimeoutError(f"create {number} was never acknowledged")


def listed(client: httpx2.Client, **filters: str) -> Iterator[dict[str, str]]:
    query = {"limit": "200"} | filters
    while True:
        page = client.get("/api/runs", params=query).json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


def serve_with_kills(stack: ExitStack, data_dir: Path, port: int, moments: list[int]) -> Workshop:
    """Run the workshop, killing the server each time that many creates are acknowledged; return it when it is done."""
    server = stack.enter_context(one_machine(data_dir, port))
    workshop = Workshop(server.url, server.admin)
    clients = threading.Thread(target=workshop.run_clients)
    clients.start()
    for moment in moments:
        while clients.is_alive() and len(workshop.acknowledged) < moment:
            time.sleep(0.001)
        kill_group(server.running.popen)
        server = stack.enter_context(one_machine(data_dir, port))
    clients.join()
    return workshop


@pytest.mark.slow
def test_what_was_acknowledged_before_a_kill_is_there_once_and_whole(tmp_path):
    data_dir, port = tmp_path / "data", free_port()
    seed = random.randrange(2**32)
    moments = sorted(random.Random(seed).sample(range(50, CREATES - 50), KILLS))
    print(f"seed {seed}: killed after {moments} of {CREATES} creates")

    with ExitStack() as stack:
        workshop = serve_with_kills(stack, data_dir, port, moments)
        client = stack.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        client.headers["Authorization"] = f"Bearer {(data_dir / 'admin.token').read_text().strip()}"

        assert workshop.refusals == []
        assert sorted(workshop.acknowledged) == list(range(CREATES))
        everything = list(listed(client))
        by_label = {item["label"]: item["run_id"] for item in everything}
        assert len(everything) == CREATES
        assert by_label == {f"run {number}": run_id for number, run_id in workshop.acknowledged.items()}
        for filters in ({"status": "OK"}, {"risk_level": "GREEN"}, {"event_type": "kill-story"}, {"mode": "ROUTER"}):
            assert sorted(item["run_id"] for item in listed(client, **filters)) == sorted(by_label.values())
        for number, run_id in workshop.acknowledged.items():
            verified = client.get(f"/api/runs/{run_id}/verify").json()
            assert verified["ok"], verified
            assert client.get(f"/api/runs/{run_id}").json()["label"] == f"run {number}"

    checked = rmos("fsck", "--data-dir", data_dir)
    assert checked.returncode == 0, checked.stdout + checked.stderr
