"""A run keeps a bounded number of additions; whoever comes after hears so, whichever way they come."""

import hashlib

import pytest
from fastapi.testclient import TestClient
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.runs import evidence_records
from rmos.settings import Settings
from runs.routers import ROUTERS

DATA = b"a setup photograph"
FILE = {"kind": "PHOTO", "filename": "setup.jpg"}
ANNOUNCED = FILE | {"size_bytes": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}


@pytest.fixture
def client(stores):
    """The operator of a server that may ask openai, whom nobody asks here."""
    token = create_token(stores.records, "the operator", Role.OPERATOR)
    settings = Settings(openai_api_key="sk-test", openai_text_model="text-model", openai_base_url="http://127.0.0.1:9")
    return TestClient(create_app(ROUTERS, lambda: stores, settings), headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def path(client, green, monkeypatch):
    """A run that keeps two additions, and has one."""
    monkeypatch.setattr(evidence_records, "MAX_ADDED", 2)
    path = f"/api/runs/{client.post('/api/runs', json=green).json()['run_id']}"
    assert note(client, path, "first").status_code == 201
    return path


def note(client, path, advisory_id):
    return client.post(f"{path}/attach-advisory", json={"advisory_id": advisory_id, "kind": "NOTE"})


def attach(client, path):
    return client.post(f"{path}/attachments", params=FILE, content=DATA)


WAYS = {
    "a note": lambda client, path: note(client, path, "another"),
    "a file": attach,
    "an announcement": lambda client, path: client.post(f"{path}/attachments/uploads", json=ANNOUNCED),
    "an explanation": lambda client, path: client.post(f"{path}/suggest-and-attach", json={}),
    "a text": lambda client, path: client.post(f"{path}/suggest-and-attach", json={"advisory_markdown": "Mine."}),
    "openai": lambda client, path: client.post(f"{path}/suggest-and-attach", json={"engine_id": "openai"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_is_full_takes_nothing_more(client, path, way):
    assert note(client, path, "second").status_code == 201
    before = client.get(path).json()
    answer = WAYS[way](client, path)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:rmos:problem:evidence-full")
    assert "record a new one" in answer.json()["detail"]
    assert client.get(path).json() == before


@pytest.mark.parametrize("way", WAYS)
def test_the_last_place_is_taken_by_whatever_comes(client, path, way):
    assert WAYS[way](client, path).status_code in {201, 202}


def test_an_upload_that_was_announced_in_time_and_comes_too_late_is_not_added(client, path):
    announced = WAYS["an announcement"](client, path)
    place = announced.headers["location"]
    assert client.put(f"{place}/content", content=DATA).status_code == 204
    note(client, path, "second")
    assert client.post(f"{place}/confirm").status_code == 409
    assert client.get(f"{path}/attachments").json()["items"] == []


def test_what_a_full_run_has_already_is_still_fine(client, path):
    assert attach(client, path).status_code == 201
    assert [note(client, path, "first").status_code, attach(client, path).status_code] == [200, 200]
