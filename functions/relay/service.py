"""What follows a commit on AWS: its events reach their queues, and nobody changes a run or an addition unnoticed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from rmos.errors import Corrupt
from rmos.incidents import report_damage
from rmos.logging import logger
from rmos.metrics import count
from rmos.request_context import current_request_id
from rmos.storage.dynamo_items import OUTBOX_PREFIX, RECORD_PREFIX, StoredItem, pk_of
from rmos.storage.dynamo_outbox import DynamoOutbox, WaitingEvent, waiting_event
from rmos.storage.sqs import UNKNOWN_QUEUE, SqsSender

GUARDED_PREFIXES = tuple(f"{RECORD_PREFIX}{noun}/" for noun in ("run", "run-advisory", "run-attachment"))
"""Runs, and what is added to them: created once. The state of an explanation is not among them, as it moves on."""

RESEND_AFTER_S = 60
_TOGETHER = 100

StreamRecord = Mapping[str, Any]
"""One record of a DynamoDB stream as Lambda hands it over."""


def relay(records: Sequence[StreamRecord], outbox: DynamoOutbox, sender: SqsSender) -> list[str]:
    """Report changed runs, send the events that commits left, and return the sequence numbers to hand in again.

    An event may be sent again after a failure; it is never dropped before its queue has it.
    """
    for record in records:
        if record["eventName"] != "INSERT" and _pk(record).startswith(GUARDED_PREFIXES):
            _report_tampering(record)
    arrived = [
        record for record in records if record["eventName"] == "INSERT" and _pk(record).startswith(OUTBOX_PREFIX)
    ]
    left = _deliver([record["dynamodb"]["NewImage"] for record in arrived], outbox, sender)
    # Trying again at once cannot find a queue that the settings do not name; it would only hold back the stream.
    again = {(event.pk, event.sk) for event, refusal in left if refusal != UNKNOWN_QUEUE}
    return [record["dynamodb"]["SequenceNumber"] for record in arrived if _place(record) in again]


def sweep(outbox: DynamoOutbox, sender: SqsSender) -> int:
    """Send the events that still wait after a minute and return how many go on waiting."""
    waiting = outbox.older_than(RESEND_AFTER_S)
    left = 0
    while items := list(islice(waiting, _TOGETHER)):
        left += len(_deliver(items, outbox, sender))
    count("EventsUndelivered", left)
    return left


def _deliver(items: Sequence[StoredItem], outbox: DynamoOutbox, sender: SqsSender) -> list[tuple[WaitingEvent, str]]:
    """Send the events in `items`, remove those that arrived from the outbox, and return the others with the reason."""
    events = [event for item in items if (event := _readable(item)) is not None]
    outcomes = list(zip(events, sender.send([event.emit for event in events]), strict=True))
    outbox.remove([event for event, refusal in outcomes if refusal is None])
    for event, refusal in outcomes:
        _log_outcome(event, refusal)
    return [(event, refusal) for event, refusal in outcomes if refusal is not None]


def _readable(item: StoredItem) -> WaitingEvent | None:
    """Return the event in `item`; a damaged one stays where it is, for people to look at."""
    try:
        return waiting_event(item)
    except Corrupt as error:
        report_damage(error)
        return None


def _log_outcome(event: WaitingEvent, refusal: str | None) -> None:
    told = {"queue": event.emit.queue, "event_id": event.emit.event_id}
    with _in_the_name_of(_request_id_in(event.emit.body)):
        if refusal is None:
            logger.info("event relayed", extra=told)
        else:
            logger.error("event refused", extra=told | {"reason": refusal})


def _report_tampering(record: StreamRecord) -> None:
    key = _pk(record).removeprefix(RECORD_PREFIX)
    old, new = (record["dynamodb"].get(image) for image in ("OldImage", "NewImage"))
    changed = sorted(name for name in {*(old or {}), *(new or {})} if (old or {}).get(name) != (new or {}).get(name))
    # The message is what the template counts and the alarm rings for: a metric of ours would count it twice.
    logger.critical(
        "run tampered",
        extra={
            "record": key,
            "event_name": record["eventName"],
            "changed": changed,
            "identity": record.get("userIdentity"),
        },
    )


def _pk(record: StreamRecord) -> str:
    return pk_of(record["dynamodb"]["Keys"])


def _place(record: StreamRecord) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return pk_of(keys), keys["sk"]["S"]


def _request_id_in(body: str) -> str | None:
    """Return the id of the request that made an event, where the event carries it."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    request_id = content.get("request_id") if isinstance(content, dict) else None
    return request_id if isinstance(request_id, str) else None


@contextmanager
def _in_the_name_of(request_id: str | None) -> Iterator[None]:
    """Log under `request_id` within the block; under that of the invocation where it is None."""
    token = current_request_id.set(request_id or current_request_id.get())
    try:
        yield
    finally:
        current_request_id.reset(token)
