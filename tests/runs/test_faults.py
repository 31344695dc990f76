"""Whichever call to the stores fails, before its effect or after: the request sent again ends in the right state."""

import io
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import count

import pytest
from fastapi.testclient import TestClient
from rmos.canonical import canonical_json
from rmos.clock import new_id
from rmos.fsck import Kind, check
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.runs.inspection import BLOB_REFERENCES, broken_runs
from rmos.runs.models import RunContent, sealed
from rmos.runs.repository import create, get_artifacts
from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.dynamo_scan import DynamoScan
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.files import FileBlobStore
from rmos.storage.ports import BlobStore, RecordStore
from rmos.storage.s3_scan import S3BlobScan
from rmos.storage.scan import BlobScan, RecordScan
from rmos.storage.sqlite import SqliteRecordStore
from rmos.storage.sqlite_scan import SqliteScan
from runs.routers import ROUTERS

from tests.support.aws_stores import AwsStores
from tests.support.faults import FailingBlobs, FailingRecords, Faults, When
from tests.support.run_model import inputs

DATA = b"what the cut looked like"
KEYED, BARE = {"Idempotency-Key": "k"}, {}


@dataclass
class Place:
    """Stores that can be made to fail, and what looks behind them."""

    records: RecordStore
    blobs: BlobStore
    faults: Faults
    scan: RecordScan
    blob_scan: BlobScan

    @property
    def stores(self):
        return Backend(FailingRecords(self.records, self.faults), FailingBlobs(self.blobs, self.faults))

    def held(self):
        """Return how many records there are of each kind."""
        return Counter(scanned.key.partition("/")[0] for scanned in self.scan.records())

    def findings(self):
        assert list(broken_runs(self.scan, self.blobs)) == []
        return {finding.kind for finding in check(self.scan, self.blob_scan, BLOB_REFERENCES, lambda _: None).findings}


@pytest.fixture
def one_machine(tmp_path):
    faults, blobs, path = Faults(), FileBlobStore(tmp_path / "blobs"), tmp_path / "rmos.sqlite3"
    with (
        closing(SqliteRecordStore(path, FailingBlobs(blobs, faults))) as records,
        closing(SqliteScan(path, blobs)) as scan,
    ):
        yield Place(records, blobs, faults, scan, FileBlobScan(tmp_path / "blobs"))


@pytest.fixture
def aws(moto_aws):
    made, faults = AwsStores(moto_aws), Faults()
    records = DynamoRecordStore(made.dynamodb, made.table_name, FailingBlobs(made.blobs, faults))
    scan = DynamoScan(made.dynamodb, made.table_name, made.blobs)
    return Place(records, made.blobs, faults, scan, S3BlobScan(made.s3, made.bucket_name))


