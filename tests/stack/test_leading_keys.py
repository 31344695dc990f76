"""Every call that an area makes to the table is one that its role allows, by action and leading key.

On AWS a key that the template forgets is refused. The areas run in this process here, in seconds, and each of their
calls is held against the template's text; the deployed stack is tried in the other modules.
"""

import fnmatch
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from fastapi.testclient import TestClient
from feasibility.routers import ROUTERS as FEASIBILITY_ROUTERS
from relay import service as relay_service
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.dynamo_outbox import DynamoOutbox
from rmos.storage.ports import Emit
from rmos.storage.s3 import S3BlobStore
from rmos.storage.sqs import SqsSender
from runs.explanations.worker import work_off
from runs.routers import ROUTERS as RUNS_ROUTERS

from tests.stack.test_template import leading_keys, listed, statements_of
from tests.support.aws_stores import Aws, AwsStores
from tests.support.responses_api import responses_api
from tests.support.template import ROOT

GREEN = json.loads((ROOT / "docs" / "examples" / "classical-green.json").read_text())
TRANSACTION_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@dataclass(frozen=True)
class Calls:
    """The (action, partition key) pairs of all calls that a client made."""

    made: set[tuple[str, str]] = field(default_factory=set)

    def note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.made.update(_pairs(model.name, params))


