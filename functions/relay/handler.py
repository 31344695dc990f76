"""Lambda entry of the relay: the table's stream, and the schedule that sweeps what the stream left."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from rmos.logging import logger
from rmos.request_context import current_request_id
from rmos.settings import Settings
from rmos.storage.aws import client
from rmos.storage.dynamo_outbox import DynamoOutbox
from rmos.storage.sqs import SqsSender

from relay import service

_STREAM = "aws:dynamodb"
_SCHEDULE = "Scheduled Event"


@cache
def _outbox() -> DynamoOutbox:
    return DynamoOutbox(client("dynamodb"), Settings().table_name)


@cache
def _sender() -> SqsSender:
    return SqsSender(client("sqs"), Settings().queue_urls)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a stream batch with the records to hand in again, a schedule with the number of events left.

    Raises:
        ValueError: the event is of neither trigger.
    """
    token = current_request_id.set(context.aws_request_id)
    try:
        return _answer(event)
    finally:
        current_request_id.reset(token)


def _answer(event: dict[str, Any]) -> dict[str, Any]:
    records = event.get("Records") or []
    if records and records[0].get("eventSource") == _STREAM:
        again = service.relay(records, _outbox(), _sender())
        return {"batchItemFailures": [{"itemIdentifier": number} for number in again]}
    if event.get("detail-type") == _SCHEDULE:
        return {"left": service.sweep(_outbox(), _sender())}
    raise ValueError(f"neither a stream nor a schedule sent this: {sorted(event)}")
