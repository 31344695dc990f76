"""Commands on a stack: over an emulated account, and where AWS lets nobody in."""

import io
import json
import socket
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.ports import Entry, Put, Record
from rmos.storage.s3 import S3BlobStore, blob_key

from tests.support.commands import rmos
from tests.support.emulator import REGION
from tests.support.template import load_template

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
ALONE = {"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": REGION}
COMMANDS = [
    ("fsck",),
    ("reindex",),
    ("token", "list"),
    ("token", "create", "--role", "viewer", "--name", "guest"),
    ("token", "revoke", 16 * "0"),
]
OUT_OF_REACH = 4


def said_of(answered):
    """Return the one line that a command out of reach of AWS says."""
    assert (answered.returncode, answered.stdout) == (OUT_OF_REACH, ""), answered.stderr
    assert answered.stderr.count("\n") == 1
    assert answered.stderr.startswith("rmos: ")
    return answered.stderr


@pytest.fixture(scope="module")
def account(emulator):
    """The environment of somebody with an account."""
    return {**ALONE, **KEYS, "AWS_ENDPOINT_URL": emulator.url}


@pytest.fixture
def stack(emulator):
    """Return the name and the outputs of a stack with the table and the bucket of template.yaml, and nothing else."""
    name = f"data-{uuid.uuid4().hex}"
    resources = load_template()["Resources"]
    data = {kind: {"Type": resources[kind]["Type"], "Properties": dict(resources[kind]["Properties"])} for kind in DATA}
    del data["BlobBucket"]["Properties"]["CorsConfiguration"]
    outputs = {"TableName": {"Value": {"Ref": "Table"}}, "BucketName": {"Value": {"Ref": "BlobBucket"}}}
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": data, "Outputs": outputs}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return name, {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}


DATA = ("Table", "BlobBucket")


@pytest.mark.emulator
def test_a_stack_is_checked_whole_and_damage_is_named(emulator, account, stack):
    name, outputs = stack
    s3 = emulator.client("s3")
    blobs = S3BlobStore(s3, outputs["BucketName"])
    records = DynamoRecordStore(emulator.client("dynamodb"), outputs["TableName"], blobs)
    long = Record("thing/long", json.dumps(300_000 * "x"), entries=(Entry("things", "1"),))
    records.commit([Put(long)])

    intact = rmos("fsck", "--stack", name, env=account)
    assert (intact.returncode, intact.stdout) == (0, "1 records, 1 index lines, 1 blobs: all intact\n"), intact.stderr

    rebuilt = rmos("reindex", "--stack", name, env=account)
    assert (rebuilt.returncode, rebuilt.stdout) == (0, "1 index lines before, 1 after\n"), rebuilt.stderr

    sha256 = blobs.put(io.BytesIO(long.body.encode())).sha256
    s3.delete_object(Bucket=outputs["BucketName"], Key=blob_key(sha256))
    damaged = rmos("fsck", "--stack", name, env=account)
    assert damaged.returncode == 1
    assert "thing/long" in damaged.stdout


@pytest.mark.emulator
def test_a_stack_that_does_not_exist_is_named_with_where_it_was_looked_for(account):
    said = said_of(rmos("fsck", "--stack", "nosuch", env=account))
    assert "no stack 'nosuch'" in said
    assert REGION in said
    assert "AWS_PROFILE" in said


@pytest.mark.emulator
@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_that_is_gone_is_what_aws_says_in_one_line(emulator, account, stack, command):
    name, outputs = stack
    dynamodb = emulator.client("dynamodb")
    dynamodb.update_table(TableName=outputs["TableName"], DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=outputs["TableName"])
    assert "ResourceNotFoundException" in said_of(rmos(*command, "--stack", name, env=account))


@pytest.mark.parametrize("command", COMMANDS)
def test_aws_that_refuses_connections_is_told_in_one_line_with_the_way_out(command):
    said = said_of(rmos(*command, "--stack", "rmos", env={**ALONE, **KEYS, "AWS_ENDPOINT_URL": refusing()}))
    assert "network" in said


@pytest.mark.emulator
@pytest.mark.parametrize("command", COMMANDS)
def test_a_stack_whose_data_refuses_connections_is_told_in_one_line_too(account, stack, command):
    gone = {f"AWS_ENDPOINT_URL_{service}": refusing() for service in ("DYNAMODB", "S3")}
    assert "network" in said_of(rmos(*command, "--stack", stack[0], env={**account, **gone}))


WITHOUT = {
    "credentials": (ALONE, "sign in"),
    "a region": (KEYS | {"HOME": "/nonexistent"}, "AWS_DEFAULT_REGION"),
    "the profile": (ALONE | {"AWS_PROFILE": "nosuch"}, "list-profiles"),
    "a real address": (ALONE | KEYS | {"AWS_ENDPOINT_URL": "localhost"}, "AWS_ENDPOINT_URL"),
    "half of the key": (ALONE | {"AWS_ACCESS_KEY_ID": "test"}, "sign in"),
}


@pytest.mark.parametrize("missing", WITHOUT)
def test_what_is_missing_to_call_aws_is_told_in_one_line_with_the_way_out(missing):
    env, remedy = WITHOUT[missing]
    assert remedy in said_of(rmos("fsck", "--stack", "rmos", env=env))


REFUSALS = {
    "ExpiredToken": (403, "sign in"),
    "SignatureDoesNotMatch": (403, "sign in"),
    "AccessDenied": (403, "OPERATING.md"),
    "Throttling": (400, "later"),
    "InternalFailure": (500, "later"),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_what_aws_refuses_is_told_in_its_words_with_the_way_out(code):
    status, remedy = REFUSALS[code]
    with refusing_with(status, code) as url:
        said = said_of(rmos("fsck", "--stack", "rmos", env={**ALONE, **KEYS, "AWS_ENDPOINT_URL": url}))
    assert code in said
    assert remedy in said


def refusing():
    """Return a URL on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


class Refusing(BaseHTTPRequestHandler):
    """Answers as CloudFormation does when it refuses."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        error = f"<Error><Code>{self.server.code}</Code><Message>over\ntwo lines</Message></Error>"
        text = f"<ErrorResponse>{error}</ErrorResponse>"
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def refusing_with(status, code):
    """Serve refusals until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        server.status, server.code = status, code
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
