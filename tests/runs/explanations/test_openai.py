import json
import threading
import time
from contextlib import closing
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from rmos.clock import now
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.runs import evidence_records
from rmos.runs.evidence import ExplanationStatus
from rmos.settings import Settings
from rmos.storage.queue import SqliteQueue
from runs.explanations import service
from runs.explanations.worker import StillAtWork, work_off
from runs.routers import ROUTERS

from local.consumers import consumers_of
from local.worker import Worker
from tests.support.disk import alter_row
from tests.support.responses_api import answer, message, responses_api, text

KEY = "sk-secret-0123456789"


@pytest.fixture
def api():
    with responses_api() as serving:
        yield serving


@pytest.fixture
def settings(api):
    return Settings(openai_api_key=KEY, openai_base_url=api.url, openai_text_model="text-model", openai_timeout_s=5)


@pytest.fixture
def client_with(stores):
    def make(settings):
        token = create_token(stores.records, "the operator", Role.OPERATOR)
        app = create_app(ROUTERS, lambda: stores, settings)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)

    return make


@pytest.fixture
def client(client_with, settings):
    return client_with(settings)


@pytest.fixture
def queue(stores, tmp_path):
    with closing(SqliteQueue(tmp_path / "data" / "rmos.sqlite3")) as opened:
        yield opened


def ask(client, run_id, headers=None, **body):
    path = f"/api/runs/{run_id}/suggest-and-attach"
    return client.post(path, json={"engine_id": "openai"} | body, headers=headers)


@pytest.fixture
def asked(client, run_id, queue):
    """Ask for an explanation and take its event off the queue."""
    accepted = ask(client, run_id, prompt="Why?")
    assert accepted.status_code == 202, accepted.text
    return queue.claim(["explanations"], 60)


@pytest.fixture
def work(stores, settings):
    """Deliver an event to the worker."""

    def deliver(event, **changed):
        chosen = settings.model_copy(update=changed)
        work_off(stores, chosen, chosen.openai_api_key.get_secret_value, event.body)

    return deliver


@pytest.fixture
def shown(client, run_id):
    """Return the run as it is shown."""
    return lambda: client.get(f"/api/runs/{run_id}").json()


def test_an_explanation_is_queued_written_and_reads_back(client, shown, stores, settings, queue):
    run_id = shown()["run_id"]
    accepted = ask(client, run_id, prompt="Why?")
    assert (accepted.status_code, accepted.headers["location"]) == (202, f"/api/runs/{run_id}")
    assert (accepted.json()["explanation_status"], accepted.json()["advisory_sha256"]) == ("PENDING", None)
    assert shown()["explanation_status"] == "PENDING"
    worker = Worker(queue, consumers_of(stores, settings))
    worker.start()
    deadline = time.monotonic() + 20
    while (run := shown())["explanation_status"] == "PENDING":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker.stop()
    assert (run["explanation_status"], run["explanation_summary"], run["explanation_error"]) == (
        "READY",
        "It bends.",
        None,
    )
    (advisory,) = client.get(f"/api/runs/{run_id}/advisories").json()["items"]
    assert client.get(f"/api/runs/{run_id}/attachments/{advisory['advisory_id']}").text == "It bends.\n"
    assert (advisory["engine_id"], advisory["engine_version"]) == ("openai", "text-model-2026-01-01")
    assert (advisory["provider_request_id"], advisory["usage"]["total_tokens"]) == ("req_provider", 120)
    assert (advisory["created_by"], advisory["prompt"]) == ("the operator", "Why?")


def test_the_prompt_is_of_the_run_alone(work, asked, api, run_id):
    work(asked)
    (sent,) = api.asked
    assert (sent["model"], sent["store"]) == ("text-model", False)
    assert run_id in sent["input"]
    assert "Why?" not in json.dumps(sent)
    assert api.headers[0]["authorization"] == f"Bearer {KEY}"


REFUSAL = {"type": "refusal", "refusal": "I cannot."}


