"""Events that a commit left in the table, until they are handed to their queue."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rmos.errors import Corrupt
from rmos.storage.backoff import Backoff
from rmos.storage.dynamo_items import OUTBOX_PREFIX, SHARDS, Item, StoredItem, pk_of, sk_of
from rmos.storage.ports import Emit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestOutputTypeDef, WriteRequestTypeDef

_MS_PER_S = 1_000
_BATCH = 25


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event in the table; `made_at_ms` is in milliseconds since 1970."""

    pk: str
    sk: str
    made_at_ms: int
    emit: Emit


def waiting_event(item: StoredItem) -> WaitingEvent:
    """Return the event in `item`, an item of the table or an image of one in its stream.

    Raises:
        Corrupt: the item is not one that a commit wrote; its key tells the place in the table.
    """
    pk, sk = pk_of(item), sk_of(item)
    try:
        emit = Emit(item["queue"]["S"], item["event_id"]["S"], item["body"]["S"])
        return WaitingEvent(pk, sk, int(sk.partition("#")[0]), emit)
    except (KeyError, ValueError) as error:
        raise Corrupt(f"{pk} {sk}") from error


class DynamoOutbox:
    """The outgoing events in one table."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def older_than(self, age_s: int) -> Iterator[StoredItem]:
        """Yield the items of events made more than `age_s` ago, shard by shard, oldest first in each."""
        made_before = f"{time.time_ns() // 1_000_000 - age_s * _MS_PER_S:013}"
        for shard in range(SHARDS):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table_name,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND sk < :made_before",
                ExpressionAttributeValues={
                    ":pk": {"S": f"{OUTBOX_PREFIX}{shard:02}"},
                    ":made_before": {"S": made_before},
                },
            )
            for page in pages:
                yield from page["Items"]

    def remove(self, events: Sequence[WaitingEvent]) -> None:
        """Remove events that their queue has; repeating it changes nothing.

        Raises:
            Busy: the table took no more within 10 s; what is left will be sent again.
        """
        places: list[Item] = [{"pk": {"S": event.pk}, "sk": {"S": event.sk}} for event in events]
        for start in range(0, len(places), _BATCH):
            self._remove_batch(places[start : start + _BATCH])

    def _remove_batch(self, places: Sequence[Item]) -> None:
        backoff = Backoff()
        request: Mapping[str, Sequence[WriteRequestTypeDef | WriteRequestOutputTypeDef]]
        request = {self._table_name: [{"DeleteRequest": {"Key": place}} for place in places]}
        while request:
            request = self._client.batch_write_item(RequestItems=request)["UnprocessedItems"]
            if request:
                backoff.wait()
