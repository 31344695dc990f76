"""What only the DynamoDB back-end promises: its layout, its calls, their cost, and what AWS's refusals become."""

import threading
import time

import pytest
from botocore.exceptions import ClientError
from rmos.errors import Busy, Conflict, Corrupt, LimitReached
from rmos.storage import backoff
from rmos.storage.limits import MAX_ENTRIES_BYTES, MAX_KEY_BYTES, MAX_SORT_BYTES, check_commit
from rmos.storage.ports import SPILL_BYTES, Add, Emit, Entry, Order, Put, Record, Reserve

from tests.support.aws_stores import calls_of

RUN = Record("run/run_1", '{"a":1}', {"status": "OK"}, (Entry("runs", "1"), Entry("runs/status=OK", "1")))


def pks(stores):
    return sorted(item["pk"]["S"] for item in stores.items())


def test_the_kinds_of_items_cannot_be_taken_for_each_other(moto_stores):
    hostile = "counter#00#runs"
    moto_stores.records.commit([Put(Record(hostile, "{}", entries=(Entry(hostile, hostile),))), Add(hostile, 1, "x")])
    moto_stores.records.commit([Reserve(hostile, 1, 1)])

    kinds = sorted(pk.partition("#")[0] for pk in pks(moto_stores))
    assert kinds == ["counter", "index", "record", "reserve"]
    assert moto_stores.records.totals([hostile]) == [2]


def test_run_items_stand_under_keys_that_a_policy_can_name(moto_stores):
    moto_stores.records.commit([Put(RUN), Emit("exports", "e1", "{}")])

    found = pks(moto_stores)
    assert found[:2] == ["index#runs", "index#runs/status=OK"]
    assert found[2].startswith("outbox#")
    assert found[3] == "record#run/run_1"


def test_one_commit_is_one_call(moto_stores):
    changes = [Put(RUN), Add("c", 1, "x"), Reserve("r", 1, 5), Emit("exports", "e1", "{}")]
    with calls_of(moto_stores.dynamodb, "dynamodb") as calls:
        moto_stores.records.commit(changes)

    assert len(calls) == 1
    assert len(moto_stores.items()) == 6


def test_an_empty_commit_calls_nobody(moto_stores):
    with calls_of(moto_stores.dynamodb, "dynamodb") as calls:
        moto_stores.records.commit([])

    assert calls == []


def test_a_new_record_is_put_and_a_later_version_updates(moto_stores):
    requests = []

    def collect(params, **_):
        requests.extend(params["TransactItems"])

    moto_stores.dynamodb.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", collect)
    first = Record("preset/1", "{}")
    moto_stores.records.commit([Put(first)])
    moto_stores.records.commit([Put(Record("preset/1", "[]", version=2), first)])

    assert [next(iter(request)) for request in requests] == ["Put", "Update"]


def test_lines_that_stay_as_they_are_are_not_written_again(moto_stores):
    with calls_of(moto_stores.dynamodb, "dynamodb.TransactWriteItems", ReturnConsumedCapacity="TOTAL"):
        old = Record("preset/1", "{}", {"name": "a"}, (Entry("presets", "1"),))
        moto_stores.records.commit([Put(old)])
    requests = []
    moto_stores.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems", lambda params, **_: requests.append(params)
    )

    moto_stores.records.commit([Put(Record("preset/1", "[]", old.head, old.entries, 2), old)])

    assert len(requests[0]["TransactItems"]) == 1


def test_an_update_leaves_nothing_of_the_version_before(moto_stores):
    old = Record("preset/1", "x" * 300_000, {"name": "a"}, expires_at=int(time.time()) + 60)
    new = Record("preset/1", "{}", version=2)
    moto_stores.records.commit([Put(old)])
    moto_stores.records.commit([Put(new, old)])

    assert moto_stores.records.get(["preset/1"]) == [new]
    (item,) = moto_stores.items()
    assert "expires_at" not in item
    assert "body_sha256" not in item


def test_an_unreadable_item_is_damage_not_a_failure(moto_stores):
    moto_stores.records.commit([Put(RUN)])
    for change in ({"head": {"S": "{"}}, {"entries": {"N": "1"}}, {"digest": {"NULL": True}}, {"version": {"S": "x"}}):
        (item,) = [item for item in moto_stores.items() if item["pk"]["S"] == "record#run/run_1"]
        moto_stores.dynamodb.put_item(TableName=moto_stores.table_name, Item={**item, **change})
        with pytest.raises(Corrupt) as caught:
            moto_stores.records.get([RUN.key])
        assert caught.value.key == RUN.key
        moto_stores.dynamodb.put_item(TableName=moto_stores.table_name, Item=item)


