import base64
import hashlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from rmos.http.lambda_entry import lambda_handler
from rmos.identity import Role, create_token

from tests.support.disk import alter_row
from tests.support.gateway import CONTEXT, event_of

DATA = bytes(range(256)) * 4
SHA256 = hashlib.sha256(DATA).hexdigest()
PROBLEM = "application/problem+json"
HOSTILE_NAME = '..\\../"a\r\nb\u202etxt;%00.png'


def attach(client, run_id, data=DATA, content_type="image/png", headers=(), **query):
    return client.post(
        f"/api/runs/{run_id}/attachments",
        params={"kind": "PHOTO", "filename": "setup.png"} | query,
        content=data,
        headers={"Content-Type": content_type} | dict(headers),
    )


def listed(client, run_id):
    answer = client.get(f"/api/runs/{run_id}/attachments")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def digest_of(data):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def slug(answer):
    assert answer.headers["content-type"] == PROBLEM, answer.text
    return answer.json()["type"].removeprefix("urn:rmos:problem:")


def blobs_in(tmp_path):
    return [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]


def test_a_file_is_attached_listed_and_comes_back_byte_for_byte(operator, run_id):
    before = operator.get(f"/api/runs/{run_id}")
    answer = attach(operator, run_id, headers={"X-Request-Id": "req_1"})
    assert answer.status_code == 201, answer.text
    attachment = answer.json()
    assert (attachment["sha256"], attachment["size_bytes"], attachment["filename"]) == (SHA256, 1024, "setup.png")
    assert (attachment["created_by"], attachment["request_id"]) == ("the operator", "req_1")
    assert listed(operator, run_id) == [attachment]
    got = operator.get(answer.headers["location"])
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, DATA, "image/png")
    assert got.headers["etag"] == f'"{SHA256}"'
    assert got.headers["repr-digest"] == digest_of(DATA)
    assert (got.headers["content-length"], got.headers["x-content-size"]) == ("1024", "1024")
    assert got.headers["content-disposition"].startswith("attachment;")
    after = operator.get(f"/api/runs/{run_id}")
    assert after.json()["attachments"] == [attachment]
    assert after.json()["artifact_sha256"] == before.json()["artifact_sha256"]
    assert after.headers["etag"] != before.headers["etag"]


def test_head_range_and_a_condition_are_answered(operator, run_id):
    place = attach(operator, run_id).headers["location"]
    head = operator.head(place)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1024")
    part = operator.get(place, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, DATA[10:20])
    assert part.headers["content-range"] == "bytes 10-19/1024"
    assert operator.get(place, headers={"If-None-Match": f'"{SHA256}"'}).status_code == 304
    assert operator.get(place, headers={"Range": "bytes=1024-"}).status_code == 416


def test_the_literal_verify_is_not_taken_for_a_digest(operator, run_id):
    attach(operator, run_id)
    answer = operator.get(f"/api/runs/{run_id}/attachments/verify")
    assert answer.status_code == 200, answer.text
    assert answer.json()["ok"] is True
    assert f"blob {SHA256}" in [check["name"] for check in answer.json()["checks"]]


@pytest.mark.parametrize("words", [{"filename": "other.png"}, {"kind": "OTHER"}, {"content_type": "image/webp"}])
def test_the_same_file_again_is_fine_and_other_words_for_it_are_not(operator, run_id, tmp_path, words):
    first = attach(operator, run_id)
    again = attach(operator, run_id)
    assert (again.status_code, again.json()) == (200, first.json())
    other = attach(operator, run_id, **words)
    assert (other.status_code, slug(other)) == (409, "attachment-differs")
    assert other.json()["attachment"] == first.json()
    assert listed(operator, run_id) == [first.json()]
    assert len(blobs_in(tmp_path)) == 1


def test_two_runs_share_the_bytes_and_keep_their_own_names(operator, run_id, green, tmp_path):
    other_id = operator.post("/api/runs", json=green).json()["run_id"]
    attach(operator, run_id)
    attach(operator, other_id, filename="b.bin", content_type="application/x-b", kind="RAW")
    assert len(blobs_in(tmp_path)) == 1
    got = operator.get(f"/api/runs/{other_id}/attachments/{SHA256}")
    assert (got.headers["content-type"], 'filename="b.bin"' in got.headers["content-disposition"]) == (
        "application/x-b",
        True,
    )
    assert listed(operator, run_id)[0]["filename"] == "setup.png"