@pytest.mark.parametrize(
    "failure",
    [
        (200, answer(message(REFUSAL)), "refused"),
        (200, answer(message(text("  \n"))), "empty"),
        (200, answer(), "empty"),
        (200, answer(message(text("It")), status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
         "incomplete"),
        (200, answer(status="failed"), "incomplete"),
        (200, b"{", "unreadable"),
        (200, [], "unreadable"),
        (200, {"error": "x"}, "unreadable"),
        (400, {"error": {"code": "moderation_blocked", "message": "no"}}, "refused"),
        (400, {"error": {"code": None, "message": "bad"}}, "rejected"),
        (401, {"error": {"code": "invalid_api_key", "message": f"Incorrect: {KEY}"}}, "not-authorised"),
        (403, {"error": {"message": "no"}}, "not-authorised"),
        (404, {"error": {"code": "model_not_found"}}, "rejected"),
        (429, {"error": {"code": "insufficient_quota"}}, "rate-limited"),
        (500, {"error": {}}, "provider-error"),
        (503, b"<html>", "provider-error"),
    ],
)  # fmt: skip
def test_every_failure_leaves_a_reason_and_is_not_repeated(shown, work, asked, api, failure):
    api.status, api.body, code = failure
    work(asked)
    work(asked)
    run = shown()
    assert (run["explanation_status"], run["explanation_error"]["code"]) == ("ERROR", code)
    assert (run["attachments"], run["advisory_inputs"]) == ([], [])
    assert len(api.asked) == 1
    assert KEY not in json.dumps(run)
    if api.status != 200:
        assert run["explanation_error"]["provider_request_id"] == "req_provider"


def test_a_slow_provider_leaves_a_reason(shown, work, asked, api):
    api.delay_s = 1.0
    work(asked, openai_timeout_s=0.2)
    assert shown()["explanation_error"]["code"] == "timeout"


def test_a_provider_that_hangs_up_leaves_a_reason(shown, work, asked, api):
    api.hangs_up = True
    work(asked)
    assert shown()["explanation_error"]["code"] == "connection"


def test_after_an_error_the_next_request_is_worked_on(client, work, asked, api, queue):
    api.status = 500
    work(asked)
    api.status = 200
    run_id = json.loads(asked.body)["run_id"]
    queue.finish(asked.receipt)
    assert ask(client, run_id).status_code == 202
    work(queue.claim(["explanations"], 60))
    run = client.get(f"/api/runs/{run_id}").json()
    assert (run["explanation_status"], run["explanation_error"]) == ("READY", None)


def test_a_second_delivery_at_the_same_moment_makes_no_second_call(shown, work, asked, api):
    api.delay_s = 0.5
    outcomes = []

    def deliver():
        try:
            work(asked)
            outcomes.append("done")
        except StillAtWork:
            outcomes.append("later")

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done"] + ["later"] * 5
    work(asked)
    assert len(api.asked) == 1
    assert shown()["explanation_status"] == "READY"


def test_a_claim_that_ran_out_ends_as_unknown_without_a_second_call(shown, stores, work, asked, api):
    run_id = shown()["run_id"]
    explanation, record = evidence_records.get_explanation(stores.records, run_id)
    lost = explanation.model_copy(update={"claimed_until": now() - timedelta(seconds=1)})
    stores.records.commit([evidence_records.put_explanation(run_id, lost, record)])
    work(asked)
    run = shown()
    assert (run["explanation_status"], run["explanation_error"]["code"]) == ("ERROR", "outcome-unknown")
    assert api.asked == []


def test_a_text_that_cannot_be_kept_leaves_a_reason_and_is_paid_for_once(client, shown, work, asked, api):
    run_id = shown()["run_id"]
    same_text = {"advisory_markdown": "It bends.\n", "kind": "NOTE"}
    assert client.post(f"/api/runs/{run_id}/suggest-and-attach", json=same_text).status_code == 201
    work(asked)
    work(asked)
    run = shown()
    assert (run["explanation_status"], run["explanation_error"]["code"]) == ("ERROR", "not-kept")
    assert "is attached already" in run["explanation_error"]["detail"]
    assert len(api.asked) == 1


@pytest.fixture
def damaged_run(asked, run_id, tmp_path):
    """The run that an explanation is wanted of, altered since."""
    database = tmp_path / "data" / "rmos.sqlite3"
    alter_row(database, "UPDATE records SET body = body || ' ' WHERE key = ?", f"run/{run_id}")
    return run_id


def test_of_a_damaged_run_nobody_is_asked(stores, damaged_run, work, asked, api):
    work(asked)
    explanation, _ = evidence_records.get_explanation(stores.records, damaged_run)
    assert (explanation.status, explanation.error.code) == (ExplanationStatus.ERROR, "run-damaged")
    assert api.asked == []


def test_a_damaged_run_that_the_worker_meets_is_an_incident(damaged_run, work, asked, caplog):
    work(asked)
    assert [record.key for record in caplog.records if record.message == "incident"] == [f"run/{damaged_run}"]


def test_while_one_is_waited_for_no_second_is_queued_and_no_other_text_takes_its_place(client, run_id, asked, queue):
    again = ask(client, run_id)
    assert (again.status_code, again.json()["explanation_status"]) == (202, "PENDING")
    assert queue.claim(["explanations"], 60) is None
    for body in ({}, {"advisory_markdown": "By hand."}):
        refused = client.post(f"/api/runs/{run_id}/suggest-and-attach", json=body)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:rmos:problem:explanation-pending")
    note = client.post(f"/api/runs/{run_id}/suggest-and-attach", json={"advisory_markdown": "Note.", "kind": "NOTE"})
    assert note.status_code == 201


def test_one_that_is_lost_is_waited_for_no_longer_than_its_hour(client, run_id, queue, shown, monkeypatch):
    monkeypatch.setattr(service, "WAITED_FOR", timedelta(seconds=-1))
    assert ask(client, run_id).status_code == 202
    first = queue.claim(["explanations"], 60)
    again = ask(client, run_id)
    second = queue.claim(["explanations"], 60)
    assert (again.status_code, first.body != second.body) == (202, True)
    by_hand = client.post(f"/api/runs/{run_id}/suggest-and-attach", json={"advisory_markdown": "By hand."})
    assert (by_hand.status_code, shown()["explanation_status"]) == (201, "READY")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (Settings(), "RMOS_OPENAI_TEXT_MODEL"),
        (Settings(openai_text_model="m"), "RMOS_OPENAI_API_KEY"),
        (Settings(openai_api_key=KEY), "RMOS_OPENAI_TEXT_MODEL"),
    ],
)
def test_unconfigured_it_is_refused_by_the_settings_name(client, shown, run_id, named):
    refused = ask(client, run_id)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:rmos:problem:engine-not-configured")
    assert named in refused.json()["detail"]
    assert shown()["explanation_status"] == "NONE"


def test_a_retry_of_what_was_waited_for_already_does_not_ask_again_once_it_is_written(
    client, run_id, asked, work, queue
):
    waiting = ask(client, run_id, headers={"Idempotency-Key": "k1"})
    work(asked)
    again = ask(client, run_id, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (202, waiting.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert queue.claim(["explanations"], 60) is None
