"""Records in one DynamoDB table; its layout stands in `rmos.storage.dynamo_items`."""

import io
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from rmos.errors import Busy, Conflict, Corrupt, LimitReached, NotFound
from rmos.storage.backoff import Backoff
from rmos.storage.dynamo_items import (
    INDEX_PREFIX,
    SHARDS,
    Item,
    StoredItem,
    expires_at_of,
    line_of,
    pk_of,
    record_of,
    record_place,
    reserve_place,
    shard_place,
    sk_of,
    total_of,
)
from rmos.storage.dynamo_writes import Write, WritePlan
from rmos.storage.limits import check_commit, check_keys, check_query, is_spilled
from rmos.storage.outages import outages_as_busy
from rmos.storage.ports import (
    MAX_KEYS,
    BlobStore,
    Change,
    Delete,
    Entry,
    Listed,
    Order,
    Page,
    Put,
    Record,
    RecordStore,
    Reserve,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        KeysAndAttributesOutputTypeDef,
        KeysAndAttributesTypeDef,
        QueryInputTypeDef,
    )

_Answer = TypeVar("_Answer")

_THROTTLED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
# Still deciding an earlier attempt with the same token: the next attempt learns its outcome.
_UNDECIDED = "TransactionInProgressException"
_CANCELLED = "TransactionCanceledException"
_CONDITION_FAILED = "ConditionalCheckFailed"
_CONTENDED = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
# One line may equal `after` and one `high`; both are read and left out, and one more tells whether there are more.
_LINES_BEYOND = 3


