import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend, open_local
from runs.routers import ROUTERS

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture
def stores(tmp_path):
    opened = open_local(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def green():
    """The README's example: may be cut."""
    return json.loads((FIXTURES / "classical-green.json").read_text())


@pytest.fixture
def red():
    """Its twin in hard maple, in one pass with a long stickout: deflects too much."""
    return json.loads((FIXTURES / "classical-red.json").read_text())


@pytest.fixture
def unknown(green):
    """The same without the bit's stickout, which no verdict can do without."""
    del green["context"]["cuts"][0]["tool"]["stickout_mm"]
    return green


@pytest.fixture
def app(stores):
    return create_app(ROUTERS, lambda: Backend(stores.records, stores.blobs), Settings(allow_stub_engine=True))


@pytest.fixture
def as_role(app, stores):
    def client(role):
        token = create_token(stores.records, f"the {role.value}", role)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)

    return client


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERATOR)


@pytest.fixture
def run_id(operator, green):
    """A run of the README's example."""
    answer = operator.post("/api/runs", json=green)
    assert answer.status_code == 201, answer.text
    return answer.json()["run_id"]
