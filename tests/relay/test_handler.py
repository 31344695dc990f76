"""The relay as Lambda calls it: the stream, the guard and the sweep."""

import json

import pytest
from relay.service import GUARDED_PREFIXES
from rmos.runs.evidence_records import advisory_key, attachment_key, explanation_key
from rmos.runs.repository import key_of
from rmos.storage.aws import client
from rmos.storage.dynamo_items import RECORD_PREFIX
from rmos.storage.ports import Emit, Put, Record

from tests.support.gateway import CONTEXT


def lines(caplog, message):
    return [record for record in caplog.records if record.message == message]


def metrics(capsys):
    """Return the EMF documents on standard output as {metric: value}."""
    found = {}
    for line in capsys.readouterr().out.splitlines():
        document = json.loads(line)
        if "_aws" in document:
            (directive,) = document["_aws"]["CloudWatchMetrics"]
            assert directive["Namespace"] == "RMOS"
            found |= {metric["Name"]: document[metric["Name"]] for metric in directive["Metrics"]}
    return found


def test_a_committed_event_reaches_its_queue_and_leaves_the_outbox(relayed):
    relayed.stores.records.commit([Put(Record("a", "1")), Emit("exports", "e1", '{"n":1}'), Emit("images", "e2", "2")])

    assert relayed.call(relayed.stream()) == {"batchItemFailures": []}

    assert relayed.received("exports") == [("e1", '{"n":1}')]
    assert relayed.received("images") == [("e2", "2")]
    assert relayed.outbox() == []


def test_many_events_leave_in_one_go(relayed):
    for start in range(0, 60, 20):
        relayed.stores.records.commit([Emit("exports", f"e{start + n:02}", "1") for n in range(20)])

    relayed.call(relayed.stream())

    assert [event_id for event_id, _ in relayed.received("exports")] == [f"e{n:02}" for n in range(60)]
    assert relayed.outbox() == []


def test_the_sample_of_the_stream_is_understood(relayed, sample):
    event = sample("stream-outbox")

    assert relayed.call(event) == {"batchItemFailures": []}

    image = event["Records"][0]["dynamodb"]["NewImage"]
    assert relayed.received("exports") == [(image["event_id"]["S"], image["body"]["S"])]


def test_what_sqs_refused_is_handed_in_again_and_stays_in_the_outbox(relayed):
    relayed.stores.records.commit([Emit("exports", "e1", "1"), Emit("images", "e2", "2")])
    relayed.sqs.delete_queue(QueueUrl=relayed.urls["images"])
    event = relayed.stream()

    answer = relayed.call(event)

    (failed,) = [
        record["dynamodb"]["SequenceNumber"]
        for record in event["Records"]
        if record["dynamodb"]["NewImage"]["queue"]["S"] == "images"
    ]
    assert answer == {"batchItemFailures": [{"itemIdentifier": failed}]}
    assert [item["event_id"]["S"] for item in relayed.outbox()] == ["e2"]
    assert [event_id for event_id, _ in relayed.received("exports")] == ["e1"]


def test_a_queue_that_no_setting_names_holds_nothing_back(relayed, caplog):
    relayed.stores.records.commit([Emit("unheard-of", "e1", "1"), Emit("exports", "e2", "2")])

    assert relayed.call(relayed.stream()) == {"batchItemFailures": []}

    assert [item["event_id"]["S"] for item in relayed.outbox()] == ["e1"]
    assert [event_id for event_id, _ in relayed.received("exports")] == ["e2"]
    assert [(line.event_id, line.levelname) for line in lines(caplog, "event refused")] == [("e1", "ERROR")]


def test_a_damaged_event_is_an_incident_and_holds_nothing_back(relayed, caplog):
    relayed.stores.records.commit([Emit("exports", "e1", "1")])
    event = relayed.stream()
    damaged = json.loads(json.dumps(event["Records"][0]))
    del damaged["dynamodb"]["NewImage"]["body"]

    assert relayed.call({"Records": [damaged, *event["Records"]]}) == {"batchItemFailures": []}

    assert [event_id for event_id, _ in relayed.received("exports")] == ["e1"]
    (line,) = lines(caplog, "incident")
    assert (line.levelname, line.slug) == ("CRITICAL", "record-corrupt")
    assert line.key.startswith("outbox#")


def test_the_stream_read_twice_sends_again_and_harms_nothing(relayed):
    relayed.stores.records.commit([Emit("exports", "e1", "1")])
    event = relayed.stream()

    assert relayed.call(event) == relayed.call(event) == {"batchItemFailures": []}

    assert set(relayed.received("exports")) == {("e1", "1")}


def test_a_crash_between_sending_and_removing_sends_again(relayed):
    relayed.stores.records.commit([Emit("exports", "e1", "1")])
    event = relayed.stream()
    crashes = [ConnectionResetError("the sandbox died")]

    def crash(**_):
        if crashes:
            raise crashes.pop()

    client("dynamodb").meta.events.register("before-call.dynamodb.BatchWriteItem", crash)

    with pytest.raises(ConnectionResetError):
        relayed.call(event)
    assert len(relayed.outbox()) == 1
    relayed.call(event)

    assert relayed.received("exports") == [("e1", "1")] * 2
    assert relayed.outbox() == []


def test_log_lines_carry_the_id_of_the_request_that_made_the_event(relayed, caplog):
    caplog.set_level("INFO", logger="rmos")
    bodies = {"named": '{"request_id":"req-7"}', "odd": '{"request_id":7}', "list": "[1]", "text": "not json"}
    relayed.stores.records.commit([Emit("exports", event_id, body) for event_id, body in bodies.items()])

    relayed.call(relayed.stream())

    found = {line.event_id: line.correlation_id for line in lines(caplog, "event relayed")}
    own = CONTEXT.aws_request_id
    assert found == {"named": "req-7", "odd": own, "list": own, "text": own}


