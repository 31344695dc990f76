import hashlib
import io
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.storage.s3 import blob_key
from rmos.storage.s3_links import S3BlobLinks
from runs.routers import ROUTERS
from runs.uploads import service

PROBLEM = "application/problem+json"
DATA = bytes(range(256)) * 20_000
SHA256 = hashlib.sha256(DATA).hexdigest()
FILE = {"filename": "film.mp4", "kind": "FILM", "media_type": "video/mp4"}


def announce(client, run_id, data=DATA, headers=None, **fields):
    body = FILE | {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} | fields
    return client.post(f"/api/runs/{run_id}/attachments/uploads", json=body, headers=headers)


def announced(client, run_id, **fields):
    answer = announce(client, run_id, **fields)
    assert answer.status_code == 201, answer.text
    return answer.json(), answer.headers["location"]


def send(client, upload, data=DATA):
    return client.put(upload["target"]["url"], content=data, headers=upload["target"]["headers"])


def slug(answer):
    assert answer.headers["content-type"] == PROBLEM, answer.text
    return answer.json()["type"].removeprefix("urn:rmos:problem:")


def blobs_in(tmp_path):
    return [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]


def listed(client, run_id):
    return client.get(f"/api/runs/{run_id}/attachments").json()["items"]


def test_a_large_file_is_announced_sent_confirmed_and_comes_back(operator, run_id):
    upload, place = announced(operator, run_id)
    assert (upload["target"]["method"], upload["target"]["needs_token"]) == ("PUT", True)
    assert send(operator, upload).status_code == 204
    assert listed(operator, run_id) == []
    answer = operator.post(f"{place}/confirm", headers={"X-Request-Id": "req_1"})
    assert answer.status_code == 201, answer.text
    attachment = answer.json()
    assert (attachment["sha256"], attachment["size_bytes"], attachment["filename"]) == (SHA256, len(DATA), "film.mp4")
    assert (attachment["request_id"], listed(operator, run_id)) == ("req_1", [attachment])
    got = operator.get(answer.headers["location"])
    assert (got.content == DATA, got.headers["content-type"]) == (True, "video/mp4")


def test_a_file_is_announced_under_the_name_that_it_will_have(operator, run_id):
    upload, place = announced(operator, run_id, filename='../a"\n\u202eb.mp4')
    assert upload["filename"] == operator.get(place).json()["filename"] == "ab.mp4"
    send(operator, upload)
    assert operator.post(f"{place}/confirm").json()["filename"] == "ab.mp4"


def test_confirming_twice_or_sending_twice_changes_nothing(operator, run_id):
    upload, place = announced(operator, run_id)
    assert [send(operator, upload).status_code for _ in range(2)] == [204, 204]
    first = operator.post(f"{place}/confirm")
    again = operator.post(f"{place}/confirm")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other, other_place = announced(operator, run_id)
    assert operator.post(f"{other_place}/confirm").status_code == 200
    assert other["upload_id"] != upload["upload_id"]
    assert len(listed(operator, run_id)) == 1


def test_what_has_not_arrived_cannot_be_confirmed(operator, run_id):
    _, place = announced(operator, run_id)
    answer = operator.post(f"{place}/confirm")
    assert (answer.status_code, slug(answer)) == (409, "upload-incomplete")
    assert listed(operator, run_id) == []


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (DATA[:-1] + b"!", (400, "wrong-digest")),
        (DATA[:-1], (400, "body-ended-early")),
        (b"", (400, "body-ended-early")),
        (DATA + b"!", (413, "too-large")),
    ],
)
def test_other_bytes_than_announced_are_refused_and_not_kept(operator, run_id, tmp_path, data, refusal):
    upload, place = announced(operator, run_id)
    answer = send(operator, upload, data)
    assert (answer.status_code, slug(answer)) == refusal
    assert blobs_in(tmp_path) == []
    assert operator.post(f"{place}/confirm").status_code == 409
    assert send(operator, upload).status_code == 204
    assert operator.post(f"{place}/confirm").status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"size_bytes": 0}, "/size_bytes"),
        ({"size_bytes": 1024**3 + 1}, "/size_bytes"),
        ({"sha256": "A" * 64}, "/sha256"),
        ({"filename": ""}, "/filename"),
        ({"media_type": "video"}, "/media_type"),
        ({"url": "x"}, "/url"),
    ],
)
def test_an_announcement_that_breaks_its_rules_is_pointed_at(operator, run_id, change, pointer):
    answer = announce(operator, run_id, **change)
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def test_an_upload_ends_with_its_hour(operator, run_id, monkeypatch):
    upload, _ = announced(operator, run_id)
    moments = [datetime.fromisoformat(upload[name]) for name in ("created_at", "expires_at")]
    assert moments[1] - moments[0] == timedelta(hours=1)
    monkeypatch.setattr(service, "KEPT", timedelta(seconds=-1))
    _, place = announced(operator, run_id)
    assert slug(operator.get(place)) == "upload-not-found"
    assert slug(operator.put(f"{place}/content", content=DATA)) == "upload-not-found"
    assert slug(operator.post(f"{place}/confirm")) == "upload-not-found"


