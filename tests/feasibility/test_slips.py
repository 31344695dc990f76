"""Who misspells a field or sends the wrong kind of value is told what to write."""

import copy

import pytest
from fastapi.testclient import TestClient
from feasibility.routers import ROUTERS
from rmos.http.app import create_app
from rmos.identity import OpenDoor
from rmos.settings import Settings
from rmos.storage.backend import open_local

from tests.support.rosettes import body_of

EVALUATE = "/api/rmos/feasibility/evaluate"


@pytest.fixture
def viewer(tmp_path):
    stores = open_local(tmp_path)
    yield TestClient(create_app(ROUTERS, lambda: stores, Settings(), lambda _backend: OpenDoor()))
    stores.close()


def with_value(path, value):
    """Return the README's example with `value` at `path`, a JSON pointer."""
    body = copy.deepcopy(body_of())
    *steps, last = path.strip("/").split("/")
    node = body
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[int(last) if isinstance(node, list) else last] = value
    return body


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/desing", "did you mean design?"),
        ("/context/cuts/0/feed", "did you mean feed_mm_per_min?"),
        ("/context/cuts/0/RPM", "did you mean spindle_rpm?"),
        ("/context/cuts/0/tool/diametre_mm", "did you mean diameter_mm?"),
        ("/context/machine/spindle_power", "did you mean spindle_power_w?"),
        ("/design/rings/0/widht_mm", "did you mean width_mm?"),
        ("/design/glueline", "did you mean glue_line_mm?"),
    ],
)
def test_a_misspelt_field_is_answered_with_the_one_that_was_meant(viewer, path, said):
    answer = viewer.post(EVALUATE, json=with_value(path, 1))
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": path, "detail": f"unknown field; {said}"}]


def test_a_field_like_no_other_is_answered_with_all_there_are(viewer):
    answer = viewer.post(EVALUATE, json=with_value("/context/zzz", 1))
    (error,) = answer.json()["errors"]
    assert error["detail"].startswith("unknown field; known here: confirmed_defaults, cuts, display_units, machine")


def test_a_batch_names_the_field_that_was_meant_too(viewer):
    item = with_value("/context/cuts/0/stepover", 1)
    answer = viewer.post(f"{EVALUATE}/batch", json={"items": [item]}).json()
    (error,) = answer["items"][0]["problem"]["errors"]
    assert error == {
        "pointer": "/items/0/context/cuts/0/stepover",
        "detail": "unknown field; did you mean stepover_mm?",
    }


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("/design", [], "an object is needed: {…}"),
        ("/context/machine", "router", "an object is needed: {…}"),
        ("/context/cuts", {}, "a list is needed: […]"),
        ("/design/rings/0", 3, "an object is needed: {…}"),
    ],
)
def test_a_value_of_the_wrong_kind_is_answered_in_the_words_of_json(viewer, path, value, said):
    answer = viewer.post(EVALUATE, json=with_value(path, value))
    assert answer.json()["errors"][0] == {"pointer": path, "detail": said}


def test_a_misspelt_parameter_is_answered_with_the_one_that_was_meant(viewer):
    answer = viewer.get("/api/rmos/feasibility/tools?limits=5")
    assert answer.json()["errors"] == [{"pointer": "?limits", "detail": "unknown parameter; did you mean limit?"}]


def test_of_very_many_unknown_fields_only_some_are_compared_with_those_there_are(viewer):
    body = body_of() | {f"x{number:05}": 1 for number in range(20_000)} | {"y" * 500_000: 1}
    errors = viewer.post(EVALUATE, json=body).json()["errors"]
    assert len(errors) == 20_001
    assert [each["detail"].startswith("unknown field; ") for each in errors].count(True) == 20
