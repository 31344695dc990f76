"""Feasibility as programs call it."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from feasibility.routers import ROUTERS
from rmos.feasibility.models import Category, RiskLevel
from rmos.http.app import create_app
from rmos.identity import OpenDoor
from rmos.settings import Settings
from rmos.storage.backend import open_local

from tests.support.json_patch import patched

BASE = "/api/rmos/feasibility"
FIXTURES = Path(__file__).parents[1] / "fixtures"


def body_of(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.fixture
def call(tmp_path):
    stores = open_local(tmp_path)
    app = create_app(ROUTERS, lambda: stores, Settings(), lambda _backend: OpenDoor())
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


def test_a_rule_that_the_caller_has_is_not_sent_again(call):
    path = f"{BASE}/rules/CHIP_RUBBING"
    etag = call("GET", path).headers["etag"]
    again = call("GET", path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert call("GET", f"{BASE}/rules/CHIP_OVERLOAD").headers["etag"] != etag


def test_each_field_says_whether_it_must_be_given(call):
    fields = {each["name"]: each for each in call("GET", f"{BASE}/fields").json()["items"]}
    assert fields["tool.stickout_mm"]["need"] == "REQUIRED"
    assert fields["tool.stickout_mm"]["label"] == "how far the bit stands out of the collet"
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


def test_a_red_request_is_told_what_to_change_and_the_hash_does_not_know(call):
    advised = call("POST", f"{BASE}/evaluate", json=body_of("classical-red")).json()
    plain = call("POST", f"{BASE}/evaluate", json=body_of("classical-red") | {"suggest": False}).json()
    first = advised["suggestions"][0]
    assert first["changes"] == [{"op": "replace", "path": "/context/cuts/0/tool/stickout_mm", "value": 16}]
    assert set(first) == {"changes", "cut_time_s", "overall_score", "risk_level", "summary", "trade_off"}
    assert plain["suggestions"] == []
    assert plain["result_sha256"] == advised["result_sha256"]


def test_a_suggestion_applied_to_the_body_as_sent_gives_what_it_says(call):
    body = body_of("classical-red")
    for suggestion in call("POST", f"{BASE}/evaluate", json=body).json()["suggestions"]:
        after = call("POST", f"{BASE}/evaluate", json=patched(body, suggestion["changes"])).json()
        assert (after["risk_level"], after["overall_score"]) == (suggestion["risk_level"], suggestion["overall_score"])


def test_a_batch_answers_each_item_by_itself(call):
    green, red = body_of("classical-green"), body_of("classical-red")
    bad = json.loads(json.dumps(green))
    bad["design"]["channel_depth_mm"] = -1
    items = [green, bad, red, green | {"engine_id": "baseline_v9"}]
    reply = call("POST", f"{BASE}/evaluate/batch", json={"items": items})
    answers = reply.json()["items"]
    assert reply.status_code == 200
    assert [(each["index"], each["status"]) for each in answers] == [(0, 200), (1, 422), (2, 200), (3, 404)]
    assert answers[0]["result"]["risk_level"] == "GREEN"
    assert (answers[2]["result"]["risk_level"], answers[2]["result"]["suggestions"]) == ("RED", [])
    assert [each["pointer"] for each in answers[1]["problem"]["errors"]] == ["/items/1/design/channel_depth_mm"]
    assert answers[3]["problem"]["type"] == "urn:rmos:problem:engine-not-found"


def test_an_id_that_stands_for_nothing_points_into_its_own_item(call):
    body = body_of("classical-green")
    body["design"]["top_material_id"] = "unobtainium"
    (answer,) = call("POST", f"{BASE}/evaluate/batch", json={"items": [body]}).json()["items"]
    assert answer["problem"]["errors"][0]["pointer"] == "/items/0/design/top_material_id"


def test_a_batch_is_answered_as_each_item_alone_would_be(call):
    body = body_of("classical-red")
    alone = call("POST", f"{BASE}/evaluate", json=body).json()
    (answer,) = call("POST", f"{BASE}/evaluate/batch", json={"items": [body]}).json()["items"]
    assert answer["result"]["result_sha256"] == alone["result_sha256"]


def test_two_hundred_of_one_cut_fit_and_what_does_not_fit_says_how_many_do(call):
    body = body_of("classical-red")
    reply = call("POST", f"{BASE}/evaluate/batch", json={"items": [body] * 200})
    assert (reply.status_code, len(reply.json()["items"])) == (200, 200)
    assert len(reply.content) < 4 * 1024 * 1024
    cut = body["context"]["cuts"][0]
    body["context"]["cuts"] = [cut] * 5
    reply = call("POST", f"{BASE}/evaluate/batch", json={"items": [body] * 200})
    assert reply.status_code == 413
    fitting = reply.json()["fitting_items"]
    reply = call("POST", f"{BASE}/evaluate/batch", json={"items": [body] * fitting})
    assert reply.status_code == 200


@pytest.mark.parametrize("count", [0, 201])
def test_a_batch_has_one_to_two_hundred_items(call, count):
    reply = call("POST", f"{BASE}/evaluate/batch", json={"items": [{}] * count})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/items")


AXES = {
    "feed_mm_per_min": {"min": 300, "max": 6300, "steps": 5},
    "spindle_rpm": {"min": 6000, "max": 30000, "steps": 4},
}


def test_a_map_has_a_row_for_each_feed_and_says_what_binds(call):
    body = body_of("classical-green")
    grid = call("POST", f"{BASE}/map", json=body | AXES).json()
    assert grid["feeds_mm_per_min"] == [300, 1800, 3300, 4800, 6300]
    assert grid["spindle_rpms"] == [6000, 14000, 22000, 30000]
    for values in (grid["risk_levels"], grid["scores"], grid["binding"]):
        assert [len(row) for row in values] == [4] * 5
    assert grid["present"]["risk_level"] == "GREEN"
    assert grid["risk_levels"][0][0] == "RED", "6,000 rpm is slower than the spindle turns"
    assert grid["binding"][0][0] == "rimspeed"
    assert {level for row in grid["risk_levels"] for level in row} >= {"GREEN", "RED"}


def test_each_cell_of_a_map_is_what_an_evaluation_there_finds(call):
    body = body_of("classical-green")
    grid = call("POST", f"{BASE}/map", json=body | AXES).json()
    for row, feed in enumerate(grid["feeds_mm_per_min"]):
        for column, rpm in enumerate(grid["spindle_rpms"]):
            body["context"]["cuts"][0] |= {"feed_mm_per_min": feed, "spindle_rpm": rpm}
            cut = call("POST", f"{BASE}/evaluate", json=body | {"suggest": False}).json()["cuts"][0]
            found = (grid["risk_levels"][row][column], grid["scores"][row][column])
            assert found == (cut["risk_level"], cut["overall_score"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"cut": 1}, "/cut"),
        ({"feed_mm_per_min": {"min": 500, "max": 400, "steps": 5}}, "/feed_mm_per_min/max"),
        (
            {
                "feed_mm_per_min": {"min": 1, "max": 400, "steps": 500},
                "spindle_rpm": AXES["spindle_rpm"] | {"steps": 6},
            },
            "/feed_mm_per_min/steps",
        ),
        ({"spindle_rpm": {"min": 500, "max": 400}}, "/spindle_rpm/steps"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_422_with_a_pointer(call, change, pointer):
    reply = call("POST", f"{BASE}/map", json=body_of("classical-green") | AXES | change)
    assert reply.status_code == 422
    assert pointer in [each["pointer"] for each in reply.json()["errors"]]


def test_an_id_that_is_none_is_told_in_words_and_where_to_find_it(call):
    body = body_of("classical-green")
    body["context"]["cuts"][0] = {**body["context"]["cuts"][0], "tool_id": "1/8 in downcut"}
    body["context"]["cuts"][0].pop("tool", None)
    (error,) = call("POST", f"{BASE}/evaluate", json=body).json()["errors"]
    assert error["pointer"] == "/context/cuts/0/tool_id"
    assert error["detail"] == (
        "an id is 1 to 128 letters, digits and . _ : - without spaces; "
        "GET /api/rmos/feasibility/tools?q= finds it by a name"
    )