def test_an_expiry_moved_to_the_past_is_damage_not_absence(moto_stores):
    moto_stores.records.commit([Put(RUN)])
    for pk, sk in (("record#run/run_1", "record"), ("index#runs", "1")):
        moto_stores.dynamodb.update_item(
            TableName=moto_stores.table_name,
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            UpdateExpression="SET expires_at = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )

    with pytest.raises(Corrupt):
        moto_stores.records.get([RUN.key])
    with pytest.raises(Corrupt):
        moto_stores.records.query("runs", "", "", Order.OLDEST_FIRST, None, 10)


def test_an_index_line_of_another_record_is_not_taken_over(moto_stores):
    moto_stores.records.commit([Put(RUN)])

    with pytest.raises(ValueError, match="unique"):
        moto_stores.records.commit([Put(Record("run/run_2", "{}", entries=RUN.entries))])

    assert moto_stores.records.get(["run/run_2"]) == [None]


def test_lines_of_an_expired_record_give_way(moto_stores):
    expired = Record("session/1", "{}", entries=(Entry("sessions", "1"),), expires_at=int(time.time()) - 5)
    moto_stores.records.commit([Put(expired)])

    moto_stores.records.commit([Put(Record("session/1", "[]", entries=(Entry("sessions", "2"),)))])

    page = moto_stores.records.query("sessions", "", "", Order.OLDEST_FIRST, None, 10)
    assert [line.sort for line in page.items] == ["2"]


def failing(client, operation, code, times, **more):
    """Let the next calls fail as AWS would, before anything is sent."""
    left = [times]
    response = {"Error": {"Code": code, "Message": code}, **more}

    def fail(**_):
        if left[0]:
            left[0] -= 1
            raise ClientError(response, operation)

    client.meta.events.register(f"before-call.dynamodb.{operation}", fail)
    return left


def test_a_transaction_that_meets_another_is_tried_again(moto_stores):
    left = failing(
        moto_stores.dynamodb,
        "TransactWriteItems",
        "TransactionCanceledException",
        3,
        CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}],
    )

    moto_stores.records.commit([Put(RUN)])

    assert left == [0]
    assert moto_stores.records.get([RUN.key]) == [RUN]


def test_a_commit_still_being_decided_is_asked_again(moto_stores):
    left = failing(moto_stores.dynamodb, "TransactWriteItems", "TransactionInProgressException", 2)

    moto_stores.records.commit([Put(RUN)])

    assert left == [0]
    assert moto_stores.records.get([RUN.key]) == [RUN]


def test_every_attempt_of_a_commit_carries_the_same_token_and_the_next_commit_another(moto_stores):
    tokens = []
    moto_stores.dynamodb.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems",
        lambda params, **_: tokens.append(params["ClientRequestToken"]),
    )
    failing(moto_stores.dynamodb, "TransactWriteItems", "ThrottlingException", 2)

    moto_stores.records.commit([Put(RUN)])
    moto_stores.records.commit([Add("c", 1, "x")])

    assert len(tokens) == 4
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
)
def test_throttling_that_lasts_is_busy(moto_stores, monkeypatch, code):
    monkeypatch.setattr(backoff, "GIVE_UP_S", 0.05)
    failing(moto_stores.dynamodb, "TransactWriteItems", code, 1_000)
    failing(moto_stores.dynamodb, "BatchGetItem", code, 1_000)
    failing(moto_stores.dynamodb, "Query", code, 1_000)

    with pytest.raises(Busy):
        moto_stores.records.commit([Put(RUN)])
    with pytest.raises(Busy):
        moto_stores.records.get([RUN.key])
    with pytest.raises(Busy):
        moto_stores.records.query("runs", "", "", Order.OLDEST_FIRST, None, 10)