class DynamoRecordStore:
    """`RecordStore` over one table; `spill` holds bodies over 256 KB.

    The client's own retries and time-outs come with it (`botocore.config.Config`); its errors other than conditions,
    contention, throttling and outages rise as they are.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, spill: BlobStore) -> None:
        self._client = client
        self._table_name = table_name
        self._spill = spill

    def commit(self, changes: Sequence[Change]) -> None:
        """See `RecordStore.commit`; one TransactWriteItems, after the bodies that spill.

        Raises:
            Busy: contended or throttled for 10 s, and nothing was written; or the table was out of reach, and whether
                the transaction took effect is not known. All of it did or nothing. A repeat is a new transaction: where
                the first stands, the preconditions of the repeat fail. An Idempotency-Key is among them, so a repeated
                create answers what the first one made.
        """
        check_commit(changes)
        if not changes:
            return
        for change in changes:
            if isinstance(change, Put) and is_spilled(change.new.body):
                self._spill.put(io.BytesIO(change.new.body.encode()))
        plan = WritePlan(self._table_name, time.time_ns() // 1_000_000)
        self._transact([write for change in changes for write in plan.writes(change)])

    def get(self, keys: Sequence[str]) -> list[Record | None]:
        """See `RecordStore.get`; strongly consistent, though not one snapshot of all the keys."""
        check_keys(keys)
        items = self._items([record_place(key) for key in keys])
        return [self._live_record(items.get(pk_of(record_place(key)))) for key in keys]

    def query(  # noqa: PLR0913, PLR0917  # the six facts of a keyset page
        self, index: str, low: str, high: str, order: Order, after: str | None, limit: int
    ) -> Page:
        """See `RecordStore.query`."""
        check_query(index, (low, high, after), limit)
        span = _span(low, high, order, after)
        if span is None:
            return Page((), more=False)
        request = self._span_request(index, span, order)
        request["Limit"] = limit + _LINES_BEYOND
        found = list(islice(self._live_lines(request, (after, span.high)), limit + 1))
        return Page(tuple(found[:limit]), more=len(found) > limit)

    def totals(self, counters: Sequence[str]) -> list[int]:
        """See `RecordStore.totals`."""
        places = {
            counter: [*(shard_place(counter, shard) for shard in range(SHARDS)), reserve_place(counter)]
            for counter in counters
        }
        items = self._items([place for shards in places.values() for place in shards])
        return [
            sum(total_of(items[pk_of(place)]) for place in places[counter] if pk_of(place) in items)
            for counter in counters
        ]

    def _transact(self, writes: Sequence[Write]) -> None:
        # The same token for every attempt: should an attempt have been applied and its answer lost, the next one is
        # answered as if it had been the first.
        token = str(uuid.uuid4())
        backoff = Backoff()
        while True:
            try:
                with outages_as_busy():
                    self._client.transact_write_items(
                        TransactItems=[write.part for write in writes], ClientRequestToken=token
                    )
            except ClientError as error:
                if not _is_contended(error):
                    raise _refusal(error, writes) from error
            else:
                return
            backoff.wait()

    def _items(self, places: Sequence[Item]) -> dict[str, StoredItem]:
        """Return the stored items at `places` by partition key; each is the only one of its partition."""
        return {pk_of(item): item for item in read_items(self._client, self._table_name, places)}

    def _span_request(self, index: str, span: "_Span", order: Order) -> "QueryInputTypeDef":
        """Return the query for low <= sort <= high: a key condition cannot leave out one side of a BETWEEN."""
        conditions = {
            (True, True): " AND sk BETWEEN :low AND :high",
            (True, False): " AND sk >= :low",
            (False, True): " AND sk <= :high",
            (False, False): "",
        }
        bounds: Item = {name: {"S": bound} for name, bound in ((":low", span.low), (":high", span.high)) if bound}
        return {
            "TableName": self._table_name,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk" + conditions[bool(span.low), bool(span.high)],
            "ExpressionAttributeValues": {":pk": {"S": INDEX_PREFIX + index}, **bounds},
            "ScanIndexForward": order is Order.OLDEST_FIRST,
        }

    def _live_lines(self, request: "QueryInputTypeDef", left_out: tuple[str | None, str]) -> Iterator[Listed]:
        while True:
            answer = _answer(partial(self._client.query, **request))
            for item in answer["Items"]:
                if sk_of(item) in left_out:
                    continue
                # Verified before its expiry is believed: an altered expiry is damage, not absence.
                line = line_of(item)
                if _is_live(item):
                    yield line
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _live_record(self, item: StoredItem | None) -> Record | None:
        if item is None:
            return None
        record, body_sha256 = record_of(item)
        if not _is_live(item):
            return None
        if body_sha256 is None:
            return record
        try:
            with self._spill.open(body_sha256) as body:
                text = body.read().decode()
        except (Corrupt, NotFound) as error:
            raise Corrupt(record.key) from error
        return replace(record, body=text)


def read_items(
    client: "DynamoDBClient", table_name: str, places: Sequence[Item], attributes: Sequence[str] = ()
) -> Iterator[StoredItem]:
    """Yield what is stored at `places`, of any number and in no order; strongly consistent.

    `attributes` limits what is sent of each item, none named is all.

    Raises:
        Busy: the table gave nothing for 10 s.
    """
    unique = list({(pk_of(place), sk_of(place)): place for place in places}.values())
    for start in range(0, len(unique), MAX_KEYS):
        wanted: KeysAndAttributesTypeDef = {"Keys": unique[start : start + MAX_KEYS], "ConsistentRead": True}
        if attributes:
            wanted["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
            wanted["ExpressionAttributeNames"] = {f"#{name}": name for name in attributes}
        yield from _read_batch(client, table_name, wanted)


def _read_batch(client: "DynamoDBClient", table_name: str, wanted: "KeysAndAttributesTypeDef") -> Iterator[StoredItem]:
    backoff = Backoff()
    request: Mapping[str, KeysAndAttributesTypeDef | KeysAndAttributesOutputTypeDef] = {table_name: wanted}
    while request:
        answer = _answer(partial(client.batch_get_item, RequestItems=request))
        items = answer["Responses"].get(table_name, [])
        yield from items
        request = answer["UnprocessedKeys"]
        if request and not items:  # throttled; with items it was the 16 MB of one answer
            backoff.wait()


class _Span(NamedTuple):
    """The part of an index still to be listed; "" is no bound."""

    low: str
    high: str


def _span(low: str, high: str, order: Order, after: str | None) -> _Span | None:
    """Return what is left of [low, high) past `after`, or None where nothing can be."""
    if after is None:
        span = _Span(low, high)
    elif order is Order.OLDEST_FIRST:
        span = _Span(max(low, after), high)
    elif after:
        span = _Span(low, min(high, after) if high else after)
    else:  # nothing sorts before ""
        return None
    return None if span.high and span.low >= span.high else span


def _is_live(item: StoredItem) -> bool:
    expires_at = expires_at_of(item)
    return expires_at is None or expires_at > time.time()


def _answer(call: Callable[[], _Answer]) -> _Answer:
    """Return what `call` answers; throttling and outages that outlasted the client's own retries are Busy."""
    try:
        with outages_as_busy():
            return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _THROTTLED:
            raise Busy("the store refuses more calls for now; repeat it") from error
        raise


def _reasons(error: ClientError) -> list[str]:
    """Return the code for each part of a cancelled transaction, in their order."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # the stubs know it for one client only
    return [reason.get("Code", "None") for reason in reasons]


def _is_contended(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code in _THROTTLED or code == _UNDECIDED:
        return True
    reasons = _reasons(error)
    return code == _CANCELLED and _CONDITION_FAILED not in reasons and not _CONTENDED.isdisjoint(reasons)


def _refusal(error: ClientError, writes: Sequence[Write]) -> Exception:
    """Return the port's error for a transaction whose conditions failed, or `error` itself where none did."""
    reasons = zip(writes, _reasons(error), strict=False)
    failed = [write.subject for write, reason in reasons if reason == _CONDITION_FAILED]
    keys = [_key_of(subject) for subject in failed if isinstance(subject, Put | Delete)]
    if keys:
        return Conflict(keys)
    for subject in failed:
        if isinstance(subject, Reserve):
            return LimitReached(subject.counter)
        if isinstance(subject, Entry):
            return ValueError(f"{subject} is another record's; (index, sort) must be unique to one")
    return error


def _key_of(change: Put | Delete) -> str:
    return change.new.key if isinstance(change, Put) else change.old.key


if TYPE_CHECKING:
    _: type[RecordStore] = DynamoRecordStore
