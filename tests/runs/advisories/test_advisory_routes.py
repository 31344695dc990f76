from concurrent.futures import ThreadPoolExecutor

import pytest
from rmos.identity import Role
from runs.advisories import service

PROBLEM = "application/problem+json"


def attach(client, run_id, advisory_id="adv_1", kind="NOTE", headers=None, **fields):
    body = {"advisory_id": advisory_id, "kind": kind} | fields
    return client.post(f"/api/runs/{run_id}/attach-advisory", json=body, headers=headers)


def listed(client, run_id, **query):
    answer = client.get(f"/api/runs/{run_id}/advisories", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def slug(answer):
    assert answer.headers["content-type"] == PROBLEM, answer.text
    return answer.json()["type"].removeprefix("urn:rmos:problem:")


def test_an_advisory_is_attached_and_shown_with_the_run(operator, run_id):
    before = operator.get(f"/api/runs/{run_id}")
    headers = {"X-Request-Id": "req_1"}
    answer = attach(operator, run_id, engine_id="gpt", engine_version="5+1", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/runs/{run_id}/advisories")
    advisory = answer.json()
    assert (advisory["created_by"], advisory["request_id"]) == ("the operator", "req_1")
    assert (advisory["engine_id"], advisory["engine_version"], advisory["kind"]) == ("gpt", "5+1", "NOTE")
    after = operator.get(f"/api/runs/{run_id}")
    assert (after.json()["advisory_inputs"], after.json()["advisory_count"]) == ([advisory], 1)
    assert after.json()["artifact_sha256"] == before.json()["artifact_sha256"]
    assert after.headers["etag"] != before.headers["etag"]


def test_the_same_content_again_is_fine_and_other_content_is_refused(operator, run_id):
    first = attach(operator, run_id)
    again = attach(operator, run_id)
    assert (again.status_code, again.json()) == (200, first.json())
    for other in ({"kind": "ADVISORY"}, {"engine_id": "x"}, {"engine_version": "1"}):
        refused = attach(operator, run_id, **other)
        assert (refused.status_code, slug(refused)) == (409, "advisory-differs")
        assert refused.json()["advisory"] == first.json()
    assert [item["kind"] for item in listed(operator, run_id)["items"]] == ["NOTE"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"advisory_id": "", "kind": "NOTE"}, "/advisory_id"),
        ({"advisory_id": "a/b", "kind": "NOTE"}, "/advisory_id"),
        ({"advisory_id": "x" * 129, "kind": "NOTE"}, "/advisory_id"),
        ({"advisory_id": "a", "kind": "note"}, "/kind"),
        ({"advisory_id": "a"}, "/kind"),
        ({"advisory_id": "a", "kind": "NOTE", "created_by": "me"}, "/created_by"),
        ({"advisory_id": "a", "kind": "NOTE", "engine_version": "v" * 65}, "/engine_version"),
    ],
)
def test_a_field_that_breaks_its_rules_is_pointed_at(operator, run_id, body, pointer):
    answer = operator.post(f"/api/runs/{run_id}/attach-advisory", json=body)
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert listed(operator, run_id)["items"] == []


def test_a_missing_run_has_no_advisories_and_gets_none(operator):
    assert slug(attach(operator, "run_0")) == "run-not-found"
    assert operator.get("/api/runs/run_0/advisories").status_code == 404


def test_a_viewer_reads_and_attaches_nothing(as_role, run_id):
    viewer = as_role(Role.VIEWER)
    assert attach(viewer, run_id).status_code == 403
    assert listed(viewer, run_id)["items"] == []


def test_a_retry_with_its_key_gets_the_first_answer(operator, run_id):
    first = attach(operator, run_id, headers={"Idempotency-Key": "k1"})
    again = attach(operator, run_id, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")


def test_that_it_is_attached_already_is_an_answer_kept_under_its_key_too(operator, run_id):
    attach(operator, run_id)
    first, again = (attach(operator, run_id, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = attach(operator, run_id, "adv_other", headers={"Idempotency-Key": "k1"})
    assert (other.status_code, slug(other)) == (422, "idempotency-key-reused")
    assert len(listed(operator, run_id)["items"]) == 1


def test_two_hundred_advisories_at_the_same_moment_all_survive_and_pages_give_each_once(operator, run_id):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: attach(operator, run_id, f"adv_{n}"), range(200)))
    assert {answer.status_code for answer in answers} == {201}
    found, query = [], {"limit": 60}
    while True:
        page = listed(operator, run_id, **query)
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(item["advisory_id"] for item in found) == sorted(f"adv_{n}" for n in range(200))
    assert [item["created_at"] for item in found] == sorted(item["created_at"] for item in found)


def test_a_page_of_long_prompts_is_short_and_the_next_goes_on(operator, run_id, monkeypatch):
    monkeypatch.setattr(service, "MAX_PAGE_BYTES", 10_000)
    for number in range(7):
        text = {"advisory_markdown": f"{number}", "kind": "NOTE", "prompt": "é" * 1_500}
        assert operator.post(f"/api/runs/{run_id}/suggest-and-attach", json=text).status_code == 201
    sizes, ids, query = [], [], {"limit": 200}
    while query is not None:
        answer = operator.get(f"/api/runs/{run_id}/advisories", params=query)
        page = answer.json()
        sizes.append(len(answer.content))
        ids += [each["advisory_id"] for each in page["items"]]
        query = None if page["next_cursor"] is None else {"limit": 200, "cursor": page["next_cursor"]}
    assert len(sizes) == 3
    assert max(sizes) < 10_200
    assert ids == [each["advisory_id"] for each in operator.get(f"/api/runs/{run_id}").json()["advisory_inputs"]]


def test_one_advisory_is_shown_however_long_it_is(operator, run_id, monkeypatch):
    monkeypatch.setattr(service, "MAX_PAGE_BYTES", 10)
    for name in ("one", "two"):
        attach(operator, run_id, name)
    page = operator.get(f"/api/runs/{run_id}/advisories").json()
    assert ([each["advisory_id"] for each in page["items"]], page["next_cursor"] is None) == (["one"], False)


def test_of_two_hundred_with_one_id_one_wins_and_the_rest_hear_the_truth(operator, run_id):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: attach(operator, run_id, engine_id=f"engine_{n % 20}"), range(200)))
    (kept,) = listed(operator, run_id)["items"]
    for number, answer in enumerate(answers):
        if f"engine_{number % 20}" == kept["engine_id"]:
            assert answer.status_code in {200, 201}
            assert answer.json()["created_at"] == kept["created_at"]
        else:
            assert (answer.status_code, slug(answer)) == (409, "advisory-differs")
            assert answer.json()["advisory"]["engine_id"] == kept["engine_id"]
    assert [answer.status_code for answer in answers].count(201) == 1