def test_other_refusals_rise_as_they_are(moto_stores):
    failing(moto_stores.dynamodb, "TransactWriteItems", "AccessDeniedException", 1)

    with pytest.raises(ClientError) as caught:
        moto_stores.records.commit([Put(RUN)])

    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_keys_that_dynamodb_left_for_later_are_asked_for_again(moto_stores):
    records = [Record(f"preset/{number}", "{}") for number in range(7)]
    moto_stores.records.commit([Put(record) for record in records])

    def keep_two_back(parsed, **_):
        answered = parsed["Responses"][moto_stores.table_name]
        if len(answered) > 2:
            kept = [{name: item[name] for name in ("pk", "sk")} for item in answered[2:]]
            del answered[2:]
            parsed["UnprocessedKeys"] = {moto_stores.table_name: {"Keys": kept, "ConsistentRead": True}}

    moto_stores.dynamodb.meta.events.register("after-call.dynamodb.BatchGetItem", keep_two_back)

    assert moto_stores.records.get([record.key for record in records]) == records


def test_a_table_that_gives_nothing_is_waited_for_and_then_busy(moto_stores, monkeypatch):
    moto_stores.records.commit([Put(RUN)])
    empty = [2]

    def give_nothing(parsed, **_):
        if empty[0]:
            empty[0] -= 1
            (items,) = parsed["Responses"].values()
            keys = [{name: item[name] for name in ("pk", "sk")} for item in items]
            items.clear()
            parsed["UnprocessedKeys"] = {moto_stores.table_name: {"Keys": keys, "ConsistentRead": True}}

    moto_stores.dynamodb.meta.events.register("after-call.dynamodb.BatchGetItem", give_nothing)
    assert moto_stores.records.get([RUN.key]) == [RUN]

    empty[0] = 1_000_000
    monkeypatch.setattr(backoff, "GIVE_UP_S", 0.05)
    with pytest.raises(Busy):
        moto_stores.records.get([RUN.key])


def test_other_refusals_of_a_read_rise_as_they_are(moto_stores):
    failing(moto_stores.dynamodb, "BatchGetItem", "AccessDeniedException", 1)

    with pytest.raises(ClientError):
        moto_stores.records.get([RUN.key])


def test_nothing_stands_before_the_empty_place(moto_stores):
    moto_stores.records.commit([Put(RUN)])

    assert moto_stores.records.query("runs", "", "", Order.NEWEST_FIRST, "", 10).items == ()
    assert len(moto_stores.records.query("runs", "", "", Order.OLDEST_FIRST, "", 10).items) == 1


def test_a_condition_that_failed_outranks_contention(moto_stores):
    failing(
        moto_stores.dynamodb,
        "TransactWriteItems",
        "TransactionCanceledException",
        1,
        CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed"}],
    )

    with pytest.raises(Conflict) as caught:
        moto_stores.records.commit([Put(Record("preset/1", "{}")), Put(Record("preset/2", "{}"))])

    assert caught.value.keys == ("preset/2",)


def item_bytes(item):
    """Return an item's size as DynamoDB counts it: names and values, a number at most 21 bytes."""
    return sum(len(name.encode()) + (21 if "N" in value else len(value["S"].encode())) for name, value in item.items())


@pytest.mark.emulator
def test_the_largest_commit_that_is_allowed_is_one_that_dynamodb_takes(emulated_stores):
    """In plain letters: DynamoDB counts the items, the emulator the request with its JSON escapes."""

    def largest(number):
        index = "i" * (MAX_KEY_BYTES - 4)
        entries = tuple(Entry(f"{index}{number:02}{place:02}", "s" * MAX_SORT_BYTES) for place in range(6))
        key = f"{number:02}" + "k" * (MAX_KEY_BYTES - 2)
        return Record(key, "b" * SPILL_BYTES, {"n": "x" * 2_000}, entries, expires_at=9_999_999_999)

    records = [largest(number) for number in range(12)]
    changes = [Put(record) for record in records]
    check_commit(changes)
    assert sum(map(len, (record.body for record in records))) > 3_000_000

    emulated_stores.records.commit(changes)

    assert emulated_stores.records.get([record.key for record in records]) == records
    sizes = [item_bytes(item) for item in emulated_stores.items()]
    assert len(sizes) == 84
    assert max(sizes) < 400 * 1024 - MAX_ENTRIES_BYTES
    assert sum(sizes) < 4 * 1024 * 1024


@pytest.mark.emulator
def test_all_reads_are_strongly_consistent(emulated_stores):
    requests = []
    for operation in ("Query", "BatchGetItem"):
        emulated_stores.dynamodb.meta.events.register(
            f"provide-client-params.dynamodb.{operation}", lambda params, **_: requests.append(str(params))
        )

    emulated_stores.records.get(["a"])
    emulated_stores.records.totals(["a"])
    emulated_stores.records.query("runs", "", "", Order.OLDEST_FIRST, None, 10)

    assert len(requests) == 3
    assert all("'ConsistentRead': True" in request for request in requests)


