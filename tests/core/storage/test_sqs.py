"""Sending events: which queue, how many at once, how large."""

import json

import pytest
from moto import mock_aws
from rmos.storage.limits import MAX_EVENT_BYTES
from rmos.storage.ports import Emit
from rmos.storage.sqs import UNKNOWN_QUEUE, SqsSender

from tests.support.aws_stores import moto_client


@pytest.fixture
def sqs():
    with mock_aws():
        yield moto_client("sqs")


def received(sqs, url):
    found = {}
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages"
    ):
        for message in messages:
            found[message["MessageAttributes"]["event_id"]["StringValue"]] = message["Body"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_each_event_reaches_its_queue_with_its_id(sqs):
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("exports", "images")}
    events = [Emit("exports" if number % 2 else "images", f"e{number}", f'{{"n":{number}}}') for number in range(25)]

    assert SqsSender(sqs, urls).send(events) == [None] * 25

    for name, url in urls.items():
        assert received(sqs, url) == {event.event_id: event.body for event in events if event.queue == name}


def test_a_queue_without_url_refuses_only_its_own(sqs):
    urls = {"exports": sqs.create_queue(QueueName="exports")["QueueUrl"]}

    outcomes = SqsSender(sqs, urls).send(
        [Emit("exports", "e1", "1"), Emit("other", "e2", "2"), Emit("exports", "e3", "3")]
    )

    assert outcomes == [None, UNKNOWN_QUEUE, None]


def test_a_queue_that_is_gone_refuses_its_events_by_name(sqs):
    urls = {"exports": sqs.create_queue(QueueName="exports")["QueueUrl"]}
    sqs.delete_queue(QueueUrl=urls["exports"])

    (outcome,) = SqsSender(sqs, urls).send([Emit("exports", "e1", "1")])

    assert "NonExistentQueue" in outcome or "QueueDoesNotExist" in outcome


def test_a_batch_stays_under_256_kb(sqs):
    sizes = []
    sqs.meta.events.register(
        "provide-client-params.sqs.SendMessageBatch",
        lambda params, **_: sizes.append(sum(len(entry["MessageBody"].encode()) for entry in params["Entries"])),
    )
    urls = {"exports": sqs.create_queue(QueueName="exports")["QueueUrl"]}
    events = [Emit("exports", f"e{number}", json.dumps("é" * 40_000, ensure_ascii=False)) for number in range(8)]
    events.append(Emit("exports", "large", json.dumps("x" * (MAX_EVENT_BYTES - 2))))

    assert SqsSender(sqs, urls).send(events) == [None] * 9

    assert max(sizes) <= 256 * 1024
    assert len(sizes) == 4


def test_what_sqs_does_not_take_is_sent_as_json_escapes(sqs):
    url = sqs.create_queue(QueueName="exports")["QueueUrl"]
    text = "a\ufffe\uffff\u0001\U0010ffff"

    SqsSender(sqs, {"exports": url}).send([Emit("exports", "e1", json.dumps(text, ensure_ascii=False))])

    (body,) = received(sqs, url).values()
    assert "\ufffe" not in body
    assert json.loads(body) == text


def test_one_refused_message_is_told_apart_from_its_batch(sqs):
    def refuse_second(parsed, **_):
        parsed["Successful"].pop(1)
        parsed["Failed"] = [{"Id": "1", "Code": "InternalError", "SenderFault": False}]

    sqs.meta.events.register("after-call.sqs.SendMessageBatch", refuse_second)
    url = sqs.create_queue(QueueName="exports")["QueueUrl"]

    outcomes = SqsSender(sqs, {"exports": url}).send([Emit("exports", f"e{number}", "1") for number in range(3)])

    assert outcomes == [None, "InternalError", None]
