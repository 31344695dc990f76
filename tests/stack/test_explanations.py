"""Explanations that a provider writes: from the request through stream, relay, queue and worker into the run."""

import json
import time

import pytest
from rmos.identity import Role

from tests.stack.conftest import OPENAI_KEY, Stack
from tests.support.responses_api import ResponsesApi, answer, message, text
from tests.support.template import ROOT

pytestmark = pytest.mark.stack

GREEN = json.loads((ROOT / "docs" / "examples" / "classical-green.json").read_text())
WITHIN_S = 60


@pytest.fixture
def operator(bearer):
    return bearer[Role.OPERATOR]


@pytest.fixture
def provider(openai_api: ResponsesApi):
    """The provider, which is well again after each test."""
    yield openai_api
    openai_api.status, openai_api.body = 200, answer(message(text("It bends.")))


@pytest.fixture
def run_id(anonymous, operator):
    return anonymous.post("/api/runs", json=GREEN, headers=operator).json()["run_id"]


@pytest.fixture
def explain(anonymous, operator, run_id):
    """Ask for an explanation of the run and return the run as it is once the worker is done."""

    def asked(request_id):
        path, headers = f"/api/runs/{run_id}", {**operator, "X-Request-Id": request_id}
        queued = anonymous.post(f"{path}/suggest-and-attach", json={"engine_id": "openai"}, headers=headers)
        assert (queued.status_code, queued.headers["Location"]) == (202, path), queued.text
        assert queued.json()["explanation_status"] == "PENDING"
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            run = anonymous.get(path, headers=operator).json()
            if run["explanation_status"] != "PENDING":
                return run
            time.sleep(0.2)
        raise AssertionError(f"no explanation within {WITHIN_S} s")

    return asked


def worker_lines(stack: Stack, request_id: str):
    return [line for line in stack.pool.log_lines("ExplanationsFunction") if line.get("correlation_id") == request_id]


def test_a_queued_explanation_is_written_by_the_provider_and_reads_back(get, provider, explain, run_id):
    calls = len(provider.asked)
    run = explain("req-of-the-explanation")
    assert (run["explanation_status"], run["explanation_summary"]) == ("READY", "It bends.")
    (asked,) = provider.asked[calls:]
    assert asked["model"] == "text-model"
    assert provider.headers[-1]["authorization"] == f"Bearer {OPENAI_KEY}"
    (advisory,) = get(f"/api/runs/{run_id}/advisories").json()["items"]
    assert (advisory["engine_id"], advisory["provider_request_id"]) == ("openai", "req_provider")
    assert advisory["usage"]["total_tokens"] == 120
    written = get(f"/api/runs/{run_id}/attachments/{advisory['advisory_id']}")
    assert (written.text, written.headers["Content-Type"]) == ("It bends.\n", "text/markdown; charset=utf-8")
    assert get(f"/api/runs/{run_id}/verify").json()["ok"] is True


def test_a_provider_that_fails_leaves_its_reason_and_the_next_call_can_succeed(provider, explain, stack):
    provider.status, provider.body = 500, {"error": {"message": "internal", "code": None}}
    run = explain("req-of-the-failure")
    assert run["explanation_status"] == "ERROR"
    assert run["explanation_summary"] is None
    assert run["explanation_error"] == {
        "code": "provider-error",
        "detail": "the provider answered 500",
        "provider_request_id": "req_provider",
    }
    (line,) = worker_lines(stack, "req-of-the-failure")
    assert (line["message"], line["code"], line["level"]) == ("explanation failed", "provider-error", "ERROR")
    provider.status, provider.body = 200, answer(message(text("It holds.")))
    again = explain("req-of-the-second-try")
    assert (again["explanation_status"], again["explanation_summary"]) == ("READY", "It holds.")
    assert again["explanation_error"] is None


def test_a_key_that_was_replaced_counts_from_the_next_explanation_on(stack, provider, explain):
    secrets = stack.account.client("secretsmanager")
    arn = stack.deployed.configuration("ExplanationsFunction").variables["RMOS_OPENAI_API_KEY_SECRET"]
    explain("req-with-the-first-key")
    secrets.put_secret_value(SecretId=arn, SecretString="sk-replaced")
    try:
        explain("req-with-the-second-key")
    finally:
        secrets.put_secret_value(SecretId=arn, SecretString=OPENAI_KEY)
    assert [headers["authorization"] for headers in provider.headers[-2:]] == [
        f"Bearer {OPENAI_KEY}",
        "Bearer sk-replaced",
    ]


def test_a_secret_that_is_gone_leaves_its_reason_and_asks_nobody(stack, provider, explain):
    secrets = stack.account.client("secretsmanager")
    arn = stack.deployed.configuration("ExplanationsFunction").variables["RMOS_OPENAI_API_KEY_SECRET"]
    calls = len(provider.asked)
    secrets.delete_secret(SecretId=arn)
    try:
        run = explain("req-without-a-secret")
    finally:
        secrets.restore_secret(SecretId=arn)
    assert (run["explanation_status"], run["explanation_error"]["code"]) == ("ERROR", "not-configured")
    assert "RMOS_OPENAI_API_KEY_SECRET" in run["explanation_error"]["detail"]
    assert len(provider.asked) == calls


def test_a_message_that_comes_twice_makes_no_second_call(stack, provider, explain, run_id, sample):
    explain("req-of-the-message")
    assert [line["message"] for line in worker_lines(stack, "req-of-the-message")] == ["text kept"]
    calls = len(provider.asked)
    relayed = [line for line in stack.pool.log_lines("RelayFunction") if line.get("message") == "event relayed"]
    (event_id,) = [line["event_id"] for line in relayed if line["correlation_id"] == "req-of-the-message"]
    event = sample("explanations-sqs")
    asked = json.loads(event["Records"][0]["body"]) | {
        "event_id": event_id,
        "run_id": run_id,
        "request_id": "req-twice",
    }
    event["Records"][0]["body"] = json.dumps(asked)
    stack.pool.invoke("ExplanationsFunction", json.dumps(event).encode())
    assert len(provider.asked) == calls
    assert [line["message"] for line in worker_lines(stack, "req-twice")] == ["explanation no longer waited for"]


def test_the_key_stands_in_no_log_and_only_the_worker_may_read_it(stack, provider, explain):
    explain("req-of-the-secret")
    for function in ("ExplanationsFunction", "RunsFunction", "RelayFunction"):
        assert not [line for line in stack.pool.function_output(function) if OPENAI_KEY in line]
    arn = stack.deployed.configuration("ExplanationsFunction").variables["RMOS_OPENAI_API_KEY_SECRET"]
    for function in ("RunsFunction", "RelayFunction", "FeasibilityFunction", "FrontFunction"):
        client = stack.account.client("secretsmanager", stack.role(function))
        with pytest.raises(client.exceptions.ClientError) as refused:
            client.get_secret_value(SecretId=arn)
        assert refused.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
