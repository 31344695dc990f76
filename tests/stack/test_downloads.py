"""What is too large for one answer of a function: exports, bundles and attachments through presigned URLs."""

import base64
import hashlib
import io
import json
import random
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend, open_local
from rmos.storage.dynamo_scan import DynamoScan
from rmos.storage.ports import Put
from rmos.storage.s3 import S3BlobStore, blob_key
from runs.routers import ROUTERS

from tests.stack.conftest import ORIGIN, Stack
from tests.support.template import ROOT

pytestmark = pytest.mark.stack

GREEN = json.loads((ROOT / "docs" / "examples" / "classical-green.json").read_text())
INLINE_BYTES = 4_194_304
FILM = random.Random(1).randbytes(INLINE_BYTES + 1)
FILM_SHA256 = hashlib.sha256(FILM).hexdigest()
RUNS = 10
LARGE_PLAN = {"moves": [f"move {number} " + 80 * "x" for number in range(5_000)]}


@pytest.fixture(scope="module")
def operator(bearer):
    return bearer[Role.OPERATOR]


@pytest.fixture(scope="module")
def bucket(stack: Stack) -> Iterator[httpx2.Client]:
    """Whoever has a URL of the bucket, and no token."""
    with httpx2.Client(verify=stack.account.tls(), timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def session_id(anonymous, operator):
    """The session of runs that are past one answer together."""
    name = f"session-{uuid.uuid4().hex}"
    for number in range(RUNS):
        run = {**GREEN, "workflow_session_id": name, "label": f"Nr. {number}", "outputs": {"opplan_json": LARGE_PLAN}}
        answer = anonymous.post("/api/runs", json=run, headers=operator)
        assert answer.status_code == 201, answer.text
    return name


@pytest.fixture(scope="module")
def run_id(anonymous, operator, bucket):
    """A run with a note and a film that went to the bucket itself."""
    run_id = anonymous.post("/api/runs", json=GREEN, headers=operator).json()["run_id"]
    path = f"/api/runs/{run_id}"
    noted = anonymous.post(f"{path}/attach-advisory", json={"advisory_id": "note:1", "kind": "NOTE"}, headers=operator)
    assert noted.status_code == 201, noted.text
    file = {"filename": "film.mp4", "kind": "FILM", "media_type": "video/mp4"}
    announcement = file | {"size_bytes": len(FILM), "sha256": FILM_SHA256}
    announced = anonymous.post(f"{path}/attachments/uploads", json=announcement, headers=operator)
    assert announced.status_code == 201, announced.text
    target = announced.json()["target"]
    assert bucket.put(target["url"], content=FILM, headers=target["headers"]).status_code == 200
    confirmed = anonymous.post(f"{announced.headers['Location']}/confirm", headers=operator)
    assert confirmed.status_code == 201, confirmed.text
    return run_id


@pytest.fixture(scope="module")
def one_machine(stack: Stack, session_id, run_id, tmp_path_factory) -> Iterator[TestClient]:
    """One machine that keeps the same runs."""
    stored = S3BlobStore(stack.account.client("s3"), stack.deployed.outputs["BucketName"])
    scan = DynamoScan(stack.account.client("dynamodb"), stack.deployed.outputs["TableName"], stored)
    local = open_local(tmp_path_factory.mktemp("one-machine"))
    for scanned in scan.records():
        if scanned.record is not None and (session_id in scanned.record.body or run_id in scanned.key):
            local.records.commit([Put(scanned.record)])
    with stored.open(FILM_SHA256) as stream:
        local.blobs.put(stream)
    token = create_token(local.records, "the viewer", Role.VIEWER)
    app = create_app(ROUTERS, lambda: Backend(local.records, local.blobs), Settings())
    yield TestClient(app, headers={"Authorization": f"Bearer {token}"})
    local.close()


def fetched(bucket: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """Follow a redirect to the bucket and compare what comes with the digest that was promised."""
    assert (answer.status_code, answer.headers["Cache-Control"]) == (307, "no-store"), answer.text
    got = bucket.get(answer.headers["Location"])
    assert got.status_code == 200, got.text
    digest = base64.b64encode(hashlib.sha256(got.content).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    return got


def told(answer: httpx2.Response, content: bytes) -> str:
    """Return the URL of an answer to who accepts JSON, for these bytes."""
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    place = answer.json()
    assert set(place) == {"url", "sha256", "expires_at"}
    assert place["sha256"] == hashlib.sha256(content).hexdigest()
    return place["url"]


def test_an_export_of_whole_runs_is_what_one_machine_makes_of_the_same(get, bucket, one_machine, session_id):
    query = {"workflow_session_id": session_id}
    got = fetched(bucket, get("/api/runs/export", query))
    assert got.headers["Content-Type"] == "application/jsonl"
    assert got.headers["Content-Disposition"].startswith('attachment; filename="rmos-runs.jsonl"')
    assert got.content == one_machine.get("/api/runs/export", params=query).content
    assert "/produced/" in httpx2.URL(str(got.url)).path, "the bucket forgets it by itself"
    assert len(got.text.splitlines()) == RUNS
    asked = get("/api/runs/export", query, Accept="application/json")
    assert bucket.get(told(asked, got.content)).content == got.content


def test_an_export_that_fits_is_in_the_answer_itself(get, one_machine, session_id):
    query = {"format": "csv", "workflow_session_id": session_id}
    got = get("/api/runs/export", query)
    assert (got.status_code, got.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert got.content == one_machine.get("/api/runs/export", params=query).content
    assert len(got.text.splitlines()) == RUNS + 1


def test_a_bundle_is_what_one_machine_packs_and_its_own_program_finds_it_whole(
    get, bucket, one_machine, run_id, tmp_path
):
    path = f"/api/runs/{run_id}/bundle"
    answer = get(path)
    got = fetched(bucket, answer)
    assert got.headers["Content-Type"] == "application/zip"
    assert got.content == one_machine.get(path).content
    asked = get(path, Accept="application/json")
    assert bucket.get(told(asked, got.content)).content == got.content
    assert checked(got.content, tmp_path) == (0, "all as recorded")
    damaged = got.content.replace(FILM[:64], FILM[1:65], 1)
    assert checked(damaged, tmp_path) == (1, "1 wrong")


def test_a_large_bundle_is_not_made_again_for_who_has_it(get, anonymous, bearer, one_machine, run_id):
    path = f"/api/runs/{run_id}/bundle"
    assert "ETag" not in get(path).headers, "a link is no bundle"
    head = anonymous.head(path, headers=bearer[Role.VIEWER])
    assert (head.status_code, head.headers["ETag"]) == (200, one_machine.get(path).headers["ETag"])
    unchanged = get(path, **{"If-None-Match": head.headers["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_small_bundle_is_in_the_answer_itself(anonymous, operator, get, tmp_path):
    run_id = anonymous.post("/api/runs", json=GREEN, headers=operator).json()["run_id"]
    answer = get(f"/api/runs/{run_id}/bundle")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert checked(answer.content, tmp_path) == (0, "all as recorded")


def test_a_large_attachment_comes_from_the_bucket_under_its_name(anonymous, get, bearer, bucket, run_id):
    path = f"/api/runs/{run_id}/attachments/{FILM_SHA256}"
    got = fetched(bucket, get(path))
    assert got.content == FILM
    assert (got.headers["Content-Type"], got.headers["Cache-Control"]) == ("video/mp4", "private, no-store")
    assert got.headers["Content-Disposition"].startswith('attachment; filename="film.mp4"')
    head = anonymous.head(path, headers=bearer[Role.VIEWER])
    assert (head.status_code, head.headers["X-Content-Size"]) == (200, str(len(FILM)))
    verification = get(f"/api/runs/{run_id}/verify").json()
    assert verification["ok"] is True
    names = [check["name"] for check in verification["checks"]]
    assert f"blob {FILM_SHA256} (checksum kept by the store)" in names


def test_a_file_that_was_replaced_in_the_bucket_is_not_given_out_and_is_counted(anonymous, operator, get, stack):
    run_id = anonymous.post("/api/runs", json=GREEN, headers=operator).json()["run_id"]
    photo = random.Random(4).randbytes(2_000)
    path = f"/api/runs/{run_id}/attachments"
    sha256 = anonymous.post(f"{path}?kind=PHOTO&filename=a.jpg", content=photo, headers=operator).json()["sha256"]
    root = stack.account.client("s3")
    root.put_object(Bucket=stack.deployed.outputs["BucketName"], Key=blob_key(sha256), Body=photo[::-1])
    refused = get(f"{path}/{sha256}", **{"X-Request-Id": "req-of-the-damage"})
    assert (refused.status_code, refused.json()["type"]) == (500, "urn:rmos:problem:blob-corrupt")
    verification = get(f"/api/runs/{run_id}/verify", **{"X-Request-Id": "req-of-the-check"}).json()
    assert [check["name"] for check in verification["checks"] if not check["ok"]] == [f"blob {sha256}"]
    lines = stack.pool.log_lines("RunsFunction")
    for request_id in ("req-of-the-damage", "req-of-the-check"):
        told = [line for line in lines if line.get("correlation_id") == request_id]
        assert [line["key"] for line in told if line.get("message") == "incident"] == [sha256]
        assert [line["CorruptBlobs"] for line in told if "_aws" in line] == [[1.0]]


def test_a_url_of_the_bucket_works_for_nothing_else(get, bucket, run_id):
    url = get(f"/api/runs/{run_id}/attachments/{FILM_SHA256}").headers["Location"]
    assert bucket.get(url).status_code == 200
    place = httpx2.URL(url)
    for altered in (
        place.copy_set_param("response-content-type", "text/html"),
        place.copy_set_param("X-Amz-Expires", "604800"),
        place.copy_remove_param("X-Amz-Signature"),
    ):
        assert bucket.get(altered).status_code in {400, 403}
    assert bucket.put(url, content=b"other").status_code in {400, 403}


def test_a_page_of_a_listed_origin_sends_and_fetches_past_the_server_and_another_does_not(
    anonymous, operator, get, bucket, run_id
):
    photo = random.Random(3).randbytes(1_000)
    file = {"filename": "a.jpg", "kind": "PHOTO", "size_bytes": 1_000, "sha256": hashlib.sha256(photo).hexdigest()}
    target = anonymous.post(f"/api/runs/{run_id}/attachments/uploads", json=file, headers=operator).json()["target"]
    named = ",".join(sorted(name.lower() for name in target["headers"] if name != "Content-Length"))
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": f"content-type,{named}"}
    for origin, status, allowed in ((ORIGIN, 200, ORIGIN), ("https://evil.example", 403, None)):
        answer = bucket.options(target["url"], headers={"Origin": origin, **asked})
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (status, allowed)
    sent = bucket.put(target["url"], content=photo, headers={**target["headers"], "Origin": ORIGIN})
    assert (sent.status_code, sent.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert "x-amz-checksum-sha256" in sent.headers["Access-Control-Expose-Headers"]
    film = f"/api/runs/{run_id}/attachments/{FILM_SHA256}"
    place = get(film, Accept="application/json", Origin=ORIGIN)
    assert place.headers["Access-Control-Allow-Origin"] == ORIGIN
    for origin, allowed in ((ORIGIN, ORIGIN), ("https://evil.example", None)):
        got = bucket.get(place.json()["url"], headers={"Origin": origin})
        assert got.headers.get("Access-Control-Allow-Origin") == allowed


def checked(bundle: bytes, folder: Path) -> tuple[int, str]:
    """Run a bundle's own program on it, with nothing but Python; return how it ended and the end of what it said."""
    archive = folder / "bundle.zip"
    archive.write_bytes(bundle)
    program = folder / "verify.py"
    with zipfile.ZipFile(io.BytesIO(bundle)) as files:
        (name,) = [name for name in files.namelist() if name.endswith("/verify.py")]
        program.write_bytes(files.read(name))
    command = [sys.executable, "-I", "-S", str(program), str(archive)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout.strip().rpartition(", ")[2]
