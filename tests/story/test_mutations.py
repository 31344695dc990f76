"""Real bodies with a few values changed: whatever comes, the answer is documented, fits its schema and is no fault."""

import copy
import json
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import open_local

from local.app import app_of
from local.examples import GREEN

BODY = json.loads(GREEN.read_text())
NUMBERS = [0, -1, 1, 0.1, 1e-9, 1e-308, 1e9, 1e308, -1e308, 2**53 - 1, 2**53, 25.4, 90]
LENGTHS = ["1/8 in", "3-11/32 in", "60 ipm", "85 mm", "1e9 mm", "0 in", "-1 mm"]
TEXTS = ["", " ", "x" * 300, "maple_hard", "\u202e", "é", "\x00"]
OTHERS = [None, True, [], {}, [None], {"a": 1}]


def places(node, path=()) -> Iterator[tuple]:
    if path:
        yield path
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, member in members:
        yield from places(member, (*path, step))


def at(body, path):
    for step in path:
        body = body[step]
    return body


PLACES = list(places(BODY))
QUANTITIES = [path for path in PLACES if isinstance(at(BODY, path), int | float)]
odd_values = st.sampled_from(NUMBERS + LENGTHS + TEXTS + OTHERS)
values = odd_values | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
scaled = st.tuples(st.sampled_from(QUANTITIES), st.just("scale"), st.floats(0.3, 3))
changed = st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "remove", "repeat"]), values)
mutations = st.lists(scaled | changed, min_size=1, max_size=3)


def mutated(changes):
    body = copy.deepcopy(BODY)
    for path, change, value in changes:
        try:
            node = at(body, path[:-1])
            if change == "replace":
                node[path[-1]] = value
            elif change == "scale":
                node[path[-1]] *= value
            elif change == "remove":
                del node[path[-1]]
            elif isinstance(node, list):
                node.insert(path[-1], copy.deepcopy(node[path[-1]]))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken this place away
    return body


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    backend = open_local(tmp_path_factory.mktemp("mutations"))
    app = app_of(backend, Settings())
    app.state.test_token = create_token(backend.records, "operator", Role.OPERATOR)
    yield app
    backend.close()


@pytest.fixture(scope="module")
def headers(app):
    return {"Authorization": f"Bearer {app.state.test_token}"}


@pytest.fixture(scope="module")
def schema(app):
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/api/rmos/feasibility/evaluate", "/api/runs"])
def test_a_changed_body_is_answered_as_documented(schema, headers, path):
    operation = schema[path]["POST"]

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(mutations)
    def try_it(changes):
        case = operation.Case(body=mutated(changes), media_type="application/json", headers=headers)
        case.call_and_validate()

    try_it()


def test_what_was_recorded_is_read_as_documented(app, schema, headers):
    with TestClient(app, headers=headers) as client:
        runs = [client.post("/api/runs", json=BODY | {"label": label}).json()["run_id"] for label in ("a", "b")]
    for path, given_by in [
        ("/api/runs", {"query": {"label": "a", "limit": 1}}),
        ("/api/runs/{run_id}", {"path_parameters": {"run_id": runs[0]}}),
        ("/api/runs/{run_id}/verify", {"path_parameters": {"run_id": runs[0]}}),
        ("/api/runs/diff", {"query": {"a": runs[0], "b": runs[1]}}),
    ]:
        case = schema[path]["GET"].Case(headers=dict(headers), **given_by)
        assert case.call_and_validate().status_code == 200