@pytest.fixture(params=["one_machine", "aws"])
def place(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def client(place):
    with TestClient(
        create_app(ROUTERS, lambda: place.stores, Settings(allow_stub_engine=True)), raise_server_exceptions=False
    ) as opened:
        yield opened


@pytest.fixture
def first_run(place, client):
    bearer = {"Authorization": f"Bearer {create_token(place.records, 'operator', Role.OPERATOR)}"}
    answer = client.post("/api/runs", json=inputs()["green"][0], headers=bearer)
    (run,) = get_artifacts(place.records, [answer.json()["run_id"]])
    return run


@pytest.fixture
def fails_everywhere(place, client, first_run):
    """Send a request until no call to the stores is left to fail, and again after each that failed."""

    def another_run():
        """Store a run like the first under an id of its own, which is quicker than to evaluate it again."""
        content = dict(first_run) | {"run_id": new_id("run")}
        del content["artifact_sha256"]
        run = sealed(RunContent.model_construct(**content), canonical_json(first_run.feasibility))
        place.records.commit([create(run)])
        return run.run_id

    def send_each(when, headers, expected, send, look):
        replayed = 0
        other = {"Authorization": f"Bearer {create_token(place.records, 'another', Role.OPERATOR)}"}
        for number in count(1):
            # A token of its own each time, so that the one call that reads it is among those that fail.
            bearer = {"Authorization": f"Bearer {create_token(place.records, 'operator', Role.OPERATOR)}"}
            run_id = another_run()
            place.faults.arm(number, when)
            first = send(run_id, number, bearer | headers)
            if not place.faults.disarm():
                assert first.status_code in expected, first.text
                look(run_id, number, first, other)
                return number, replayed
            assert first.status_code == (503 if when is When.BEFORE else 500), first.text
            again = send(run_id, number, bearer | headers)
            assert again.status_code in expected, again.text
            replayed += "Idempotent-Replayed" in again.headers
            look(run_id, number, again, other)
        raise AssertionError

    return send_each


def assert_verified(client, run_id, headers):
    found = client.get(f"/api/runs/{run_id}/verify", headers=headers).json()
    assert found["ok"], found


def assert_replayed_once(when, headers, replayed):
    """Only where the commit itself lost its answer is the first answer still there to be repeated."""
    assert replayed == (1 if headers and when is When.AFTER else 0)


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("which", ["small", "large", "long program", "refused"])
def test_a_run_is_created_once_whatever_call_fails(place, client, fails_everywhere, when, which):
    green, red = inputs()["green"][0], inputs()["red"][0]
    body, status, notes = {
        "small": (green, 201, set()),
        "large": (green | {"outputs": {"opplan_json": {"steps": ["x" * 1_000] * 300}}}, 201, {Kind.BLOB_ORPHANED}),
        "long program": (green | {"outputs": {"gcode_text": "(lap)\n" * 40_000}}, 201, {Kind.BLOB_ORPHANED}),
        "refused": (red | {"outputs": {"gcode_text": "G21\n"}}, 409, set()),
    }[which]

    def send(_run_id, number, headers):
        return client.post("/api/runs", json=body | {"label": f"run {number}"}, headers=headers)

    def look(_run_id, number, answer, headers):
        (item,) = client.get("/api/runs", params={"label": f"run {number}"}, headers=headers).json()["items"]
        assert item["run_id"] == answer.json()["run_id"]
        shown = client.get(answer.headers["location"], headers=headers).json()
        assert shown["run_id"] == item["run_id"]
        assert status == 409 or shown == answer.json()
        assert_verified(client, item["run_id"], headers)

    tries, replayed = fails_everywhere(when, KEYED, {status}, send, look)

    assert_replayed_once(when, KEYED, replayed)
    assert tries > 3
    assert place.held() == {"token": tries + 2, "run": 2 * tries + 1, "idempotency": tries}
    # A body that was spilled for a commit that never came is the only thing that may be left over.
    assert place.findings() <= notes


@pytest.mark.parametrize("when", When)
def test_a_run_is_replayed_once_whatever_call_fails(place, client, fails_everywhere, when):
    def send(run_id, _number, headers):
        return client.post(f"/api/runs/{run_id}/replay", json={"engine_id": "stub"}, headers=headers)

    def look(run_id, _number, answer, headers):
        lineage = client.get(f"/api/runs/{run_id}/lineage", headers=headers).json()
        (child,) = lineage["children"]
        assert child["run_id"] == answer.json()["run"]["run_id"]
        assert client.get(f"/api/runs/{child['run_id']}", headers=headers).json() == answer.json()["run"]
        assert_verified(client, child["run_id"], headers)

    tries, replayed = fails_everywhere(when, KEYED, {201}, send, look)

    assert_replayed_once(when, KEYED, replayed)
    assert tries > 3
    assert place.held() == {"token": tries + 2, "run": 2 * tries + 1, "idempotency": tries}
    assert place.findings() == set()


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("headers", [KEYED, BARE], ids=["keyed", "bare"])
def test_a_file_is_attached_once_whatever_call_fails(place, client, fails_everywhere, when, headers):
    def send(run_id, number, headers):
        query = {"kind": "PHOTO", "filename": f"{number}.png"}
        return client.post(f"/api/runs/{run_id}/attachments", params=query, content=DATA, headers=headers)

    def look(run_id, number, answer, headers):
        shown = client.get(f"/api/runs/{run_id}", headers=headers).json()
        assert shown["attachments"] == [answer.json()]
        assert shown["attachments"][0]["filename"] == f"{number}.png"
        assert client.get(answer.headers["location"], headers=headers).content == DATA
        assert_verified(client, run_id, headers)

    tries, replayed = fails_everywhere(when, headers, {201} if headers else {200, 201}, send, look)

    assert_replayed_once(when, headers, replayed)
    assert tries > 3
    kept = {"idempotency": tries} if headers else {}
    assert place.held() == {"token": tries + 2, "run": tries + 1, "run-attachment": tries} | kept
    assert place.findings() == set()


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("headers", [KEYED, BARE], ids=["keyed", "bare"])
def test_an_advisory_is_attached_once_whatever_call_fails(place, client, fails_everywhere, when, headers):
    def send(run_id, _number, headers):
        body = {"advisory_id": "adv_1", "kind": "NOTE"}
        return client.post(f"/api/runs/{run_id}/attach-advisory", json=body, headers=headers)

    def look(run_id, _number, answer, headers):
        shown = client.get(f"/api/runs/{run_id}", headers=headers).json()
        assert (shown["advisory_inputs"], shown["advisory_count"]) == ([answer.json()], 1)
        assert_verified(client, run_id, headers)

    tries, replayed = fails_everywhere(when, headers, {201} if headers else {200, 201}, send, look)

    assert_replayed_once(when, headers, replayed)
    assert tries > 3
    kept = {"idempotency": tries} if headers else {}
    assert place.held() == {"token": tries + 2, "run": tries + 1, "run-advisory": tries} | kept
    assert place.findings() == set()


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("headers", [KEYED, BARE], ids=["keyed", "bare"])
def test_a_run_is_explained_once_whatever_call_fails(place, client, fails_everywhere, when, headers):
    def send(run_id, _number, headers):
        return client.post(f"/api/runs/{run_id}/suggest-and-attach", json={}, headers=headers)

    def look(run_id, _number, answer, headers):
        shown = client.get(f"/api/runs/{run_id}", headers=headers).json()
        (attachment,), (advisory,) = shown["attachments"], shown["advisory_inputs"]
        assert attachment["sha256"] == advisory["advisory_id"] == answer.json()["advisory_sha256"]
        assert (shown["explanation_status"], shown["explanation_summary"]) == (
            "READY",
            answer.json()["explanation_summary"],
        )
        assert client.get(answer.headers["location"], headers=headers).status_code == 200
        assert_verified(client, run_id, headers)

    tries, replayed = fails_everywhere(when, headers, {201} if headers else {200, 201}, send, look)

    assert_replayed_once(when, headers, replayed)
    assert tries > 3
    kept = {"idempotency": tries} if headers else {}
    added = dict.fromkeys(("run-attachment", "run-advisory", "run-explanation"), tries)
    assert place.held() == {"token": tries + 2, "run": tries + 1} | added | kept
    assert place.findings() == set()


@pytest.mark.parametrize("when", When)
def test_an_upload_is_announced_and_confirmed_once_whatever_call_fails(place, client, fails_everywhere, when):
    blob = place.blobs.put(io.BytesIO(DATA))
    body = {"kind": "PHOTO", "filename": "a.png", "sha256": blob.sha256, "size_bytes": blob.size_bytes}

    def send(run_id, _number, headers):
        uploads = f"/api/runs/{run_id}/attachments/uploads"
        session = client.post(uploads, json=body, headers=headers)
        if session.status_code != 201:
            return session
        return client.post(f"{uploads}/{session.json()['upload_id']}/confirm", headers=headers)

    def look(run_id, _number, answer, headers):
        shown = client.get(f"/api/runs/{run_id}", headers=headers).json()
        assert shown["attachments"] == [answer.json()]
        assert_verified(client, run_id, headers)

    tries, _ = fails_everywhere(when, KEYED, {201}, send, look)

    assert tries > 6
    assert place.held() == {
        "token": tries + 2, "run": tries + 1, "run-upload": tries, "run-attachment": tries, "idempotency": 2 * tries,
    }  # fmt: skip
    assert place.findings() == set()
