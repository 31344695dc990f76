"""The main job over the API's URL, as people of each role live it."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from rmos.identity import Role

from tests.support.template import ROOT

pytestmark = pytest.mark.stack

EXAMPLES = ROOT / "docs" / "examples"
GREEN = json.loads((EXAMPLES / "classical-green.json").read_text())
RED = json.loads((EXAMPLES / "classical-red.json").read_text())
EVALUATE = "/api/rmos/feasibility/evaluate"


@pytest.fixture(scope="module")
def viewer(bearer):
    return bearer[Role.VIEWER]


@pytest.fixture(scope="module")
def operator(bearer):
    return bearer[Role.OPERATOR]


@pytest.fixture(scope="module")
def session_id():
    """A mark of this test's own runs."""
    return f"session-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def green_run(anonymous, operator, session_id):
    answer = anonymous.post("/api/runs", json={**GREEN, "workflow_session_id": session_id}, headers=operator)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def red_run(anonymous, operator, session_id):
    answer = anonymous.post("/api/runs", json={**RED, "workflow_session_id": session_id}, headers=operator)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_green_rosette_is_green_and_its_red_twin_red_for_deflection(anonymous, viewer):
    green = anonymous.post(EVALUATE, json=GREEN, headers=viewer).json()
    red = anonymous.post(EVALUATE, json=RED, headers=viewer).json()
    assert (green["risk_level"], green["is_feasible"]) == ("GREEN", True)
    assert (red["risk_level"], red["is_feasible"]) == ("RED", False)
    assert red["binding"]["category"] == "deflection"


def test_a_green_run_is_ok_and_a_red_one_is_kept_as_blocked(green_run, red_run):
    assert (green_run["status"], green_run["decision"]["risk_level"]) == ("OK", "GREEN")
    assert (red_run["status"], red_run["decision"]["risk_level"]) == ("BLOCKED", "RED")
    assert red_run["decision"]["block_reason"]


def test_every_run_is_counted_by_its_status(green_run, red_run, stack):
    for run in (green_run, red_run):
        lines = stack.pool.log_lines("RunsFunction")
        (line,) = [line for line in lines if "_aws" in line and line.get("correlation_id") == run["request_id"]]
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "RMOS/rmos"
        assert "status" in directive["Dimensions"][0]
        assert directive["Metrics"] == [{"Name": "Runs", "Unit": "Count"}]
        assert (line["status"], line["Runs"]) == (run["status"], [1.0])


