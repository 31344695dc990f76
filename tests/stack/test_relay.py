"""What follows a commit: the stream, the relay and the queues, as the template ties them together."""

import json
import re
import time

import pytest
from rmos.identity import Role
from rmos.storage.dynamo_items import record_attributes, record_place
from rmos.storage.ports import Emit, Put, Record

from tests.stack.conftest import Stack

pytestmark = pytest.mark.stack

WITHIN_S = 30


def eventually(found):
    """Return what `found` gives once it gives something."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.2)
    raise AssertionError(f"nothing came within {WITHIN_S} s")


def relay_lines(stack: Stack, message: str, **fields: str):
    lines = [line for line in stack.pool.log_lines("RelayFunction") if line.get("message") == message]
    return [line for line in lines if all(line.get(name) == value for name, value in fields.items())]


def counted_as(stack: Stack, metric_filter: str) -> str:
    """Return the message of the lines that a metric filter counts."""
    pattern = stack.deployed.template["Resources"][metric_filter]["Properties"]["FilterPattern"]
    found = re.fullmatch(r'\{ \$\.message = "([^"]+)" \}', pattern)
    assert found
    return found[1]


def received(stack: Stack, output: str):
    client = stack.account.client("sqs")
    answer = client.receive_message(
        QueueUrl=stack.deployed.outputs[output], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return answer.get("Messages", [])


def outbox_items(stack: Stack):
    items = stack.account.client("dynamodb").scan(TableName=stack.deployed.outputs["TableName"])["Items"]
    return [item for item in items if item["pk"]["S"].startswith("outbox#")]


def test_an_event_of_a_commit_reaches_its_queue_and_leaves_the_outbox(stack, tokens):
    body = json.dumps({"export_id": "exp_1", "request_id": "req-of-the-event"})
    stack.records(stack.operator_keys).commit([Emit("exports", "exp_1", body)])
    (message,) = eventually(lambda: received(stack, "ExportsQueueUrl"))
    assert message["Body"] == body
    assert message["MessageAttributes"]["event_id"]["StringValue"] == "exp_1"
    eventually(lambda: not outbox_items(stack))
    assert eventually(lambda: relay_lines(stack, "event relayed", correlation_id="req-of-the-event"))


def test_a_raw_overwrite_of_a_run_trips_the_stream_guard(stack):
    run = Record("run/run_" + 32 * "b", '{"label":"as decided"}', {"status": "BLOCKED"})
    runs_role = stack.role("RunsFunction")
    stack.records(runs_role).commit([Put(run)])
    forged = Record(run.key, '{"label":"forged"}', {"status": "OK"})
    # The one thing that the role's rights cannot prevent: PutItem also overwrites.
    stack.account.client("dynamodb", runs_role).put_item(
        TableName=stack.deployed.outputs["TableName"],
        Item={**record_place(forged.key), **record_attributes(forged)},
    )
    (line,) = eventually(lambda: relay_lines(stack, counted_as(stack, "TamperedRuns"), record=run.key))
    assert line["event_name"] == "MODIFY"
    assert "body" in line["changed"]
    assert not [line for line in stack.pool.log_lines("RelayFunction") if "RunTampered" in line]


def test_a_removed_run_trips_the_stream_guard(stack):
    run = Record("run/run_" + 32 * "c", '{"label":"as decided"}', {"status": "OK"})
    stack.records(stack.role("RunsFunction")).commit([Put(run)])
    root = stack.account.client("dynamodb")
    root.delete_item(TableName=stack.deployed.outputs["TableName"], Key=record_place(run.key))
    (line,) = eventually(lambda: relay_lines(stack, "run tampered", record=run.key))
    assert line["event_name"] == "REMOVE"


def test_a_new_run_and_a_changed_token_trip_nothing(stack, tokens):
    run = Record("run/run_" + 32 * "d", '{"label":"new"}', {"status": "OK"})
    stack.records(stack.operator_keys).commit([Put(run), Emit("exports", "after-the-run", "{}")])
    eventually(lambda: relay_lines(stack, "event relayed", event_id="after-the-run"))
    assert not relay_lines(stack, "run tampered", record=run.key)
    assert not [line for line in relay_lines(stack, "run tampered") if "token/" in line["record"]]
    assert Role.ADMIN in tokens


def test_the_sweep_sends_what_the_stream_left(stack, sample):
    made_at_ms = int(time.time() * 1000) - 3_600_000
    place = {"pk": {"S": "outbox#05"}, "sk": {"S": f"{made_at_ms:013}#{32 * 'e'}"}}
    raw = stack.account.client("dynamodb")
    raw.put_item(TableName=stack.deployed.outputs["TableName"], Item=place)
    damaged = f"{place['pk']['S']} {place['sk']['S']}"
    assert eventually(lambda: relay_lines(stack, counted_as(stack, "RelayIncidents"), key=damaged))
    # Repaired by hand: the stream tells of a MODIFY, which the relay's filter leaves out.
    event = {"queue": "exports", "event_id": "left-behind", "body": '{"request_id":"req-left-behind"}'}
    raw.put_item(
        TableName=stack.deployed.outputs["TableName"],
        Item={**place, **{name: {"S": text} for name, text in event.items()}},
    )
    answer = stack.pool.invoke("RelayFunction", json.dumps(sample("relay-schedule")).encode())
    assert json.loads(answer) == {"left": 0}
    assert relay_lines(stack, "event relayed", event_id="left-behind")
    assert not outbox_items(stack)


def test_a_message_that_its_consumer_never_finishes_ends_in_the_dead_letters(stack):
    client = stack.account.client("sqs")
    url = stack.deployed.outputs["ExportsQueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="poison")

    def given_up():
        client.receive_message(QueueUrl=url, VisibilityTimeout=0)
        return [message for message in received(stack, "ExportsDeadLettersUrl") if message["Body"] == "poison"]

    assert eventually(given_up)


def test_an_event_that_the_relay_cannot_make_sense_of_ends_in_its_dead_letters(stack):
    stack.account.client("lambda").invoke(
        FunctionName=stack.deployed.physical_ids["RelayFunction"],
        InvocationType="Event",
        Payload=b'{"detail-type":"nothing of ours"}',
    )
    (message,) = eventually(lambda: received(stack, "RelayDeadLettersUrl"))
    assert json.loads(message["Body"])["requestPayload"] == {"detail-type": "nothing of ours"}
