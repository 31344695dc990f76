"""DynamoDB and S3 for the contract suite, on moto and on the emulator."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from relay import service
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.dynamo_items import OUTBOX_PREFIX, line_place, record_place
from rmos.storage.dynamo_outbox import DynamoOutbox
from rmos.storage.dynamo_scan import DynamoScan
from rmos.storage.s3 import S3BlobStore, blob_key
from rmos.storage.s3_links import S3BlobLinks
from rmos.storage.s3_scan import S3BlobScan
from rmos.storage.sqs import SqsSender

from tests.contract.backends import BlobBackEnd, Part, RecordBackEnd
from tests.support.aws_stores import Aws, AwsStores

_NUMBERS = {Part.VERSION, Part.EXPIRY}


@contextmanager
def s3(aws: Aws) -> Iterator[BlobBackEnd]:
    yield _blob_back_end(AwsStores(aws))


@contextmanager
def dynamo(aws: Aws) -> Iterator[RecordBackEnd]:
    stores = AwsStores(aws)
    behind = _Behind(stores)
    yield RecordBackEnd(
        records=stores.records,
        spill=stores.blobs,
        open_again=lambda: DynamoRecordStore(stores.dynamodb, stores.table_name, stores.blobs),
        receive=_Queues(aws, stores).receive,
        alter=behind.alter,
        lose_record=lambda key: behind.remove(record_place(key)),
        lose_entry=lambda entry: behind.remove(line_place(entry)),
        spill_back_end=_blob_back_end(stores),
        scan=DynamoScan(stores.dynamodb, stores.table_name, stores.blobs),
        decides_races=not aws.is_moto,
        takes_many=not aws.is_moto,
    )


def _blob_back_end(stores: AwsStores) -> BlobBackEnd:
    def alter(sha256: str, data: bytes) -> None:
        stores.s3.put_object(Bucket=stores.bucket_name, Key=blob_key(sha256), Body=data)

    def lose(sha256: str) -> None:
        stores.s3.delete_object(Bucket=stores.bucket_name, Key=blob_key(sha256))

    return BlobBackEnd(
        blobs=stores.blobs,
        open_again=lambda: S3BlobStore(stores.s3, stores.bucket_name),
        alter=alter,
        lose=lose,
        scan=S3BlobScan(stores.s3, stores.bucket_name),
        links=S3BlobLinks(stores.s3, stores.bucket_name),
    )


class _Behind:
    """Changes the table as nobody of us would."""

    def __init__(self, stores: AwsStores) -> None:
        self._stores = stores

    def alter(self, key: str, part: Part, value: str | int) -> None:
        self._set(record_place(key), part, value)
        if part in {Part.HEAD, Part.EXPIRY}:
            for item in self._stores.items():
                if item.get("key") == {"S": key}:
                    self._set({"pk": item["pk"], "sk": item["sk"]}, part, value)

    def remove(self, place: Any) -> None:
        self._stores.dynamodb.delete_item(TableName=self._stores.table_name, Key=place)

    def _set(self, place: Any, part: Part, value: str | int) -> None:
        self._stores.dynamodb.update_item(
            TableName=self._stores.table_name,
            Key=place,
            UpdateExpression="SET #part = :value",
            ExpressionAttributeNames={"#part": part.value},
            ExpressionAttributeValues={":value": {"N" if part in _NUMBERS else "S": str(value)}},
        )


class _Queues:
    """Delivers as the relay does: from the outbox, as its stream would hand it over, to SQS."""

    def __init__(self, aws: Aws, stores: AwsStores) -> None:
        self._sqs = aws.client("sqs")
        self._stores = stores
        self._urls: dict[str, str] = {}

    def receive(self, queue_name: str) -> list[tuple[str, str]]:
        outgoing = [item for item in self._stores.items() if item["pk"]["S"].startswith(OUTBOX_PREFIX)]
        for name in {queue_name, *(item["queue"]["S"] for item in outgoing)} - self._urls.keys():
            queue = self._sqs.create_queue(QueueName=f"{self._stores.table_name}-{name}")
            self._urls[name] = queue["QueueUrl"]
        outbox = DynamoOutbox(self._stores.dynamodb, self._stores.table_name)
        assert service.relay([_inserted(item) for item in outgoing], outbox, SqsSender(self._sqs, self._urls)) == []
        return list(self._drained(self._urls[queue_name]))

    def _drained(self, url: str) -> Iterator[tuple[str, str]]:
        request = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["event_id"]}
        while messages := self._sqs.receive_message(**request).get("Messages"):
            for message in messages:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                yield message["MessageAttributes"]["event_id"]["StringValue"], message["Body"]


def _inserted(item: dict[str, Any]) -> dict[str, Any]:
    keys = {name: item[name] for name in ("pk", "sk")}
    # As JSON and back: what Lambda hands over has been through it.
    image = json.loads(json.dumps({"Keys": keys, "NewImage": item, "SequenceNumber": item["sk"]["S"]}))
    return {"eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": image}
