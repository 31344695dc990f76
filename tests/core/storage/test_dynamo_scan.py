"""What the maintenance scan of DynamoDB tells apart."""

import pytest
from rmos.storage.dynamo_items import line_attributes, line_place, record_place
from rmos.storage.dynamo_scan import DynamoScan
from rmos.storage.ports import SPILL_BYTES, Entry, Put, Record
from rmos.storage.scan import Damage, EntryFault, Rebuilt

A = Record("a", '{"n":1}', {"n": 1}, (Entry("all", "1"), Entry("some", "1")))
B = Record("b", "2", {"n": 2}, (Entry("all", "2"),))


@pytest.fixture
def scan(moto_stores):
    moto_stores.records.commit([Put(A), Put(B)])
    return DynamoScan(moto_stores.dynamodb, moto_stores.table_name, moto_stores.blobs)


def alter(stores, place, attribute, value):
    stores.dynamodb.update_item(
        TableName=stores.table_name,
        Key=place,
        UpdateExpression="SET #attribute = :value",
        ExpressionAttributeNames={"#attribute": attribute},
        ExpressionAttributeValues={":value": value},
    )


def put_line(stores, record, entry):
    item = {**line_place(entry), **line_attributes(record, entry)}
    stores.dynamodb.put_item(TableName=stores.table_name, Item=item)


def faults(scan):
    return {line.entry: line.fault for line in scan.entries() if line.fault}


@pytest.mark.parametrize(
    ("attribute", "value", "damage"),
    [
        ("head", {"S": '{"n":3}'}, Damage.HEAD),
        ("expires_at", {"N": "9999999999"}, Damage.HEAD),
        ("body", {"S": "x"}, Damage.BODY),
        ("version", {"N": "7"}, Damage.BODY),
        ("entries", {"S": "[]"}, Damage.BODY),
        ("head", {"S": "{"}, Damage.UNREADABLE),
        ("body", {"N": "1"}, Damage.UNREADABLE),
        ("body_sha256", {"S": "0" * 64}, Damage.BODY),
    ],
)
def test_the_damaged_part_is_named(moto_stores, scan, attribute, value, damage):
    alter(moto_stores, record_place("a"), attribute, value)

    assert {found.key: found.damage for found in scan.records()} == {"a": damage, "b": None}


def test_a_line_that_its_record_does_not_list_is_found_and_goes(moto_stores, scan):
    stray = Entry("all", "3")
    put_line(moto_stores, B, stray)

    assert faults(scan) == {stray: EntryFault.NOT_ITS_OWN}
    assert scan.rebuild_entries() == Rebuilt(4, 3, ())
    assert faults(scan) == {}


def test_an_altered_line_is_found_and_made_good(moto_stores, scan):
    alter(moto_stores, line_place(B.entries[0]), "key", {"S": "a"})

    assert faults(scan) == {B.entries[0]: EntryFault.ALTERED}
    assert [found.unlisted for found in scan.records() if found.key == "b"] == [B.entries]
    assert scan.rebuild_entries() == Rebuilt(3, 3, ())
    assert faults(scan) == {}


def test_lines_of_a_record_whose_list_was_altered_are_kept(moto_stores, scan):
    alter(moto_stores, record_place("a"), "entries", {"S": "[]"})

    assert scan.rebuild_entries() == Rebuilt(3, 3, ("a",))


def test_lines_of_a_record_whose_list_cannot_be_read_are_believed(moto_stores, scan):
    alter(moto_stores, record_place("a"), "entries", {"S": "{"})

    assert faults(scan) == {}
    assert scan.rebuild_entries() == Rebuilt(3, 3, ("a",))


def test_an_expired_line_needs_no_record(moto_stores, scan):
    put_line(moto_stores, Record("gone", "1", expires_at=1), Entry("all", "4"))

    assert faults(scan) == {}


def test_more_lines_than_one_read_takes_are_all_checked(moto_stores, scan):
    for number in range(0, 240, 60):
        lines = tuple(Entry(f"{number}/{position}", "x") for position in range(60))
        moto_stores.records.commit([Put(Record(f"long/{number}", "x" * (SPILL_BYTES + 1), {}, lines))])

    assert [found for found in scan.records() if found.damage or found.unlisted] == []
    assert faults(scan) == {}
    assert sum(1 for _ in scan.entries()) == 243