def test_anothers_attachment_is_not_served_under_this_run(operator, run_id, green):
    other_id = operator.post("/api/runs", json=green).json()["run_id"]
    attach(operator, other_id)
    answer = operator.get(f"/api/runs/{run_id}/attachments/{SHA256}")
    assert (answer.status_code, slug(answer)) == (404, "attachment-not-found")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_missing_run_has_no_attachments_and_gets_none(operator, method, tmp_path):
    path = "/api/runs/run_0/attachments"
    answer = operator.get(path) if method == "get" else attach(operator, "run_0")
    assert (answer.status_code, slug(answer)) == (404, "run-not-found")
    assert operator.get(f"{path}/verify").status_code == 404
    assert operator.get(f"{path}/{SHA256}").status_code == 404
    assert blobs_in(tmp_path) == []


@pytest.mark.parametrize(
    "header",
    [
        digest_of(b"other"),
        f"{digest_of(DATA)}, sha-512=:AAAA:",
        "sha-256=AAAA",
        "md5=:AAAA:",
        "",
        "nonsense",
    ],
)
def test_a_wrong_content_digest_is_refused_and_nothing_stored(operator, run_id, tmp_path, header):
    answer = attach(operator, run_id, headers={"Content-Digest": header})
    assert (answer.status_code, slug(answer)) == (400, "wrong-digest")
    assert listed(operator, run_id) == []
    assert blobs_in(tmp_path) == []


def test_a_right_content_digest_passes(operator, run_id):
    sha512 = base64.b64encode(hashlib.sha512(DATA).digest()).decode()
    header = f"{digest_of(DATA)}, sha-512=:{sha512}:, unixsum=:AAAA:"
    assert attach(operator, run_id, headers={"Content-Digest": header}).status_code == 201


def test_one_byte_too_many_is_told_of_the_upload_session(operator, run_id, tmp_path):
    answer = attach(operator, run_id, data=b"x" * 4_194_305)
    assert (answer.status_code, answer.json()["max_bytes"]) == (413, 4_194_304)
    assert answer.json()["uploads"] == f"/api/runs/{run_id}/attachments/uploads"
    assert blobs_in(tmp_path) == []


def test_a_body_without_a_length_is_bounded_too(operator, run_id):
    answer = attach(operator, run_id, data=itertools.repeat(b"x" * 65_536, 65))
    assert answer.status_code == 413


def test_a_file_that_comes_encoded_is_not_kept_as_another(operator, run_id, tmp_path):
    answer = attach(operator, run_id, headers={"Content-Encoding": "gzip"}.items())
    assert (answer.status_code, slug(answer)) == (415, "unsupported-media-type")
    assert blobs_in(tmp_path) == []


def test_a_hostile_filename_is_neutralised(operator, run_id):
    attachment = attach(operator, run_id, filename=HOSTILE_NAME).json()
    assert attachment["filename"] == "abtxt00.png"
    got = operator.get(f"/api/runs/{run_id}/attachments/{SHA256}")
    assert got.headers["content-disposition"] == "attachment; filename=\"abtxt00.png\"; filename*=UTF-8''abtxt00.png"


def test_active_content_is_handed_out_as_a_harmless_download(operator, run_id):
    place = attach(operator, run_id, data=b"<script>alert(1)</script>", content_type="text/html").headers["location"]
    got = operator.get(place)
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert (got.headers["x-content-type-options"], got.headers["content-disposition"][:10]) == ("nosniff", "attachment")


@pytest.mark.parametrize(
    ("query", "content_type", "pointer"),
    [
        ({"kind": ""}, "image/png", "?kind"),
        ({"kind": "a b"}, "image/png", "?kind"),
        ({"filename": ""}, "image/png", "?filename"),
        ({"filename": "n" * 256}, "image/png", "?filename"),
        ({}, "image", "content-type:"),
        ({}, "a/" + "b" * 99, "content-type:"),
    ],
)
def test_a_parameter_that_breaks_its_rules_is_pointed_at(operator, run_id, query, content_type, pointer):
    answer = attach(operator, run_id, content_type=content_type, **query)
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert listed(operator, run_id) == []


