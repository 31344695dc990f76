import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from rmos.identity import Role
from runs.explanations import rules

PROBLEM = "application/problem+json"


def suggest(client, run_id, headers=None, **body):
    return client.post(f"/api/runs/{run_id}/suggest-and-attach", json=body, headers=headers)


def slug(answer):
    assert answer.headers["content-type"] == PROBLEM, answer.text
    return answer.json()["type"].removeprefix("urn:rmos:problem:")


@pytest.mark.parametrize("body", [{}, {"generate_explanation": True}, {"engine_id": "rules_v1", "prompt": "why?"}])
def test_a_run_is_explained_and_the_text_reads_back(operator, run_id, body):
    before = operator.get(f"/api/runs/{run_id}")
    answer = suggest(operator, run_id, **body)
    assert answer.status_code == 201, answer.text
    suggested = answer.json()
    assert (suggested["explanation_status"], suggested["engine_id"]) == ("READY", "rules_v1")
    text = operator.get(answer.headers["location"])
    assert (text.status_code, text.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert hashlib.sha256(text.content).hexdigest() == suggested["advisory_sha256"]
    assert run_id in text.text
    run = operator.get(f"/api/runs/{run_id}").json()
    assert (run["explanation_status"], run["explanation_summary"]) == ("READY", suggested["explanation_summary"])
    assert run["explanation_summary"].startswith("It can be cut")
    assert [each["advisory_id"] for each in run["advisory_inputs"]] == [suggested["advisory_sha256"]]
    assert [each["filename"] for each in run["attachments"]] == ["explanation.md"]
    assert run["artifact_sha256"] == before.json()["artifact_sha256"]
    (advisory,) = operator.get(f"/api/runs/{run_id}/advisories").json()["items"]
    assert (advisory["engine_version"], advisory["prompt"]) == (rules.ENGINE_VERSION, body.get("prompt"))
    assert operator.get(f"/api/runs/{run_id}/verify").json()["ok"] is True


def test_the_same_again_adds_nothing(operator, run_id):
    first = suggest(operator, run_id, headers={"X-Request-Id": "req_1"})
    again = suggest(operator, run_id, headers={"X-Request-Id": "req_2"})
    assert (again.status_code, again.json()) == (200, first.json())
    run = operator.get(f"/api/runs/{run_id}").json()
    assert (run["advisory_count"], len(run["attachments"])) == (1, 1)


def test_a_later_version_that_writes_the_same_text_adds_nothing_either(operator, run_id, monkeypatch):
    first = suggest(operator, run_id)
    monkeypatch.setattr(rules, "ENGINE_VERSION", "9.0.0")
    again = suggest(operator, run_id)
    assert (again.status_code, again.json()) == (200, first.json())
    (advisory,) = operator.get(f"/api/runs/{run_id}/advisories").json()["items"]
    assert advisory["engine_version"] != "9.0.0"


def test_a_given_text_is_stored_instead(operator, run_id):
    answer = suggest(operator, run_id, advisory_markdown="# Title\n\nToo *long*.\n", engine_id="gpt", prompt="Why?")
    assert answer.status_code == 201, answer.text
    assert answer.json()["explanation_summary"] == "Too *long*."
    assert operator.get(answer.headers["location"]).text == "# Title\n\nToo *long*.\n"
    (advisory,) = operator.get(f"/api/runs/{run_id}/advisories").json()["items"]
    assert (advisory["engine_id"], advisory["prompt"]) == ("gpt", "Why?")


def test_given_json_is_stored_canonically(operator, run_id):
    answer = suggest(operator, run_id, advisory_json={"b": 1.0, "a": ["é"]}, kind="ADVISORY")
    assert answer.status_code == 201, answer.text
    got = operator.get(answer.headers["location"])
    assert (got.content, got.headers["content-type"]) == ('{"a":["é"],"b":1}'.encode(), "application/json")
    run = operator.get(f"/api/runs/{run_id}").json()
    assert (run["explanation_status"], run["explanation_summary"]) == ("NONE", None)


def test_the_last_explanation_is_the_runs(operator, run_id):
    suggest(operator, run_id)
    suggest(operator, run_id, advisory_markdown="By hand.")
    assert operator.get(f"/api/runs/{run_id}").json()["explanation_summary"] == "By hand."
    suggest(operator, run_id, advisory_markdown="A note.", kind="NOTE")
    run = operator.get(f"/api/runs/{run_id}").json()
    assert (run["explanation_summary"], run["advisory_count"]) == ("By hand.", 3)


@pytest.mark.parametrize(
    "body",
    [
        {"generate_explanation": False},
        {"advisory_markdown": "a", "advisory_json": {}},
        {"kind": "NOTE"},
        {"advisory_markdown": ""},
        {"advisory_json": "text"},
        {"engine": "rules_v1"},
        {"prompt": "p" * 10_001},
    ],
)
def test_what_names_no_single_text_is_refused_and_nothing_stored(operator, run_id, body):
    answer = suggest(operator, run_id, **body)
    assert answer.status_code == 422, answer.text
    run = operator.get(f"/api/runs/{run_id}").json()
    assert (run["attachments"], run["advisory_inputs"], run["explanation_status"]) == ([], [], "NONE")


def test_an_unknown_engine_is_not_replaced_by_another(operator, run_id):
    answer = suggest(operator, run_id, engine_id="guess")
    assert (answer.status_code, slug(answer)) == (404, "engine-not-found")


def test_a_missing_run_is_not_explained(operator):
    assert slug(suggest(operator, "run_0")) == "run-not-found"


def test_a_viewer_may_not_explain(as_role, run_id):
    assert suggest(as_role(Role.VIEWER), run_id).status_code == 403


def test_a_text_that_is_attached_already_keeps_its_name(operator, run_id):
    file = {"kind": "NOTE", "filename": "mine.txt"}
    operator.post(
        f"/api/runs/{run_id}/attachments", params=file, content=b"Mine.", headers={"Content-Type": "text/plain"}
    )
    assert suggest(operator, run_id, advisory_markdown="Mine.").status_code == 201
    run = operator.get(f"/api/runs/{run_id}").json()
    assert [each["filename"] for each in run["attachments"]] == ["mine.txt"]
    assert run["explanation_summary"] == "Mine."


def test_a_digest_taken_by_another_advisory_is_refused(operator, run_id):
    taken = {"advisory_id": hashlib.sha256(b"Mine.").hexdigest(), "kind": "NOTE"}
    operator.post(f"/api/runs/{run_id}/attach-advisory", json=taken)
    answer = suggest(operator, run_id, advisory_markdown="Mine.")
    assert (answer.status_code, slug(answer)) == (409, "advisory-differs")
    assert operator.get(f"/api/runs/{run_id}").json()["explanation_status"] == "NONE"


@pytest.mark.parametrize("other", [{"engine_id": "another"}, {"kind": "NOTE"}])
def test_a_text_stays_of_the_kind_and_the_writer_that_it_came_with(operator, run_id, other):
    given = {"advisory_markdown": "Mine.", "engine_id": "gpt"}
    assert suggest(operator, run_id, **given).status_code == 201
    assert slug(suggest(operator, run_id, **given | other)) == "advisory-differs"
    assert operator.get(f"/api/runs/{run_id}").json()["advisory_count"] == 1


def test_a_retry_with_its_key_gets_the_first_answer(operator, run_id):
    first = suggest(operator, run_id, headers={"Idempotency-Key": "k"})
    again = suggest(operator, run_id, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (201, first.json(), "true")


def test_texts_at_the_same_moment_all_survive_and_the_summary_is_one_of_them(operator, run_id):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: suggest(operator, run_id, advisory_markdown=f"Text {n % 12}."), range(36)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    run = operator.get(f"/api/runs/{run_id}").json()
    assert sorted(each["advisory_id"] for each in run["advisory_inputs"]) == sorted(
        hashlib.sha256(f"Text {n}.".encode()).hexdigest() for n in range(12)
    )
    assert run["explanation_summary"] in {f"Text {n}." for n in range(12)}
    assert json.dumps(run)
