import json
import threading
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from rmos.feasibility.models import RiskLevel
from rmos.http.openapi import openapi_document
from rmos.identity import Role
from rmos.runs.models import RunStatus
from rmos.runs.repository import create

from tests.support.disk import alter_row
from tests.support.run_artifacts import an_artifact

CREATED_BY_THE_SERVER = ("feasibility", "decision", "status", "hashes", "artifact_sha256", "created_by", "request_id")
PROBLEM = "application/problem+json"


def record(client, body, **fields):
    answer = client.post("/api/runs", json=body | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(client, **query):
    answer = client.get("/api/runs", params=query)
    assert answer.status_code == 200, answer.text
    return [item["run_id"] for item in answer.json()["items"]]


def pointers(answer):
    assert answer.headers["content-type"] == PROBLEM
    return [each["pointer"] for each in answer.json()["errors"]]


def test_a_run_is_created_at_its_location_and_reads_back_the_same(operator, green):
    answer = operator.post("/api/runs", json=green, headers={"X-Request-Id": "req_abc"})
    run = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/runs/{run['run_id']}")
    assert (run["status"], run["created_by"], run["request_id"]) == ("OK", "the operator", "req_abc")
    assert run["explanation_status"] == "NONE"
    assert (run["advisory_inputs"], run["advisory_count"], run["attachments"]) == ([], 0, [])
    got = operator.get(answer.headers["location"])
    assert (got.json(), got.headers["etag"]) == (run, answer.headers["etag"])


@pytest.mark.parametrize("which", ["red", "unknown"])
def test_what_may_not_be_cut_is_created_too(operator, request, which):
    run = record(operator, request.getfixturevalue(which))
    assert run["status"] == "BLOCKED"
    assert listed(operator, status="BLOCKED") == [run["run_id"]]


def test_outputs_for_a_blocked_run_are_refused_with_its_place(operator, red):
    answer = operator.post("/api/runs", json=red | {"outputs": {"gcode_text": "G21\n"}})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert (problem["type"], problem["decision"]["risk_level"]) == ("urn:rmos:problem:run-blocked", "RED")
    run = operator.get(answer.headers["location"]).json()
    assert (run["run_id"], run["outputs"]["gcode_text"], run["status"]) == (problem["run_id"], None, "BLOCKED")


def test_a_run_the_client_has_already_is_not_sent_again(operator, green):
    run = record(operator, green)
    first = operator.get(f"/api/runs/{run['run_id']}")
    again = operator.get(f"/api/runs/{run['run_id']}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["etag"].startswith('"')
    other = operator.get(f"/api/runs/{run['run_id']}", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize("name", CREATED_BY_THE_SERVER)
def test_a_verdict_of_the_clients_own_is_an_unknown_field(operator, green, name):
    answer = operator.post("/api/runs", json=green | {name: "GREEN"})
    assert (answer.status_code, pointers(answer)) == (422, [f"/{name}"])
    assert listed(operator) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"label": ""}, "/label"),
        ({"label": "two\nlines"}, "/label"),
        ({"event_type": "with space"}, "/event_type"),
        ({"workflow_session_id": "x" * 129}, "/workflow_session_id"),
        ({"parent_run_id": "run_0"}, "/parent_run_id"),
        ({"meta": {"x": "y" * 17_000}}, "/meta"),
        ({"notes": "n" * 10_001}, "/notes"),
        ({"outputs": {"gcode": "G21"}}, "/outputs/gcode"),
        ({"outputs": {"opplan_json": "text"}}, "/outputs/opplan_json"),
        ({"acknowledged_rule_ids": ["a"] * 101}, "/acknowledged_rule_ids"),
        ({"design": None}, "/design"),
    ],
)
def test_a_field_that_breaks_its_rules_is_pointed_at_and_nothing_is_stored(operator, green, change, pointer):
    answer = operator.post("/api/runs", json=green | change)
    assert answer.status_code == 422, answer.text
    assert set(pointers(answer)) == {pointer}
    assert listed(operator) == []