def test_that_the_run_has_the_file_already_is_an_answer_kept_under_its_key_too(operator, run_id):
    attach(operator, run_id)
    first, again = (attach(operator, run_id, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = attach(operator, run_id, data=b"other", headers={"Idempotency-Key": "k1"})
    assert (other.status_code, slug(other)) == (422, "idempotency-key-reused")
    assert len(listed(operator, run_id)) == 1


def test_a_retry_with_its_key_gets_the_first_answer(operator, run_id):
    first = attach(operator, run_id, headers={"Idempotency-Key": "k1"})
    again = attach(operator, run_id, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    reused = attach(operator, run_id, data=b"other", headers={"Idempotency-Key": "k1"})
    assert (reused.status_code, slug(reused)) == (422, "idempotency-key-reused")


def test_the_same_bytes_under_another_name_are_no_retry(operator, run_id):
    assert attach(operator, run_id, headers={"Idempotency-Key": "k"}).status_code == 201
    other = attach(operator, run_id, headers={"Idempotency-Key": "k"}, filename="other.png")
    assert (other.status_code, slug(other)) == (409, "attachment-differs")


def test_the_same_bytes_of_another_type_are_no_retry(operator, run_id):
    path = f"/api/runs/{run_id}/attachments?kind=note&filename=a"
    sent = [
        operator.post(path, content=b"{}", headers={"Content-Type": media_type, "Idempotency-Key": "k1"})
        for media_type in ("text/plain", "application/json")
    ]
    assert [each.status_code for each in sent] == [201, 422]
    assert slug(sent[1]) == "idempotency-key-reused"


def test_a_viewer_reads_and_attaches_nothing(as_role, operator, run_id):
    viewer = as_role(Role.VIEWER)
    assert attach(viewer, run_id).status_code == 403
    attach(operator, run_id)
    assert viewer.get(f"/api/runs/{run_id}/attachments/{SHA256}").status_code == 200


@pytest.mark.parametrize(("limit", "pages"), [(1, 5), (2, 3), (4, 2), (5, 1), (200, 1)])
def test_pages_give_each_attachment_once_in_order(operator, run_id, limit, pages):
    added = [attach(operator, run_id, data=bytes([n]), filename=f"{n}.bin").json()["sha256"] for n in range(5)]
    path, found, cursors = f"/api/runs/{run_id}/attachments", [], [{}]
    for cursor in cursors:
        page = operator.get(path, params={"limit": limit} | cursor).json()
        found += [each["sha256"] for each in page["items"]]
        cursors += [{"cursor": page["next_cursor"]}] if page["next_cursor"] is not None else []
    assert (found, len(cursors)) == (added, pages)


def test_a_cursor_is_of_its_own_run(operator, run_id):
    for n in range(2):
        attach(operator, run_id, data=bytes([n]))
    query = {"limit": 1, "cursor": operator.get(f"/api/runs/{run_id}/attachments?limit=1").json()["next_cursor"]}
    assert operator.get(f"/api/runs/{run_id}/attachments", params=query).status_code == 200
    other = operator.get("/api/runs/run_0/attachments", params=query)
    assert (other.status_code, slug(other)) == (400, "malformed-cursor")


def test_equal_files_at_the_same_moment_are_attached_once(operator, run_id):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: attach(operator, run_id), range(24)))
    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(listed(operator, run_id)) == 1


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_damaged_bytes_are_never_served_and_verify_names_them(operator, run_id, tmp_path, damage):
    place = attach(operator, run_id).headers["location"]
    (path,) = blobs_in(tmp_path)
    path.chmod(0o644)
    path.write_bytes(DATA[:-1] + b"!") if damage == "altered" else path.unlink()
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-0"})):
        answer = operator.request(method, place, headers=headers)
        assert answer.status_code == 500
        assert method == "HEAD" or slug(answer) == "blob-corrupt"
    for verify in (f"/api/runs/{run_id}/verify", f"/api/runs/{run_id}/attachments/verify"):
        found = operator.get(verify).json()
        failed = [check["name"] for check in found["checks"] if not check["ok"]]
        assert (found["ok"], failed) == (False, [f"blob {SHA256}"])


def test_an_altered_attachment_record_is_not_served_and_verify_names_it(operator, run_id, tmp_path):
    place = attach(operator, run_id).headers["location"]
    alter_row(
        tmp_path / "data" / "rmos.sqlite3",
        "UPDATE records SET body = replace(body, 'image/png', 'text/html') WHERE key LIKE 'run-attachment/%'",
    )
    answer = operator.get(place)
    assert (answer.status_code, slug(answer)) == (500, "record-corrupt")
    found = operator.get(f"/api/runs/{run_id}/attachments/verify").json()
    assert [check["name"] for check in found["checks"] if not check["ok"]] == [f"attachment {SHA256}"]


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/plain", "application/json"])
def test_four_mebibytes_go_through_the_gateway_and_back_byte_for_byte(app, stores, run_id, content_type):
    token = create_token(stores.records, "the gateway's", Role.OPERATOR)
    handle = lambda_handler(app)
    data = (hashlib.sha256(b"x").digest() * 131_072)[:4_194_304]

    def call(method, url, body=b""):
        headers = {"authorization": f"Bearer {token}", "content-type": content_type}
        answer = handle(event_of(method, url, headers, body), CONTEXT)
        return answer, base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()

    path = f"/api/runs/{run_id}/attachments"
    created, body = call("POST", f"{path}?kind=RAW&filename=big.bin", data)
    assert created["statusCode"] == 201, body
    got, body = call("GET", f"{path}/{json.loads(created['body'])['sha256']}")
    assert (got["statusCode"], body == data) == (200, True)
    assert len(json.dumps(got)) < 6 * 1024 * 1024
    refused, _ = call("POST", f"{path}?kind=RAW&filename=big.bin", data + b"!")
    assert refused["statusCode"] == 413
