"""A request that waits for a disk or a provider keeps no other waiting."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from fastapi.testclient import TestClient
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend
from runs.routers import ROUTERS

from tests.support.faults import FailingBlobs, FailingRecords

PATIENCE_S = 5.0


class Gate:
    """Holds calls of one name back until it opens, or until somebody has waited too long."""

    def __init__(self):
        self.held_back = ""
        self.is_reached, self._is_open = Event(), Event()
        self.was_opened = False

    def call(self, operation, *arguments):
        if operation.__name__ == self.held_back:
            self.is_reached.set()
            self.was_opened = self._is_open.wait(PATIENCE_S)
        return operation(*arguments)

    def open(self):
        self._is_open.set()


@pytest.mark.parametrize(
    ("held_back", "method", "path"),
    [
        ("commit", "POST", "/api/runs"),
        ("commit", "POST", "/api/runs/{run_id}/attachments?kind=note&filename=other.txt"),
        ("commit", "POST", "/api/runs/{run_id}/replay"),
        ("open", "GET", "/api/runs/{run_id}/verify"),
        ("open", "GET", "/api/runs/{run_id}/attachments/verify"),
        ("open", "GET", "/api/runs/{run_id}/attachments/{sha256}"),
        ("open", "GET", "/api/runs/{run_id}/bundle"),
    ],
)
def test_others_are_answered_while_a_request_waits_for_the_stores(stores, green, held_back, method, path):
    gate = Gate()
    slow = Backend(FailingRecords(stores.records, gate), FailingBlobs(stores.blobs, gate))
    token = create_token(stores.records, "maker", Role.OPERATOR)
    app = create_app(ROUTERS, lambda: slow, Settings())
    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client, ThreadPoolExecutor(1) as pool:
        run_id = client.post("/api/runs", json=green).json()["run_id"]
        path = path.format(run_id=run_id, sha256=_attached(client, run_id))
        body = {"json": green} if path == "/api/runs" else {"content": b"other"} if "filename" in path else {}
        gate.held_back = held_back
        waiting = pool.submit(client.request, method, path, **body)
        assert gate.is_reached.wait(PATIENCE_S)
        assert client.get("/api/runs").json()["items"][0]["run_id"] == run_id
        assert client.get(f"/api/runs/{run_id}").status_code == 200
        gate.open()
        assert waiting.result().is_success, waiting.result().text
        assert gate.was_opened, "the others waited too"


def _attached(client, run_id):
    answer = client.post(f"/api/runs/{run_id}/attachments?kind=other&filename=note.txt", content=b"a note")
    assert answer.status_code == 201, answer.text
    return answer.json()["sha256"]
