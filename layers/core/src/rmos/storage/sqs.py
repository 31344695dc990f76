"""Events into SQS queues."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rmos.storage.ports import Emit

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MAX_BATCH = 10
MAX_BATCH_BYTES = 256 * 1024
_ATTRIBUTE_BYTES = 256
"""More than the attribute of one message takes: its name, its type and an event id of at most 128 bytes."""

UNKNOWN_QUEUE = "UnknownQueue"

# SQS takes all of Unicode but these two; in JSON text they only stand in strings, where the escape is the same.
_ESCAPES = str.maketrans({"\ufffe": "\\ufffe", "\uffff": "\\uffff"})


class SqsSender:
    """Sends events to the queues of `queue_urls` (queue name to URL).

    A message's body is the event's; its id is the string attribute `event_id`.
    """

    def __init__(self, client: "SQSClient", queue_urls: Mapping[str, str]) -> None:
        self._client = client
        self._queue_urls = queue_urls

    def send(self, events: Sequence[Emit]) -> list[str | None]:
        """Send `events` and return for each, in their order, None once SQS keeps it, else the code of its refusal."""
        outcomes: list[str | None] = [UNKNOWN_QUEUE] * len(events)
        for queue, url in self._queue_urls.items():
            for batch in _batches([(at, event) for at, event in enumerate(events) if event.queue == queue]):
                for at, outcome in zip((at for at, _ in batch), self._send_batch(url, batch), strict=True):
                    outcomes[at] = outcome
        return outcomes

    def _send_batch(self, url: str, batch: Sequence[tuple[int, Emit]]) -> list[str | None]:
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {
                "Id": str(at),
                "MessageBody": _message_body(event),
                "MessageAttributes": {"event_id": {"DataType": "String", "StringValue": event.event_id}},
            }
            for at, event in batch
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=url, Entries=entries)
        except ClientError as error:
            return [error.response["Error"]["Code"]] * len(batch)
        refused = {failure["Id"]: failure["Code"] for failure in answer.get("Failed", [])}
        return [refused.get(str(at)) for at, _ in batch]


def _batches(events: Sequence[tuple[int, Emit]]) -> Iterator[list[tuple[int, Emit]]]:
    """Yield `events` in runs that one call takes."""
    batch: list[tuple[int, Emit]] = []
    batch_bytes = 0
    for at, event in events:
        size_bytes = len(_message_body(event).encode()) + _ATTRIBUTE_BYTES
        if batch and (len(batch) == MAX_BATCH or batch_bytes + size_bytes > MAX_BATCH_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append((at, event))
        batch_bytes += size_bytes
    if batch:
        yield batch


def _message_body(event: Emit) -> str:
    return event.body.translate(_ESCAPES)
