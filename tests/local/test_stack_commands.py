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
from tests.support.data_stack import made_stack
from tests.support.emulator import REGION

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
ALONE = {"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": REGION}
DATA_COMMANDS = [
    ("fsck",),
    ("reindex",),
    ("token", "list"),
    ("token", "create", "--role", "viewer", "--name", "guest"),
    ("token", "revoke", 16 * "0"),
]
COMMANDS = [*DATA_COMMANDS, ("configure-bucket",)]
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
    return made_stack(emulator)


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
@pytest.mark.parametrize("command", DATA_COMMANDS)
def test_a_table_that_is_gone_is_what_aws_says_in_one_line(emulator, account, stack, command):
    name, outputs = stack
    dynamodb = emulator.client("dynamodb")
    dynamodb.update_table(TableName=outputs["TableName"], DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=outputs["TableName"])
    assert "ResourceNotFoundException" in said_of(rmos(*command, "--stack", name, env=account))


SETTINGS = ("get_bucket_versioning", "get_public_access_block", "get_bucket_ownership_controls")
LIFECYCLE = [
    {
        "ID": "ForgetProduced",
        "Status": "Enabled",
        "Filter": {"Prefix": "produced/"},
        "Expiration": {"Days": 2},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    },
    {
        "ID": "ForgetThatProducedWasForgotten",
        "Status": "Enabled",
        "Filter": {"Prefix": "produced/"},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    },
    {
        "ID": "ForgetUnfinishedUploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
]


def settings_of(s3, bucket_name):
    """Return what was set for a bucket, without its lifecycle, which the emulator's CloudFormation leaves out."""
    answers = {operation: getattr(s3, operation)(Bucket=bucket_name) for operation in SETTINGS}
    return {operation: {**answer, "ResponseMetadata": None} for operation, answer in answers.items()}


def cors_of(s3, bucket_name):
    return [{**rule, "ID": None} for rule in s3.get_bucket_cors(Bucket=bucket_name)["CORSRules"]]


def lifecycle_of(s3, bucket_name):
    return s3.get_bucket_lifecycle_configuration(Bucket=bucket_name)["Rules"]


@pytest.fixture
def given_bucket(emulator):
    """Return the name of a bucket that no stack made."""
    name = f"given-{uuid.uuid4().hex}"
    emulator.client("s3").create_bucket(Bucket=name)
    return name


@pytest.mark.emulator
def test_a_bucket_that_a_stack_was_given_gets_the_rules_of_one_that_it_makes(emulator, account, given_bucket):
    s3 = emulator.client("s3")
    origins = "https://shop.example,https://other.example"
    _, own = made_stack(emulator, CorsOrigins=origins)
    name, _ = made_stack(emulator, CorsOrigins=origins, ExistingBucket=given_bucket)

    told = rmos("configure-bucket", "--stack", name, env=account)

    assert told.returncode == 0, told.stderr
    assert given_bucket in told.stdout
    assert settings_of(s3, given_bucket) == settings_of(s3, own["BucketName"])
    assert cors_of(s3, given_bucket) == cors_of(s3, own["BucketName"])
    assert lifecycle_of(s3, given_bucket) == LIFECYCLE


@pytest.mark.emulator
def test_rules_of_ones_own_stay_and_those_of_the_stack_stand_once_however_often_it_is_repeated(
    emulator, account, given_bucket
):
    s3 = emulator.client("s3")
    archive = {"ID": "Archive", "Status": "Disabled", "Filter": {"Prefix": "other/"}, "Expiration": {"Days": 9}}
    s3.put_bucket_lifecycle_configuration(Bucket=given_bucket, LifecycleConfiguration={"Rules": [archive]})
    mine = {"AllowedOrigins": ["https://mine.example"], "AllowedMethods": ["GET"]}
    s3.put_bucket_cors(Bucket=given_bucket, CORSConfiguration={"CORSRules": [mine]})
    name, _ = made_stack(emulator, CorsOrigins="https://shop.example", ExistingBucket=given_bucket)

    for _ in range(2):
        assert rmos("configure-bucket", "--stack", name, env=account).returncode == 0

    assert lifecycle_of(s3, given_bucket) == [archive, *LIFECYCLE]
    assert [rule["AllowedOrigins"] for rule in cors_of(s3, given_bucket)] == [
        ["https://mine.example"],
        ["https://shop.example"],
    ]


@pytest.mark.emulator
def test_without_origins_no_page_may_call_the_bucket_any_more(emulator, account, given_bucket):
    s3 = emulator.client("s3")
    before, _ = made_stack(emulator, CorsOrigins="https://shop.example", ExistingBucket=given_bucket)
    rmos("configure-bucket", "--stack", before, env=account)
    after, _ = made_stack(emulator, ExistingBucket=given_bucket)

    told = rmos("configure-bucket", "--stack", after, env=account)

    assert (told.returncode, told.stderr) == (0, "")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=given_bucket)


@pytest.mark.emulator
def test_the_bucket_of_a_stack_of_others_is_left_alone(emulator, account):
    name = f"other-{uuid.uuid4().hex}"
    queue = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    emulator.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(queue))
    told = rmos("configure-bucket", "--stack", name, env=account)
    assert told.returncode == 2
    assert "is it one of RMOS?" in told.stderr


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