@pytest.mark.emulator
def test_a_commit_whose_answer_was_lost_is_not_applied_twice(emulated_stores):
    """The SDK sends the very same request again: the token makes it one."""
    lost = [True]

    def lose(http_response, parsed, **_):
        if lost.pop() if lost else False:
            parsed.clear()
            parsed["Error"] = {"Code": "ThrottlingException", "Message": "lost"}
            http_response.status_code = 400

    emulated_stores.dynamodb.meta.events.register("after-call.dynamodb.TransactWriteItems", lose)

    emulated_stores.records.commit([Put(RUN), Add("c", 5, "x"), Reserve("r", 2, 10), Emit("exports", "e1", "{}")])

    assert lost == []
    assert emulated_stores.records.totals(["c", "r"]) == [5, 2]
    assert len([pk for pk in pks(emulated_stores) if pk.startswith("outbox#")]) == 1


@pytest.mark.emulator
def test_a_refused_commit_leaves_nothing(emulated_stores):
    emulated_stores.records.commit([Put(RUN), Reserve("r", 8, 10)])
    before = emulated_stores.items()

    for refused, error in ((Put(RUN), Conflict), (Reserve("r", 3, 10), LimitReached)):
        with pytest.raises(error):
            emulated_stores.records.commit(
                [
                    Put(Record("run/run_2", "{}", entries=(Entry("runs", "2"),))),
                    Add("c", 1, "x"),
                    Emit("q", "e", "{}"),
                    refused,
                ]
            )

    key = lambda item: item["pk"]["S"]  # noqa: E731
    assert sorted(emulated_stores.items(), key=key) == sorted(before, key=key)


@pytest.mark.emulator
def test_of_many_creators_exactly_one_wins(emulated_stores):
    outcomes = together(8, lambda number: emulated_stores.records.commit([Put(Record("run/x", f"[{number}]"))]))

    assert sorted(map(str, outcomes)).count("None") == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 7


@pytest.mark.emulator
def test_counters_lose_nothing_and_reserves_never_pass_their_limit(emulated_stores):
    def write(number):
        for step in range(10):
            emulated_stores.records.commit([Add("c", 1, f"{number}/{step}")])
        emulated_stores.records.commit([Reserve("r", 3, 10)])

    outcomes = together(8, write)

    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == 5
    assert emulated_stores.records.totals(["c", "r"]) == [80, 9]


@pytest.mark.emulator
def test_a_page_costs_the_same_however_long_the_list_is(emulated_stores):
    def page_cost():
        with calls_of(emulated_stores.dynamodb, "dynamodb.Query", ReturnConsumedCapacity="TOTAL") as answers:
            page = emulated_stores.records.query("runs", "", "", Order.NEWEST_FIRST, None, 50)
        assert len(page.items) == 50
        return len(answers), sum(answer["ConsumedCapacity"]["CapacityUnits"] for answer in answers)

    fill(emulated_stores, 0, 1_000)
    at_1_000 = page_cost()
    fill(emulated_stores, 1_000, 4_000)

    assert page_cost() == at_1_000
    assert at_1_000[0] == 1


@pytest.mark.emulator
def test_a_page_is_gathered_over_many_answers(emulated_stores):
    """One answer of DynamoDB ends at 1 MB: 2,000 heads of 1 KB need several."""
    fill(emulated_stores, 0, 2_000, {"text": "x" * 1_000})

    with calls_of(emulated_stores.dynamodb, "dynamodb.Query") as answers:
        page = emulated_stores.records.query("runs", "", "", Order.OLDEST_FIRST, None, 2_000)

    assert len(page.items) == 2_000
    assert not page.more
    assert [line.sort for line in page.items] == sorted(line.sort for line in page.items)
    assert len(answers) > 1


def fill(stores, first, last, head=None):
    """Make index lines with as few calls as possible."""
    for start in range(first, last, 50):
        stores.records.commit(
            [
                Put(Record(f"run/{number:06}", "{}", head or {}, (Entry("runs", f"{number:06}"),)))
                for number in range(start, min(start + 50, last))
            ]
        )


def together(count, act):
    """Run `act` in `count` threads at once and return what each returned or raised."""
    outcomes = []
    start = threading.Barrier(count)

    def run(number):
        start.wait()
        try:
            outcomes.append(act(number))
        except (Conflict, LimitReached, Busy) as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == count
    return outcomes