def test_a_filter_given_twice_is_refused_since_one_would_be_left_out(operator, green):
    record(operator, green)
    answer = operator.get("/api/runs?status=OK&status=BLOCKED&limit=5")
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, ["?status"])
    assert "more than once" in answer.json()["errors"][0]["detail"]


def test_an_unknown_engine_is_not_replaced_by_another(operator, green):
    answer = operator.post("/api/runs", json=green | {"engine_id": "guess"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:rmos:problem:engine-not-found")
    assert listed(operator) == []


def test_a_long_program_is_handed_out_as_an_attachment(operator, green):
    text = "G1 X1\n" * 40_000
    made = operator.post("/api/runs", json=green | {"outputs": {"gcode_text": text}})
    (attached,) = made.json()["attachments"]
    got = operator.get(f"{made.headers['location']}/attachments/{attached['sha256']}")
    assert (made.status_code, got.status_code, got.text) == (201, 200, text)
    assert got.headers["content-disposition"].startswith('attachment; filename="program.nc"')


def test_every_filter_is_served_alone_and_with_all_others(operator, stores, green):
    record(operator, green)
    chosen = {
        "label": "älteste #1 & co",
        "event_type": "toolpaths",
        "workflow_session_id": "ses:1",
        "parent_run_id": "run_1",
        "request_id": "req_1",
        "mode": "SAW",
        "tool_id": "own:saw",
        "material_id": "own:maple",
        "machine_id": "own:router",
    }
    artifact = an_artifact(RiskLevel.RED, RunStatus.BLOCKED, **chosen)
    stores.records.commit([create(artifact)])
    chosen |= {"status": "BLOCKED", "risk_level": "RED"}
    for name, value in chosen.items():
        assert listed(operator, **{name: value}) == [artifact.run_id], name
    assert listed(operator, **chosen) == [artifact.run_id]
    for name in chosen:
        other = {"status": "OK", "risk_level": "GREEN"}.get(name, "another")
        assert listed(operator, **chosen | {name: other}) == [], name


def test_a_summary_shows_all_that_can_be_filtered_by(operator, green):
    record(operator, green, label="first", event_type="toolpaths")
    (item,) = operator.get("/api/runs").json()["items"]
    assert (item["label"], item["event_type"], item["status"], item["risk_level"]) == (
        "first", "toolpaths", "OK", "GREEN",
    )  # fmt: skip
    assert {"score", "outputs_check", "artifact_sha256", "created_at", "created_by"} <= set(item)


def test_pages_follow_their_cursors_while_runs_are_added(operator, green):
    made = [record(operator, green)["run_id"] for _ in range(5)]
    first = operator.get("/api/runs", params={"limit": 2}).json()
    record(operator, green)
    second = operator.get("/api/runs", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = operator.get("/api/runs", params={"limit": 2, "cursor": second["next_cursor"]}).json()
    seen = [item["run_id"] for page in (first, second, third) for item in page["items"]]
    assert (seen, third["next_cursor"]) == (made[::-1], None)


NARROWED = {
    "status": "OK",
    "mode": "ROUTER",
    "label": "x",
    "created_from": "2000-01-01T00:00:00Z",
    "created_to": "2999-01-01T00:00:00Z",
}


@pytest.mark.parametrize("name", NARROWED)
def test_a_cursor_of_other_filters_is_refused(operator, green, name):
    for _ in range(2):
        record(operator, green, label="x")
    wide, narrow = {"limit": 1}, {"limit": 1, name: NARROWED[name]}
    for one, other in ((wide, narrow), (narrow, wide)):
        cursor = operator.get("/api/runs", params=one).json()["next_cursor"]
        assert operator.get("/api/runs", params=one | {"cursor": cursor}).status_code == 200
        answer = operator.get("/api/runs", params=other | {"cursor": cursor})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:rmos:problem:malformed-cursor")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"status": "DONE"}, "?status"),
        ({"risk_level": "PURPLE"}, "?risk_level"),
        ({"limit": 0}, "?limit"),
        ({"limit": 201}, "?limit"),
        ({"tool_id": "with space"}, "?tool_id"),
        ({"created_from": "2026-01-31"}, "?created_from"),
        ({"created_to": "1769860800"}, "?created_to"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_and_not_ignored(operator, query, pointer):
    answer = operator.get("/api/runs", params=query)
    assert (answer.status_code, pointers(answer)) == (422, [pointer])


def test_times_bound_the_list_at_both_ends(operator, green):
    runs = [record(operator, green) for _ in range(3)]
    moment = runs[1]["created_at"]
    assert datetime.fromisoformat(moment).tzinfo is not None
    assert listed(operator, created_from=moment) == [runs[2]["run_id"], runs[1]["run_id"]]
    assert listed(operator, created_to=moment) == [runs[1]["run_id"], runs[0]["run_id"]]
    assert listed(operator, created_from=moment, created_to=moment, status="OK") == [runs[1]["run_id"]]
    assert listed(operator, created_from="0001-01-01T00:00:00+23:59", created_to="9999-12-31T23:59:59-23:59")


def test_the_diff_of_two_runs_names_the_rule_that_moved(operator, green, red):
    a, b = record(operator, green), record(operator, red)
    found = operator.get("/api/runs/diff", params={"a": a["run_id"], "b": b["run_id"]}).json()
    assert (found["severity"], found["a"]["run_id"], found["b"]["run_id"]) == ("CRITICAL", a["run_id"], b["run_id"])
    assert found["rules_moved"][0]["category"] == "deflection"
    same = operator.get("/api/runs/diff", params={"a": a["run_id"], "b": a["run_id"]}).json()
    assert (same["severity"], same["changes"], same["truncated"]) == ("NONE", [], False)


def test_a_diff_needs_two_runs_that_exist(operator, green):
    a = record(operator, green)["run_id"]
    assert pointers(operator.get("/api/runs/diff", params={"a": a})) == ["?b"]
    answer = operator.get("/api/runs/diff", params={"a": a, "b": "run_0"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:rmos:problem:run-not-found")


@pytest.mark.parametrize("run_id", ["run_0", "exports", "verify", "..", "a:b", "x" * 128])
def test_what_is_no_run_is_not_found(operator, run_id):
    assert operator.get(f"/api/runs/{run_id.replace('.', '%2E')}").status_code == 404
    assert operator.get(f"/api/runs/{run_id.replace('.', '%2E')}/verify").status_code == 404


@pytest.mark.parametrize("run_id", ["x" * 129, "a%20b", "%00", "%F0%9F%8E%B8"])
def test_what_cannot_be_an_id_is_refused(operator, run_id):
    assert pointers(operator.get(f"/api/runs/{run_id}")) == ["{run_id}"]


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_no_method_changes_or_removes_a_run(operator, as_role, green, method):
    run = record(operator, green)
    for path in ("/api/runs", f"/api/runs/{run['run_id']}", f"/api/runs/{run['run_id']}/verify"):
        answer = as_role(Role.ADMIN).request(method, path, json={"status": "OK"})
        assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
        assert "GET" in answer.headers["allow"]
    assert operator.get(f"/api/runs/{run['run_id']}").json() == run


def test_viewers_read_and_only_operators_record(as_role, operator, green):
    run = record(operator, green)["run_id"]
    viewer = as_role(Role.VIEWER)
    for path in ("", f"/{run}", f"/{run}/verify", f"/diff?a={run}&b={run}"):
        assert viewer.get(f"/api/runs{path}").status_code == 200
    assert viewer.post("/api/runs", json=green).status_code == 403
    assert viewer.post("/api/runs", content=b"no json at all").status_code == 403
    nobody = TestClient(viewer.app)
    assert [nobody.get("/api/runs").status_code, nobody.post("/api/runs", json=green).status_code] == [401, 401]


def test_a_create_sent_again_under_its_key_is_answered_from_the_first_time(operator, green, red):
    key = {"Idempotency-Key": "once"}
    first = operator.post("/api/runs", json=green, headers=key)
    again = operator.post("/api/runs", json=green, headers=key)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        201, first.json(), first.headers["location"],
    )  # fmt: skip
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert operator.post("/api/runs", json=red, headers=key).status_code == 422
    assert listed(operator) == [first.json()["run_id"]]


def test_a_refusal_of_outputs_is_replayed_too(operator, red):
    body, key = red | {"outputs": {"gcode_text": "G21\n"}}, {"Idempotency-Key": "once"}
    first, again = (operator.post("/api/runs", json=body, headers=key) for _ in range(2))
    assert (again.status_code, again.json(), again.headers["content-type"]) == (409, first.json(), PROBLEM)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(listed(operator)) == 1


def test_of_equal_creates_at_once_under_one_key_one_makes_the_run(operator, green):
    start = threading.Barrier(4)
    answers = []

    def post():
        start.wait()
        answers.append(operator.post("/api/runs", json=green, headers={"Idempotency-Key": "once"}))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["run_id"] for answer in answers} == set(listed(operator))
    assert len(listed(operator)) == 1


def test_verify_says_that_a_run_is_as_it_was_recorded(operator, green):
    run = record(operator, green)
    found = operator.get(f"/api/runs/{run['run_id']}/verify").json()
    assert found["ok"], found
    recorded = {check["name"]: check["expected"] for check in found["checks"]}
    assert recorded["artifact_sha256"] == run["artifact_sha256"]


def test_a_damaged_run_is_not_served_but_verify_still_answers(operator, green, tmp_path):
    run = record(operator, green)["run_id"]
    alter_row(
        tmp_path / "data" / "rmos.sqlite3",
        "UPDATE records SET body = replace(body, 'GREEN', 'GREEM') WHERE key = ?",
        f"run/{run}",
    )
    answer = operator.get(f"/api/runs/{run}")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:rmos:problem:record-corrupt")
    assert "GREEM" not in answer.text
    assert operator.get("/api/runs/diff", params={"a": run, "b": run}).status_code == 500
    found = operator.get(f"/api/runs/{run}/verify")
    assert (found.status_code, found.json()["ok"]) == (200, False)
    assert [check["name"] for check in found.json()["checks"] if not check["ok"]] == ["record"]


def test_the_api_is_documented_with_its_answers(app):
    paths = openapi_document(app)["paths"]
    assert {path: set(operations) for path, operations in paths.items()}.items() >= {
        "/api/runs": {"get", "post"},
        "/api/runs/diff": {"get"},
        "/api/runs/{run_id}": {"get"},
        "/api/runs/{run_id}/verify": {"get"},
    }.items()
    listing = {parameter["name"] for parameter in paths["/api/runs"]["get"]["parameters"]}
    assert listing == {
        "status", "mode", "tool_id", "event_type", "risk_level", "material_id", "machine_id", "workflow_session_id",
        "parent_run_id", "request_id", "label", "created_from", "created_to", "limit", "cursor",
    }  # fmt: skip
    assert {"201", "404", "409", "413", "422"} <= set(paths["/api/runs"]["post"]["responses"])
    assert json.dumps(paths)


def test_a_diff_is_markdown_for_whoever_asks_for_it(operator, green, red):
    a, b = (record(operator, body)["run_id"] for body in (green, red))
    query = {"a": a, "b": b}
    told = operator.get("/api/runs/diff", params=query, headers={"Accept": "text/markdown"})
    assert (told.status_code, told.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert "Accept" in told.headers["vary"]
    assert told.text.startswith("**CRITICAL**: status OK → BLOCKED")
    plain = operator.get("/api/runs/diff", params=query)
    assert (plain.headers["content-type"], "Accept" in plain.headers["vary"]) == ("application/json", True)
    assert operator.get("/api/runs/diff", params=query, headers={"Accept": "*/*"}).json()["severity"] == "CRITICAL"