def tampered(caplog):
    (line,) = lines(caplog, "run tampered")
    assert line.levelname == "CRITICAL"
    return line.record, line.event_name, line.changed


def test_a_changed_run_is_critical_and_counted_by_the_filter_on_its_log_line_alone(relayed, sample, caplog, capsys):
    assert relayed.call(sample("stream-run-modified")) == {"batchItemFailures": []}

    assert tampered(caplog) == ("run/run_00000000000000000000000000000000", "MODIFY", ["head"])
    assert "_aws" not in capsys.readouterr().out


def test_a_removed_run_is_critical(relayed, sample, caplog):
    assert relayed.call(sample("stream-run-removed")) == {"batchItemFailures": []}

    key, event_name, _ = tampered(caplog)
    assert (key, event_name) == ("run/run_00000000000000000000000000000000", "REMOVE")


def test_the_guard_speaks_up_even_when_sending_fails(relayed, sample, caplog, monkeypatch):
    relayed.stores.records.commit([Emit("exports", "e1", "1")])
    records = [*relayed.stream()["Records"], *sample("stream-run-modified")["Records"]]
    relayed.stores.dynamodb.delete_table(TableName=relayed.stores.table_name)

    with pytest.raises(Exception, match="ResourceNotFound"):
        relayed.call({"Records": records})

    assert len(lines(caplog, "run tampered")) == 1


def test_the_guard_leaves_a_new_run_and_other_records_alone(relayed, sample, caplog):
    event = sample("stream-run-modified")
    created = json.loads(json.dumps(event["Records"][0]))
    created["eventName"] = "INSERT"
    view = json.loads(json.dumps(event["Records"][0]))
    view["dynamodb"]["Keys"]["pk"]["S"] = "record#run-view/run_00000000000000000000000000000000"

    assert relayed.call({"Records": [created, view]}) == {"batchItemFailures": []}

    assert lines(caplog, "run tampered") == []


ADDED = [advisory_key("run_1", "adv_1"), attachment_key("run_1", "0" * 64)]


@pytest.mark.parametrize("key", ADDED)
@pytest.mark.parametrize("name", ["stream-run-modified", "stream-run-removed"])
def test_a_changed_or_removed_addition_to_a_run_is_critical_too(relayed, sample, caplog, name, key):
    event = sample(name)
    event["Records"][0]["dynamodb"]["Keys"]["pk"]["S"] = RECORD_PREFIX + key

    assert relayed.call(event) == {"batchItemFailures": []}

    assert tampered(caplog)[0] == key


def test_the_state_of_an_explanation_may_move_on(relayed, sample, caplog):
    event = sample("stream-run-modified")
    event["Records"][0]["dynamodb"]["Keys"]["pk"]["S"] = RECORD_PREFIX + explanation_key("run_1")

    assert relayed.call(event) == {"batchItemFailures": []}

    assert lines(caplog, "run tampered") == []


def test_the_guard_watches_the_keys_that_runs_and_their_additions_are_kept_under():
    for key in (key_of("run_1"), *ADDED):
        assert (RECORD_PREFIX + key).startswith(GUARDED_PREFIXES)


def test_the_sweep_sends_what_the_stream_left_for_a_minute(relayed, sample, capsys):
    relayed.stores.records.commit([Emit("exports", f"old-{n:03}", "1") for n in range(100)])
    relayed.make_older(61)
    relayed.stores.records.commit([Emit("exports", "fresh", "2")])

    assert relayed.call(sample("schedule")) == {"left": 0}

    assert [event_id for event_id, _ in relayed.received("exports")] == [f"old-{n:03}" for n in range(100)]
    assert [item["event_id"]["S"] for item in relayed.outbox()] == ["fresh"]
    assert metrics(capsys)["EventsUndelivered"] == [0.0]


def test_the_sweep_tells_how_many_events_it_could_not_deliver(relayed, sample, capsys):
    relayed.stores.records.commit([Emit("unheard-of", "e1", "1"), Emit("exports", "e2", "2")])
    relayed.make_older(61)

    assert relayed.call(sample("schedule")) == {"left": 1}

    assert metrics(capsys)["EventsUndelivered"] == [1.0]
    assert [item["event_id"]["S"] for item in relayed.outbox()] == ["e1"]


def test_deletes_that_dynamodb_left_for_later_are_sent_again(relayed):
    relayed.stores.records.commit([Emit("exports", f"e{n}", "1") for n in range(5)])

    def leave_one(params, **_):
        (requests,) = params["RequestItems"].values()
        if len(requests) > 1:
            kept.append(requests.pop())

    def tell(parsed, **_):
        if kept:
            parsed["UnprocessedItems"] = {relayed.stores.table_name: [kept.pop()]}

    kept = []
    events = client("dynamodb").meta.events
    events.register("provide-client-params.dynamodb.BatchWriteItem", leave_one)
    events.register("after-call.dynamodb.BatchWriteItem", tell)

    relayed.call(relayed.stream())

    assert relayed.outbox() == []


@pytest.mark.parametrize(
    "event", [{}, {"Records": []}, {"Records": [{"eventSource": "aws:sqs"}]}, {"detail-type": "x"}]
)
def test_an_event_of_no_known_trigger_is_refused(relayed, event):
    with pytest.raises(ValueError, match="neither"):
        relayed.call(event)
