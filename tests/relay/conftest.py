import json
from pathlib import Path

import pytest
from relay import handler
from rmos.storage import aws

from tests.support.aws_stores import AwsStores
from tests.support.emulator import REGION
from tests.support.gateway import CONTEXT

EVENTS = Path(__file__).resolve().parents[2] / "events"


class Relayed:
    """A table, two queues, and the relay between them as Lambda calls it."""

    def __init__(self, aws_place):
        self.stores = AwsStores(aws_place)
        self.sqs = aws_place.client("sqs")
        self.urls = {
            name: self.sqs.create_queue(QueueName=f"{self.stores.table_name}-{name}")["QueueUrl"]
            for name in ("exports", "images")
        }

    def outbox(self):
        return [item for item in self.stores.items() if item["pk"]["S"].startswith("outbox#")]

    def stream(self):
        """Return the stream event of what lies in the outbox, as if it had just been committed."""
        (sample,) = json.loads((EVENTS / "relay-stream-outbox.json").read_text())["Records"]
        return {
            "Records": [
                {
                    **sample,
                    "dynamodb": {
                        **sample["dynamodb"],
                        "Keys": {name: item[name] for name in ("pk", "sk")},
                        "NewImage": item,
                        "SequenceNumber": f"sequence-{position}",
                    },
                }
                for position, item in enumerate(self.outbox())
            ]
        }

    def make_older(self, age_s):
        """Let the events in the outbox have been made `age_s` earlier."""
        for item in self.outbox():
            made_at_ms, _, unique = item["sk"]["S"].partition("#")
            older = f"{int(made_at_ms) - age_s * 1_000:013}#{unique}"
            self.stores.dynamodb.put_item(TableName=self.stores.table_name, Item={**item, "sk": {"S": older}})
            self.stores.dynamodb.delete_item(TableName=self.stores.table_name, Key={"pk": item["pk"], "sk": item["sk"]})

    def call(self, event):
        return handler.handler(event, CONTEXT)

    def received(self, name):
        found = []
        request = {"QueueUrl": self.urls[name], "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while messages := self.sqs.receive_message(**request).get("Messages"):
            for message in messages:
                found.append((message["MessageAttributes"]["event_id"]["StringValue"], message["Body"]))
                self.sqs.delete_message(QueueUrl=self.urls[name], ReceiptHandle=message["ReceiptHandle"])
        return sorted(found)


@pytest.fixture
def sample():
    return lambda name: json.loads((EVENTS / f"relay-{name}.json").read_text())


@pytest.fixture
def relayed(moto_aws, monkeypatch):
    place = Relayed(moto_aws)
    monkeypatch.setenv("RMOS_TABLE_NAME", place.stores.table_name)
    monkeypatch.setenv("RMOS_QUEUE_URLS", json.dumps(place.urls))
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "RMOS")
    for name, value in (("DEFAULT_REGION", REGION), ("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(f"AWS_{name}", value)
    yield place
    for kept in (handler._outbox, handler._sender, aws._made, aws._session):
        kept.cache_clear()
