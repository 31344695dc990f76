"""Feasibility as programs call it."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from feasibility.routes import router
from rmos.feasibility.models import Category, RiskLevel
from rmos.http.app import create_app
from rmos.identity import OpenDoor
from rmos.settings import Settings
from rmos.storage.backend import open_local

BASE = "/api/rmos/feasibility"
FIXTURES = Path(__file__).parents[1] / "fixtures"


def body_of(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.fixture
def call(tmp_path):
    stores = open_local(tmp_path)
    app = create_app([router], lambda: stores, Settings(), lambda _backend: OpenDoor())
    yield TestClient(app).request
    stores.close()


def test_the_green_rosette_is_green_and_says_what_binds(call):
    reply = call("POST", f"{BASE}/evaluate", json=body_of("classical-green"))
    verdict = reply.json()
    assert (reply.status_code, verdict["risk_level"], verdict["is_feasible"]) == (200, "GREEN", True)
    assert verdict["request_id"] == reply.headers["x-request-id"]
    assert verdict["compute_ms"] > 0
    assert verdict["not_checked"]


def test_its_red_twin_is_red_for_deflection_only(call):
    verdict = call("POST", f"{BASE}/evaluate", json=body_of("classical-red")).json()
    assert (verdict["risk_level"], verdict["binding"]["category"]) == ("RED", "deflection")
    risks = {each["category"]: each["risk_level"] for each in verdict["cuts"][0]["assessments"]}
    assert risks.pop("deflection") == "RED"
    assert set(risks.values()) == {"GREEN"}


def test_the_same_request_has_the_same_hashes_and_its_own_request_id(call):
    one, two = (call("POST", f"{BASE}/evaluate", json=body_of("classical-red")).json() for _ in range(2))
    assert one["result_sha256"] == two["result_sha256"]
    assert one["input_sha256"] == two["input_sha256"]
    assert one["request_id"] != two["request_id"]


def test_an_unknown_engine_is_404_and_never_another(call):
    reply = call("POST", f"{BASE}/evaluate", json=body_of("classical-green") | {"engine_id": "baseline_v9"})
    assert (reply.status_code, reply.json()["type"]) == (404, "urn:rmos:problem:engine-not-found")


def test_the_stub_is_refused_unless_the_settings_allow_it(call):
    reply = call("POST", f"{BASE}/evaluate", json=body_of("classical-green") | {"engine_id": "stub"})
    assert reply.status_code == 404
    assert [each["id"] for each in call("GET", f"{BASE}/engines").json()["items"]] == ["baseline_v1"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"soundhole_diameter_mm": 3.5}, "/design/soundhole_diameter_mm"),
        ({"inner_diameter_mm": 130}, "/design"),
        ({"top_material_id": "unobtainium"}, "/design/top_material_id"),
        ({"channel_depth_mm": "1.2 parsec"}, "/design/channel_depth_mm"),
        ({"channel_depth_mm": -1}, "/design/channel_depth_mm"),
        ({"rings": []}, "/design/rings"),
        ({"rings": [{"width_mm": 1}] * 10_000}, "/design/rings"),
    ],
)
def test_impossible_designs_are_422_with_a_pointer(call, change, pointer):
    body = body_of("classical-green")
    body["design"] |= change
    reply = call("POST", f"{BASE}/evaluate", json=body)
    assert reply.status_code == 422
    assert any(each["pointer"].startswith(pointer) for each in reply.json()["errors"]), reply.json()


def test_a_tool_and_a_tool_id_at_once_are_refused(call):
    body = body_of("classical-green")
    body["context"]["cuts"][0]["tool_id"] = "flat_3175"
    reply = call("POST", f"{BASE}/evaluate", json=body)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"].startswith("/context/cuts/0")


def test_lengths_with_units_mean_the_same(call):
    body = body_of("classical-green")
    plain = call("POST", f"{BASE}/evaluate", json=body).json()
    body["context"]["cuts"][0]["tool"]["diameter_mm"] = "1/8 in"
    body["design"]["soundhole_diameter_mm"] = "85 mm"
    assert call("POST", f"{BASE}/evaluate", json=body).json()["result_sha256"] == plain["result_sha256"]


def test_every_category_and_colour_is_explained(call):
    categories = call("GET", f"{BASE}/categories").json()
    assert [each["category"] for each in categories] == [each.value for each in Category]
    assert sum(each["weight"] for each in categories) == pytest.approx(1)
    levels = call("GET", f"{BASE}/risk-levels").json()
    assert [each["risk_level"] for each in levels] == [each.value for each in RiskLevel]
    assert [each["is_feasible"] for each in levels] == [True, True, False, False, False]


def test_every_rule_that_a_verdict_names_can_be_read(call):
    verdict = call("POST", f"{BASE}/evaluate", json=body_of("classical-red")).json()
    named = {rule_id for each in verdict["cuts"][0]["assessments"] for rule_id in each["rule_ids"]}
    listed = {each["rule_id"]: each for each in call("GET", f"{BASE}/rules").json()["items"]}
    assert named <= listed.keys()
    for rule_id in named:
        assert call("GET", f"{BASE}/rules/{rule_id}").json() == listed[rule_id]
    assert call("GET", f"{BASE}/rules/none-such").status_code == 404


def test_each_field_says_whether_it_must_be_given(call):
    fields = {each["name"]: each for each in call("GET", f"{BASE}/fields").json()["items"]}
    assert fields["tool.stickout_mm"]["need"] == "REQUIRED"
    assert "deflection" in fields["tool.stickout_mm"]["categories"]
    assert (fields["design.glue_line_mm"]["need"], fields["design.glue_line_mm"]["default"]) == ("DEFAULTED", 0.05)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("materials", "Indian rosewood", "rosewood_east_indian"),
        ("materials", "MOP", "mother_of_pearl"),
        ("materials", "sitka", "spruce_sitka"),
    ],
)
def test_reference_rows_are_found_by_the_names_people_use(call, path, query, expected):
    items = call("GET", f"{BASE}/{path}", params={"q": query}).json()["items"]
    assert expected in [each["id"] for each in items]


@pytest.mark.parametrize("path", ["materials", "tools", "machines"])
def test_every_reference_row_has_a_source_and_a_confidence(call, path):
    page = call("GET", f"{BASE}/{path}").json()
    assert page["version"]
    assert page["items"]
    assert all(each["source"] and 0 < each["confidence"] <= 1 for each in page["items"])
    assert call("GET", f"{BASE}/{path}", params={"q": "no such thing"}).json()["items"] == []
