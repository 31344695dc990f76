"""The built functions in Lambda's runtime, one sample event each: the answer, and what the log says of it."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rmos.identity import Role

from tests.stack.conftest import ORIGIN
from tests.support.gateway import event_of
from tests.support.runtime import InvocationFailed, Runtime, running_function
from tests.support.template import Function

pytestmark = pytest.mark.stack

INLINE_BYTES = 4_194_304
SAMPLES = [
    ("FeasibilityFunction", "feasibility-evaluate", Role.VIEWER, 200),
    ("FeasibilityFunction", "feasibility-evaluate", None, 401),
    ("FeasibilityFunction", "feasibility-engines", Role.VIEWER, 200),
    ("RunsFunction", "runs-create", Role.OPERATOR, 201),
    ("RunsFunction", "runs-create", Role.VIEWER, 403),
    ("RunsFunction", "runs-create", None, 401),
    ("RunsFunction", "runs-create-blocked", Role.OPERATOR, 201),
    ("RunsFunction", "runs-list", Role.VIEWER, 200),
    ("RunsFunction", "runs-get", Role.VIEWER, 404),
    ("RunsFunction", "runs-verify", Role.VIEWER, 404),
    ("RunsFunction", "runs-diff", Role.VIEWER, 404),
    ("RunsFunction", "runs-attach", Role.OPERATOR, 404),
    ("RunsFunction", "runs-attach", Role.VIEWER, 403),
    ("RunsFunction", "runs-explain", Role.OPERATOR, 404),
    ("RunsFunction", "runs-bundle", Role.VIEWER, 404),
    ("RunsFunction", "runs-export", Role.VIEWER, 200),
    ("FrontFunction", "front-healthz", None, 200),
    ("FrontFunction", "front-openapi", None, 200),
    ("FrontFunction", "front-not-found", None, 404),
    ("FrontFunction", "front-preflight", None, 200),
]
IDS = [f"{name}-{role.value if role else 'anonymous'}" for _, name, role, _ in SAMPLES]


def invoke(stack, function, event):
    return json.loads(stack.pool.invoke(function, json.dumps(event).encode()))


@pytest.mark.parametrize("case", SAMPLES, ids=IDS)
def test_a_sample_event_is_answered_and_logged_under_its_request_id(stack, sample, case):
    function, name, role, status = case
    event = sample(name, role)
    request_id = f"{event['headers']['x-request-id']}.{role.value if role else 'anonymous'}"
    event["headers"]["x-request-id"] = request_id
    answer = invoke(stack, function, event)
    assert answer["statusCode"] == status, answer
    assert answer["headers"]["x-request-id"] == request_id
    lines = [line for line in stack.pool.log_lines(function) if line.get("correlation_id") == request_id]
    (request,) = [line for line in lines if line.get("message") == "request"]
    assert request["status"] == status
    assert request["function_name"] == stack.deployed.physical_ids[function]
    if status >= 400:
        assert json.loads(answer["body"])["instance"] == request_id


def test_a_body_in_base64_is_the_same_body(stack, sample):
    plain = sample("feasibility-evaluate", Role.VIEWER)
    encoded = {**plain, "body": base64.b64encode(plain["body"].encode()).decode(), "isBase64Encoded": True}
    answers = [json.loads(invoke(stack, "FeasibilityFunction", event)["body"]) for event in (plain, encoded)]
    assert answers[0]["result_sha256"] == answers[1]["result_sha256"]


def test_a_body_past_the_limit_is_refused_by_the_function_itself(stack, sample):
    event = sample("runs-create", Role.OPERATOR)
    event["body"] = json.dumps({"notes": "x" * 1_048_577})
    answer = invoke(stack, "RunsFunction", event)
    assert answer["statusCode"] == 413
    assert answer["headers"]["content-type"] == "application/problem+json"


def test_the_preflight_of_a_listed_origin_is_answered_and_another_refused(stack, sample):
    event = sample("front-preflight")
    assert invoke(stack, "FrontFunction", event)["headers"]["access-control-allow-origin"] == ORIGIN
    event["headers"]["origin"] = "https://evil.example"
    refused = invoke(stack, "FrontFunction", event)
    assert refused["statusCode"] == 403
    assert "access-control-allow-origin" not in refused["headers"]


def test_no_log_line_holds_a_token_and_each_is_json(stack, tokens):
    for function in ("FeasibilityFunction", "RunsFunction", "FrontFunction", "RelayFunction"):
        for text in stack.pool.function_output(function):
            json.loads(text)
            assert not [token for token in tokens.values() if token.rsplit("_", 1)[1] in text]


@pytest.fixture(scope="module")
def probe(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    del built
    function = Function("Probe", "probe_handler.handler", 20, 1024, Path(__file__).parent / "probe")
    with running_function(function, {}, tmp_path_factory.mktemp("probe") / "probe.log") as runtime:
        yield runtime


def test_bytes_go_in_and_out_whole(probe):
    body = os.urandom(300_000)
    answer = probe.invoke(event_of("POST", "/echo", {"content-type": "image/png"}, body))
    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"]
    assert base64.b64decode(answer["body"]) == body


def test_the_largest_inline_content_passes_lambda_in_both_directions(probe):
    body = os.urandom(INLINE_BYTES)
    answer = probe.invoke(event_of("POST", "/echo", {}, body))
    assert base64.b64decode(answer["body"]) == body


def test_an_answer_over_6_mb_is_lambdas_own_failure(probe):
    with pytest.raises(InvocationFailed, match="ResponseSizeTooLarge"):
        probe.invoke(event_of("GET", "/bytes/5000000", {}, b""))


def test_a_fault_is_a_problem_with_the_stack_in_the_log_only(probe):
    answer = probe.invoke(event_of("GET", "/fault", {"x-request-id": "req-of-the-fault"}, b""))
    assert answer["statusCode"] == 500
    assert "secret" not in answer["body"]
    (line,) = [line for line in probe.log_lines() if line["level"] == "ERROR"]
    assert line["correlation_id"] == "req-of-the-fault"
    assert "a secret of the inside" in json.dumps(line)


def test_warm_requests_do_not_share_their_ids(probe):
    ids = [probe.invoke(event_of("GET", "/bytes/1", {}, b""))["headers"]["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert set(ids) <= {line.get("correlation_id") for line in probe.log_lines()}
