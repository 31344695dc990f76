"""Runs, and answers under keys, as earlier versions of RMOS stored them: served, compared and judged again by this one.

`fixtures/runs` holds records of real data folders, copied byte for byte; each is named by the ruleset that judged it.
"""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from rmos.canonical import canonical_json, parsed, sha256_of_bytes, sha256_of_json
from rmos.feasibility.baseline import BaselineFeasibilityEngineV1
from rmos.runs.repository import key_of
from rmos.runs.schema_version import SCHEMA_VERSION
from rmos.storage.digests import record_digest
from rmos.storage.ports import Entry, Put, Record

FOLDER = Path(__file__).parents[1] / "fixtures" / "runs"
ALL = sorted(path.stem for path in FOLDER.glob("*.json"))
APPENDED = {"advisory_inputs", "advisory_count", "explanation_status", "explanation_summary", "explanation_error"}
TODAY = BaselineFeasibilityEngineV1().info


def stored(name):
    """Return a kept run, and the digest that the version of its day stored with it."""
    kept = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    entries = tuple(Entry(index, sort) for index, sort in kept["entries"])
    return Record(key_of(kept["run_id"]), kept["body"], kept["head"], entries), kept["digest"]


@pytest.fixture(params=ALL)
def run(request, stores):
    """A run of an earlier version, as the JSON of its day."""
    record, _ = stored(request.param)
    stores.records.commit([Put(record)])
    return parsed(record.body)


def ok(answer):
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("name", ALL)
def test_a_record_of_an_earlier_version_keeps_its_digest(name):
    record, digest = stored(name)
    assert record_digest(record) == digest


def test_a_run_of_an_earlier_version_is_shown_and_verified_as_it_was_recorded(operator, run):
    path = f"/api/runs/{run['run_id']}"
    shown = ok(operator.get(path)).json()
    assert {name: shown[name] for name in run} == run
    # As documented: a field that later versions show must not stand among those that its hash is over.
    hashed = {name: value for name, value in shown.items() if name not in APPENDED | {"artifact_sha256"}}
    assert sha256_of_json(hashed) == run["artifact_sha256"]
    verified = ok(operator.get(f"{path}/verify")).json()
    assert verified["ok"], verified
    listed = ok(operator.get("/api/runs", params={"status": run["status"], "mode": run["mode"]})).json()
    assert [each["artifact_sha256"] for each in listed["items"]] == [run["artifact_sha256"]]
    assert parsed(ok(operator.get("/api/runs/export")).text) == run
    assert run["artifact_sha256"] in ok(operator.get(f"{path}/sheet")).text


def test_the_bundle_of_a_run_of_an_earlier_version_checks_itself(operator, run, tmp_path):
    bundle = ok(operator.get(f"/api/runs/{run['run_id']}/bundle")).content
    zipfile.ZipFile(io.BytesIO(bundle)).extractall(tmp_path)
    program = tmp_path / f"rmos-{run['run_id']}" / "verify.py"
    command = [sys.executable, "-I", str(program), "--expect", run["artifact_sha256"]]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_replay_tells_which_versions_judged(operator, stores):
    record, _ = stored("rules-1.0.0")
    stores.records.commit([Put(record)])
    run = parsed(record.body)
    answer = operator.post(f"/api/runs/{run['run_id']}/replay")
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["run"]["design"], found["run"]["context"]) == (run["design"], run["context"])
    assert found["diff"]["headline"].startswith(
        f"engine version 1.0.0 → {TODAY.version}; rules 1.0.0 → {TODAY.ruleset_version}; "
    )


def test_input_that_is_refused_by_now_is_not_judged_again_and_the_refusal_names_who_judged_it(operator, stores):
    record, _ = stored("rules-1.3.3")
    stores.records.commit([Put(record)])
    answer = operator.post(f"{'/api/runs/' + parsed(record.body)['run_id']}/replay")
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "urn:rmos:problem:not-replayable")
    assert "/context/confirmed_defaults/0: nothing is assumed for '/context/cuts/0/whatever'" in problem["detail"]
    assert problem["detail"].endswith("The run stays as recorded, by baseline_v1 1.0.1, rules 1.3.3")
    assert len(operator.get("/api/runs").json()["items"]) == 1


def test_a_run_of_a_newer_version_is_refused_by_its_number_and_still_verified(operator, stores):
    record, _ = stored("rules-1.0.0")
    newer = parsed(record.body) | {"schema_version": SCHEMA_VERSION + 1, "status": "HALTED"}
    del newer["artifact_sha256"]
    newer["artifact_sha256"] = sha256_of_json(newer)
    stores.records.commit([Put(Record(record.key, canonical_json(newer).decode(), record.head, record.entries))])
    path = f"/api/runs/{newer['run_id']}"
    for answer in (operator.get(path), operator.get(f"{path}/sheet"), operator.post(f"{path}/replay")):
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (500, "urn:rmos:problem:run-too-new")
        assert problem["detail"] == "the run has schema_version 2, this program knows up to 1; start the newer program"
    assert ok(operator.get(f"{path}/verify")).json()["ok"]
    assert len(ok(operator.get("/api/runs")).json()["items"]) == 1


def test_a_list_with_a_line_that_this_version_cannot_read_says_so(operator, stores):
    record, _ = stored("rules-1.0.0")
    stores.records.commit([Put(replace(record, head=record.head | {"status": "HALTED"}))])
    answer = operator.get("/api/runs")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:rmos:problem:run-too-new")


def test_a_key_of_an_earlier_version_is_answered_from_then(operator, stores, green):
    body = json.dumps(green).encode()
    token_id = operator.headers["Authorization"].split("_")[1]
    name = [token_id, "POST", "/api/runs", "", "k"]
    answer = {"status": 201, "body": '{"run_id":"run_then"}', "headers": {}, "media_type": "application/json"}
    head = {"body_sha256": sha256_of_bytes(body), "lease_until": None}
    kept = Record(
        f"idempotency/{sha256_of_json(name)}", canonical_json(answer).decode(), head, expires_at=4_102_444_800
    )
    stores.records.commit([Put(kept)])
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    again = operator.post("/api/runs", content=body, headers=headers)
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (
        201,
        {"run_id": "run_then"},
        "true",
    )
    other = operator.post("/api/runs", content=body + b" ", headers=headers)
    assert other.json()["type"] == "urn:rmos:problem:idempotency-key-reused"
