from rmos.identity import Role


def test_a_replay_is_created_once_under_its_key_and_shows_in_the_lineage(operator, run_id):
    answer = operator.post(f"/api/runs/{run_id}/replay", json={}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["diff"]["severity"], found["run"]["parent_run_id"]) == ("NONE", run_id)
    assert operator.get(answer.headers["location"]).json() == found["run"]
    again = operator.post(f"/api/runs/{run_id}/replay", json={}, headers={"Idempotency-Key": "k"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (found, "true")
    lineage = operator.get(f"/api/runs/{run_id}/lineage").json()
    assert (lineage["ancestors"], lineage["truncated"]) == ([], False)
    assert [child["run_id"] for child in lineage["children"]] == [found["run"]["run_id"]]


def test_a_replay_needs_no_body_and_takes_a_named_engine(operator, run_id):
    assert operator.post(f"/api/runs/{run_id}/replay").status_code == 201
    stub = operator.post(f"/api/runs/{run_id}/replay", json={"engine_id": "stub"})
    assert stub.json()["run"]["engine_id"] == "stub"
    unknown = operator.post(f"/api/runs/{run_id}/replay", json={"engine_id": "guess"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:rmos:problem:engine-not-found")
    other = operator.post(f"/api/runs/{run_id}/replay", json={"design": {}})
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/design")


def test_lineage_is_for_viewers_and_replay_for_operators(as_role, run_id):
    viewer = as_role(Role.VIEWER)
    assert viewer.get(f"/api/runs/{run_id}/lineage").status_code == 200
    assert viewer.post(f"/api/runs/{run_id}/replay", json={}).status_code == 403


def test_an_unknown_run_has_no_lineage(operator):
    for answer in (operator.get("/api/runs/run_0/lineage"), operator.post("/api/runs/run_0/replay", json={})):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:rmos:problem:run-not-found")