def test_a_run_is_found_again_under_its_location_and_its_etag_saves_the_second_reading(anonymous, viewer, green_run):
    found = anonymous.get(f"/api/runs/{green_run['run_id']}", headers=viewer)
    assert found.json() == green_run
    again = anonymous.get(
        f"/api/runs/{green_run['run_id']}", headers={**viewer, "If-None-Match": found.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_shows_the_newest_first_and_filters(anonymous, viewer, green_run, red_run, session_id):
    def listed(**filters):
        answer = anonymous.get("/api/runs", params={"workflow_session_id": session_id, **filters}, headers=viewer)
        assert answer.status_code == 200, answer.text
        return [item["run_id"] for item in answer.json()["items"]]

    newest_first = sorted((green_run, red_run), key=lambda run: run["created_at"], reverse=True)
    assert listed() == [run["run_id"] for run in newest_first]
    assert listed(status="BLOCKED") == [red_run["run_id"]]
    assert listed(risk_level="GREEN") == [green_run["run_id"]]


def test_the_diff_says_that_the_red_one_is_blocked(anonymous, viewer, green_run, red_run):
    pair = {"a": green_run["run_id"], "b": red_run["run_id"]}
    diff = anonymous.get("/api/runs/diff", params=pair, headers=viewer).json()
    assert diff["severity"] == "CRITICAL"
    assert {"/status", "/decision/risk_level"} <= {change["path"] for change in diff["changes"]}


def test_a_run_verifies(anonymous, viewer, green_run):
    verification = anonymous.get(f"/api/runs/{green_run['run_id']}/verify", headers=viewer).json()
    assert verification["ok"] is True
    assert all(check["ok"] for check in verification["checks"])


def test_a_large_run_spills_to_the_bucket_and_comes_back(anonymous, stack, operator, viewer):
    # Under the 256 KB of a record as sent, past it as kept: the body then lies in the bucket.
    plan = {"moves": [f"move {number} " + 80 * "x" for number in range(4_000)]}
    answer = anonymous.post("/api/runs", json={**GREEN, "outputs": {"opplan_json": plan}}, headers=operator)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert anonymous.get(f"/api/runs/{run['run_id']}", headers=viewer).json()["outputs"]["opplan_json"] == plan
    assert anonymous.get(f"/api/runs/{run['run_id']}/verify", headers=viewer).json()["ok"] is True
    listed = stack.account.client("s3").list_objects_v2(Bucket=stack.deployed.outputs["BucketName"], Prefix="blobs/")
    assert any(item["Size"] > 256 * 1024 for item in listed["Contents"])


def test_the_same_key_and_body_makes_one_run_even_at_once(anonymous, operator):
    headers = {**operator, "Idempotency-Key": uuid.uuid4().hex}

    def create(_number):
        return anonymous.post("/api/runs", json=GREEN, headers=headers)

    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(create, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotent-Replayed", "") for answer in answers) == ["", "true", "true", "true"]
    other = anonymous.post("/api/runs", json=RED, headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/runs"),
        ("POST", "/api/runs"),
        ("GET", "/api/runs/run_0"),
        ("GET", "/api/runs/run_0/verify"),
        ("GET", "/api/runs/diff?a=x&b=y"),
        ("POST", EVALUATE),
        ("GET", "/api/rmos/feasibility/engines"),
        ("GET", "/api/rmos/feasibility/materials"),
    ],
)
def test_nobody_comes_in_without_a_token(anonymous, method, path):
    for headers in ({}, {"Authorization": "Bearer rmos_0_0"}, {"Authorization": "Basic YTpi"}):
        answer = anonymous.request(method, path, headers=headers, json=GREEN if method == "POST" else None)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["instance"] == answer.headers["X-Request-Id"]


def test_a_viewer_creates_nothing(anonymous, viewer):
    answer = anonymous.post("/api/runs", json=GREEN, headers=viewer)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:rmos:problem:forbidden"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_look(anonymous, bearer, role):
    assert anonymous.get("/api/runs", params={"limit": 1}, headers=bearer[role]).status_code == 200


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER, Role.ADMIN])
def test_every_role_from_operator_on_may_create(anonymous, bearer, role):
    assert anonymous.post("/api/runs", json=GREEN, headers=bearer[role]).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/unknown/area", 404),
        ("POST", "/healthz", 405),
        ("GET", "/api/runs/a/b/c/d", 404),
        ("DELETE", "/api/runs/run_0", 405),
        ("PUT", "/api/runs", 405),
    ],
)
def test_what_is_not_served_is_a_problem_of_ours(anonymous, viewer, method, path, status):
    answer = anonymous.request(method, path, headers=viewer)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["instance"] == answer.headers["X-Request-Id"]


def test_bad_input_is_told_with_its_place_and_stores_nothing(anonymous, operator, session_id):
    bad = json.loads(json.dumps(GREEN))
    bad["design"]["soundhole_diameter_mm"] = 4
    bad["workflow_session_id"] = f"{session_id}-bad"
    answer = anonymous.post("/api/runs", json=bad, headers=operator)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    listed = anonymous.get("/api/runs", params={"workflow_session_id": f"{session_id}-bad"}, headers=operator)
    assert listed.json()["items"] == []


def test_a_damaged_run_is_not_served_and_is_told_as_an_incident(anonymous, stack, operator, viewer):
    run_id = anonymous.post("/api/runs", json=GREEN, headers=operator).json()["run_id"]
    stack.account.client("dynamodb").update_item(
        TableName=stack.deployed.outputs["TableName"],
        Key={"pk": {"S": f"record#run/{run_id}"}, "sk": {"S": "record"}},
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": "{}"}},
    )
    for path in (f"/api/runs/{run_id}", f"/api/runs/{run_id}/verify"):
        answer = anonymous.get(path, headers=viewer)
        assert answer.status_code == 500 or answer.json()["ok"] is False
    assert [line for line in stack.pool.log_lines("RunsFunction") if line.get("message") == "incident"]