def _pairs(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    match operation:
        case "TransactWriteItems":
            for part in params["TransactItems"]:
                for kind, item in part.items():
                    yield f"dynamodb:{TRANSACTION_ACTIONS[kind]}", (item.get("Key") or item["Item"])["pk"]["S"]
        case "BatchGetItem":
            for table in params["RequestItems"].values():
                yield from (("dynamodb:BatchGetItem", key["pk"]["S"]) for key in table["Keys"])
        case "BatchWriteItem":
            for requests in params["RequestItems"].values():
                for request in requests:
                    yield "dynamodb:BatchWriteItem", request["DeleteRequest"]["Key"]["pk"]["S"]
        case "Query":
            yield "dynamodb:Query", params["ExpressionAttributeValues"][":pk"]["S"]
        case other:
            raise AssertionError(f"{other} is not a call that the template knows")


def refused(function: str, calls: Calls) -> set[tuple[str, str]]:
    """Return the calls that no statement of the function's role allows."""
    statements = statements_of(function)
    return {
        (action, key)
        for action, key in calls.made
        if not any(
            action in listed(statement["Action"]) and fnmatch.fnmatchcase(key, pattern)
            for statement in statements
            for pattern in leading_keys(statement)
        )
    }


@pytest.fixture
def stores(moto_aws: Aws) -> AwsStores:
    return AwsStores(moto_aws)


@pytest.fixture
def calls() -> Calls:
    return Calls()


def watched_client(moto_aws: Aws, calls: Calls) -> Any:
    client = moto_aws.client("dynamodb")
    client.meta.events.register("provide-client-params.dynamodb", calls.note)
    return client


@pytest.fixture
def serve(moto_aws: Aws, stores: AwsStores, calls: Calls):
    """Serve one area over the stores, its calls noted; give back a client of an administrator."""
    token = create_token(stores.records, "anybody", Role.ADMIN)

    def start(*routers, settings=None) -> TestClient:
        blobs = S3BlobStore(stores.s3, stores.bucket_name)
        backend = Backend(DynamoRecordStore(watched_client(moto_aws, calls), stores.table_name, blobs), blobs)
        app = create_app(routers, lambda: backend, settings or Settings())
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return start


def test_the_runs_area_calls_only_what_its_role_allows(serve, calls):
    client = serve(*RUNS_ROUTERS)
    big = {"moves": ["x" * 1_000 for _ in range(300)]}
    created = client.post("/api/runs", json={**GREEN, "label": "one"}, headers={"Idempotency-Key": "k"})
    assert created.status_code == 201, created.text
    assert client.post("/api/runs", json={**GREEN, "outputs": {"opplan_json": big}}).status_code == 201
    run_id = created.json()["run_id"]
    for path in (f"/{run_id}", f"/{run_id}/verify", f"/diff?a={run_id}&b={run_id}", "", "?label=one", "?status=OK"):
        assert client.get(f"/api/runs{path}").status_code == 200
    advisory = {"advisory_id": "adv_1", "kind": "NOTE"}
    assert client.post(f"/api/runs/{run_id}/attach-advisory", json=advisory).status_code == 201
    file = {"kind": "PHOTO", "filename": "a.png"}
    assert client.post(f"/api/runs/{run_id}/attachments", params=file, content=b"x").status_code == 201
    assert client.post(f"/api/runs/{run_id}/suggest-and-attach", json={}).status_code == 201
    assert client.post(f"/api/runs/{run_id}/suggest-and-attach", json={"advisory_markdown": "x"}).status_code == 201
    upload = {"filename": "b", "kind": "FILM", "media_type": "a/b", "size_bytes": 1, "sha256": sha256(b"y").hexdigest()}
    announced = client.post(f"/api/runs/{run_id}/attachments/uploads", json=upload)
    assert announced.status_code == 201
    assert client.put(announced.json()["target"]["url"], content=b"y").status_code == 204
    assert client.post(f"{announced.headers['location']}/confirm").status_code == 201
    for path in ("", "/verify", "/advisories", "/attachments", "/attachments/verify"):
        assert client.get(f"/api/runs/{run_id}{path}").status_code == 200
    actions = {action for action, _ in calls.made}
    assert actions == {"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert refused("RunsFunction", calls) == set()


def test_explanations_are_queued_and_written_within_the_rights_of_both_functions(moto_aws, stores, calls, serve):
    with responses_api() as api:
        settings = Settings(openai_api_key="sk-x", openai_base_url=api.url, openai_text_model="m")
        client = serve(*RUNS_ROUTERS, settings=settings)
        run_id = client.post("/api/runs", json=GREEN).json()["run_id"]
        asked = client.post(f"/api/runs/{run_id}/suggest-and-attach", json={"engine_id": "openai"})
        assert asked.status_code == 202, asked.text
        assert refused("RunsFunction", calls) == set()
        (event,) = [item["body"]["S"] for item in stores.items() if item["pk"]["S"].startswith("outbox#")]
        calls.made.clear()
        blobs = S3BlobStore(stores.s3, stores.bucket_name)
        backend = Backend(DynamoRecordStore(watched_client(moto_aws, calls), stores.table_name, blobs), blobs)
        work_off(backend, settings, lambda: "sk-x", event)
    assert calls.made
    assert refused("ExplanationsFunction", calls) == set()
    assert client.get(f"/api/runs/{run_id}").json()["explanation_status"] == "READY"


def test_the_feasibility_area_calls_only_what_its_role_allows(serve, calls):
    client = serve(*FEASIBILITY_ROUTERS)
    assert client.post("/api/rmos/feasibility/evaluate", json=GREEN).status_code == 200
    row = {"label": "Oak", "values": {"class": "WOOD", "density_kg_per_m3": 700}}
    created = client.post("/api/rmos/feasibility/materials", json=row, headers={"Idempotency-Key": "k"})
    assert created.status_code == 201, created.text
    changed = client.put(created.headers["location"], json={**row, "aliases": ["shed"]})
    assert changed.status_code == 200, changed.text
    for top, status in (("own:oak", 200), ("own:aok", 422)):
        asked = {**GREEN, "design": {**GREEN["design"], "top_material_id": top}}
        assert client.post("/api/rmos/feasibility/evaluate", json=asked).status_code == status
    for path in ("engines", "categories", "risk-levels", "materials", "materials/own:oak", "tools", "machines"):
        assert client.get(f"/api/rmos/feasibility/{path}").status_code == 200
    actions = {action for action, _ in calls.made}
    assert actions == {"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert refused("FeasibilityFunction", calls) == set()


def test_the_runs_area_reads_own_rows_and_never_writes_them(serve, calls):
    client = serve(*RUNS_ROUTERS)
    asked = {**GREEN, "design": {**GREEN["design"], "top_material_id": "own:oak"}}
    assert client.post("/api/runs", json=asked).status_code == 422
    assert {key for _, key in calls.made} >= {"record#own-row/materials/own:oak", "index#own-rows/materials"}
    assert refused("RunsFunction", calls) == set()
    written = Calls({("dynamodb:PutItem", "record#own-row/x"), ("dynamodb:UpdateItem", "record#own-row/x")})
    assert refused("RunsFunction", written) == written.made


def test_the_relay_calls_only_what_its_role_allows(moto_aws, stores, calls, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "RMOS/tests")
    queue = moto_aws.client("sqs")
    url = queue.create_queue(QueueName="exports")["QueueUrl"]
    stores.records.commit([Emit("exports", "exp_1", "{}")])
    outbox = DynamoOutbox(watched_client(moto_aws, calls), stores.table_name)
    sender = SqsSender(queue, {"exports": url})
    relay_service.relay(
        [
            {"eventName": "INSERT", "dynamodb": {"Keys": item, "NewImage": item, "SequenceNumber": "1"}}
            for item in stores.items()
            if item["pk"]["S"].startswith("outbox#")
        ],
        outbox,
        sender,
    )
    relay_service.sweep(outbox, sender)
    assert {action for action, _ in calls.made} == {"dynamodb:Query", "dynamodb:BatchWriteItem"}
    assert refused("RelayFunction", calls) == set()


def test_a_call_outside_the_keys_is_noticed():
    assert refused("RunsFunction", Calls({("dynamodb:PutItem", "record#token/x")})) == {
        ("dynamodb:PutItem", "record#token/x")
    }
    assert refused("RunsFunction", Calls({("dynamodb:UpdateItem", "record#run/x")}))
    assert refused("RelayFunction", Calls({("dynamodb:BatchWriteItem", "record#run/x")}))