def test_an_upload_is_of_its_run_alone(operator, run_id, green, tmp_path):
    upload, place = announced(operator, run_id)
    other = operator.post("/api/runs", json=green).json()["run_id"]
    for path in (f"/api/runs/{other}/attachments/uploads/{upload['upload_id']}", f"{place}x"):
        assert slug(operator.get(path)) == "upload-not-found"
        assert slug(operator.put(f"{path}/content", content=DATA)) == "upload-not-found"
        assert slug(operator.post(f"{path}/confirm")) == "upload-not-found"
    assert operator.get(place).json()["upload_id"] == upload["upload_id"]
    assert blobs_in(tmp_path) == []


def test_a_missing_run_takes_no_upload(operator):
    assert slug(announce(operator, "run_0")) == "run-not-found"


def test_a_viewer_uploads_nothing(as_role, operator, run_id):
    viewer = as_role(Role.VIEWER)
    upload, place = announced(operator, run_id)
    assert announce(viewer, run_id).status_code == 403
    assert viewer.get(place).status_code == 403
    assert send(viewer, upload).status_code == 403
    assert viewer.post(f"{place}/confirm").status_code == 403


def test_a_retry_with_its_key_gets_the_first_session(operator, run_id):
    first = announce(operator, run_id, headers={"Idempotency-Key": "k"})
    again = announce(operator, run_id, headers={"Idempotency-Key": "k"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")


def test_bytes_damaged_between_sending_and_confirming_are_not_attached(operator, run_id, tmp_path):
    upload, place = announced(operator, run_id)
    send(operator, upload)
    (path,) = blobs_in(tmp_path)
    path.chmod(0o644)
    path.write_bytes(DATA[:-1] + b"!")
    answer = operator.post(f"{place}/confirm")
    assert (answer.status_code, slug(answer)) == (500, "blob-corrupt")
    assert listed(operator, run_id) == []


@pytest.fixture
def aws_operator(moto_stores):
    links = S3BlobLinks(moto_stores.s3, moto_stores.bucket_name)
    stores = Backend(moto_stores.records, moto_stores.blobs, blob_links=links)
    token = create_token(stores.records, "the operator", Role.OPERATOR)
    app = create_app(ROUTERS, lambda: stores, Settings())
    return TestClient(app, headers={"Authorization": f"Bearer {token}"}, follow_redirects=False)


def test_on_aws_a_large_file_goes_past_the_functions_both_ways(aws_operator, moto_stores, green):
    run_id = aws_operator.post("/api/runs", json=green).json()["run_id"]
    upload, place = announced(aws_operator, run_id)
    target = upload["target"]
    assert (target["needs_token"], target["headers"]["If-None-Match"]) == (False, "*")
    assert "X-Amz-Signature=" in target["url"]
    moto_stores.blobs.put(io.BytesIO(DATA))
    created = aws_operator.post(f"{place}/confirm")
    assert created.status_code == 201, created.text
    content = created.headers["location"]
    got = aws_operator.get(content)
    assert (got.status_code, got.headers["cache-control"], got.content) == (307, "no-store", b"")
    assert "response-content-disposition=attachment" in got.headers["location"]
    told = aws_operator.get(content, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["sha256"], set(told.json())) == (200, SHA256, {"url", "sha256", "expires_at"})
    head = aws_operator.head(content)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(DATA)))
    assert aws_operator.get(content, headers={"If-None-Match": f'"{SHA256}"'}).status_code == 304
    moto_stores.s3.put_object(Bucket=moto_stores.bucket_name, Key=blob_key(SHA256), Body=b"x")
    refused = aws_operator.get(content)
    assert (refused.status_code, slug(refused)) == (500, "blob-corrupt")


@pytest.mark.parametrize(("size_bytes", "status"), [(4_194_304, 200), (4_194_305, 307)])
def test_on_aws_what_fits_one_answer_of_a_function_is_sent_by_it(aws_operator, moto_stores, green, size_bytes, status):
    run_id = aws_operator.post("/api/runs", json=green).json()["run_id"]
    _, place = announced(aws_operator, run_id, data=bytes(size_bytes))
    moto_stores.blobs.put(io.BytesIO(bytes(size_bytes)))
    content = aws_operator.post(f"{place}/confirm").headers["location"]
    assert aws_operator.get(content).status_code == status


def test_on_aws_a_large_file_that_is_gone_is_an_incident_and_not_absent(aws_operator, moto_stores, green):
    run_id = aws_operator.post("/api/runs", json=green).json()["run_id"]
    _, place = announced(aws_operator, run_id)
    moto_stores.blobs.put(io.BytesIO(DATA))
    content = aws_operator.post(f"{place}/confirm").headers["location"]
    moto_stores.s3.delete_object(Bucket=moto_stores.bucket_name, Key=blob_key(SHA256))
    for answer in (aws_operator.get(content), aws_operator.get(content, headers={"Accept": "application/json"})):
        assert (answer.status_code, slug(answer)) == (500, "blob-corrupt")
