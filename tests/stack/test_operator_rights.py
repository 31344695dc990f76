"""The rights that docs/OPERATING.md names for each command are enough for it, and one without them is told of them."""

import json
import re
import uuid

import pytest
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.dynamo_items import line_attributes, line_place
from rmos.storage.ports import Entry, Put, Record
from rmos.storage.s3 import S3BlobStore

from tests.support.commands import rmos
from tests.support.data_stack import made_stack
from tests.support.template import ROOT

pytestmark = pytest.mark.stack

RECORD = Record("thing/long", json.dumps(300_000 * "x"), entries=(Entry("things", "1"), Entry("things", "2")))
COMMANDS = {
    "rmos token": [("token", "create", "--role", "viewer", "--name", "guest"), ("token", "list")],
    "rmos fsck": [("fsck",)],
    "rmos reindex": [("reindex",)],
    "rmos configure-bucket": [("configure-bucket",)],
}


def documented():
    """Return the rights of each command of the table in OPERATING.md, as IAM writes them."""
    text = (ROOT / "docs/OPERATING.md").read_text()
    section = text.split("## Your own rights")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(rmos [^`]+)` (\|.*)\|$", section, re.MULTILINE)
    return {command: [right for cell in cells.split("|") for right in rights_in(cell)] for command, cells in rows}


def rights_in(cell):
    named = re.findall(r"`([^`]+)`", cell)
    service = named[0].split(":")[0] if named else ""
    return [right if ":" in right else f"{service}:{right}" for right in named]


def user(account, rights):
    """Return the environment of a user who has these rights and no others."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": rights, "Resource": "*"}]}
    keys = account.create_user(f"user-{uuid.uuid4().hex}", json.dumps(policy))
    return {**account.variables(), **keys.variables(), "HOME": "/nonexistent"}


@pytest.fixture(scope="module")
def data_stack(aws_account):
    """A stack whose record has a blob, one index line that is missing and one that nothing lists."""
    name, outputs = made_stack(aws_account, CorsOrigins="https://shop.example")
    dynamodb, table = aws_account.client("dynamodb"), outputs["TableName"]
    blobs = S3BlobStore(aws_account.client("s3"), outputs["BucketName"])
    DynamoRecordStore(dynamodb, table, blobs).commit([Put(RECORD)])
    dynamodb.delete_item(TableName=table, Key=line_place(RECORD.entries[0]))
    stray = Entry("things", "3")
    dynamodb.put_item(TableName=table, Item={**line_place(stray), **line_attributes(RECORD, stray)})
    return name


def test_every_command_on_a_stack_is_documented():
    assert set(documented()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_documented_rights_are_enough(aws_account, data_stack, command):
    env = user(aws_account, documented()[command])
    for arguments in COMMANDS[command]:
        ran = rmos(*arguments, "--stack", data_stack, env=env)
        assert "AccessDenied" not in ran.stderr
        assert ran.returncode in (0, 1), ran.stderr  # 1: the damage that is there for `reindex`


@pytest.mark.parametrize("command", COMMANDS)
def test_whoever_may_only_describe_the_stack_is_told_where_the_rights_stand(aws_account, data_stack, command):
    env = user(aws_account, ["cloudformation:DescribeStacks"])
    ran = rmos(*COMMANDS[command][0], "--stack", data_stack, env=env)
    assert ran.returncode == 4, ran.stdout
    assert "docs/OPERATING.md" in ran.stderr


def test_the_documented_rights_are_enough_to_revoke_a_token(aws_account, data_stack):
    env = user(aws_account, documented()["rmos token"])
    made = rmos("token", "create", "--role", "viewer", "--name", "guest", "--stack", data_stack, env=env)
    revoked = rmos("token", "revoke", made.stdout.split("_")[1], "--stack", data_stack, env=env)
    assert revoked.returncode == 0, revoked.stderr
