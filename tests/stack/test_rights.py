"""What the roles of the functions, and users, may do with the data: asked with their own credentials."""

import hashlib
import io

import httpx2
import pytest
from botocore.exceptions import ClientError
from rmos.identity import Role, create_token
from rmos.storage.dynamo_items import line_place, record_attributes, record_place
from rmos.storage.ports import Entry, Put, Record
from rmos.storage.s3 import blob_key

from tests.stack.conftest import Stack
from tests.support.account import Credentials

pytestmark = pytest.mark.stack

FUNCTIONS = ["FeasibilityFunction", "RunsFunction", "FrontFunction", "RelayFunction"]
DENIED = {"AccessDenied", "AccessDeniedException"}
RUN = Record(
    "run/run_" + 32 * "a", '{"label":"kept"}', {"status": "OK"}, (Entry("runs/label=of-this-test", "2026/run_a"),)
)
BLOB = b"bytes that stay"


@pytest.fixture(scope="module")
def kept_run(stack: Stack) -> Record:
    stack.records(stack.role("RunsFunction")).commit([Put(RUN)])
    return RUN


@pytest.fixture(scope="module")
def kept_blob(stack: Stack) -> str:
    records = stack.records(stack.role("RunsFunction"))
    return records._spill.put(io.BytesIO(BLOB)).sha256


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    code: str = refused.value.response["Error"]["Code"]
    return code


def raw_update(stack: Stack, key: Record) -> dict:
    return {
        "TableName": stack.deployed.outputs["TableName"],
        "Key": record_place(key.key),
        "UpdateExpression": "SET head = :head",
        "ExpressionAttributeValues": {":head": {"S": '{"status":"BLOCKED"}'}},
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_cannot_update_a_run(stack, kept_run, function):
    client = stack.account.client("dynamodb", stack.role(function))
    with pytest.raises(ClientError) as refused:
        client.update_item(**raw_update(stack, kept_run))
    assert code_of(refused) in DENIED
    with pytest.raises(ClientError) as refused:
        client.transact_write_items(TransactItems=[{"Update": raw_update(stack, kept_run)}])
    assert code_of(refused) in DENIED


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_cannot_delete_a_run_or_its_lines(stack, kept_run, function):
    client = stack.account.client("dynamodb", stack.role(function))
    table = stack.deployed.outputs["TableName"]
    for place in (record_place(kept_run.key), line_place(kept_run.entries[0])):
        with pytest.raises(ClientError) as refused:
            client.delete_item(TableName=table, Key=place)
        assert code_of(refused) in DENIED
        with pytest.raises(ClientError) as refused:
            client.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": place}}]})
        assert code_of(refused) in DENIED
        with pytest.raises(ClientError) as refused:
            client.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": place}}])
        assert code_of(refused) in DENIED
    assert stack.records(stack.operator_keys).get([kept_run.key]) == [kept_run]


@pytest.mark.parametrize("function", ["FeasibilityFunction", "FrontFunction", "RelayFunction"])
def test_only_the_runs_area_creates_a_run(stack, function):
    client = stack.account.client("dynamodb", stack.role(function))
    item = {**record_place(RUN.key + "0"), **record_attributes(RUN)}
    with pytest.raises(ClientError) as refused:
        client.put_item(TableName=stack.deployed.outputs["TableName"], Item=item)
    assert code_of(refused) in DENIED


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_role_reads_the_whole_table(stack, function):
    client = stack.account.client("dynamodb", stack.role(function))
    with pytest.raises(ClientError) as refused:
        client.scan(TableName=stack.deployed.outputs["TableName"])
    assert code_of(refused) in DENIED


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_role_deletes_a_blob(stack, kept_blob, function):
    client = stack.account.client("s3", stack.role(function))
    bucket, key = stack.deployed.outputs["BucketName"], blob_key(kept_blob)
    version = stack.account.client("s3").head_object(Bucket=bucket, Key=key)["VersionId"]
    for arguments in ({}, {"VersionId": version}):
        with pytest.raises(ClientError) as refused:
            client.delete_object(Bucket=bucket, Key=key, **arguments)
        assert code_of(refused) in DENIED


def test_a_role_that_was_given_the_right_to_delete_is_still_refused_by_the_bucket(stack, kept_blob):
    role = stack.deployed.configuration("RunsFunction").role_arn.rsplit("/", 1)[1]
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    iam = stack.account.client("iam")
    iam.put_role_policy(RoleName=role, PolicyName="too-much", PolicyDocument=policy)
    try:
        client = stack.account.client("s3", stack.role("RunsFunction"))
        with pytest.raises(ClientError) as refused:
            client.delete_object(Bucket=stack.deployed.outputs["BucketName"], Key=blob_key(kept_blob))
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="too-much")
    assert code_of(refused) in DENIED


@pytest.mark.parametrize("function", ["FeasibilityFunction", "FrontFunction", "RelayFunction"])
def test_only_the_runs_area_reads_and_writes_blobs(stack, kept_blob, function):
    client = stack.account.client("s3", stack.role(function))
    bucket = stack.deployed.outputs["BucketName"]
    with pytest.raises(ClientError) as refused:
        client.get_object(Bucket=bucket, Key=blob_key(kept_blob))
    assert code_of(refused) in DENIED
    with pytest.raises(ClientError) as refused:
        client.put_object(Bucket=bucket, Key=blob_key(hashlib.sha256(b"x").hexdigest()), Body=b"x", IfNoneMatch="*")
    assert code_of(refused) in DENIED


def test_the_bucket_takes_nothing_that_came_over_plain_http(stack, kept_blob):
    client = stack.account.client("s3", stack.role("RunsFunction"))
    arguments = {"Bucket": stack.deployed.outputs["BucketName"], "Key": blob_key(kept_blob)}
    assert client.get_object(**arguments)["Body"].read() == BLOB

    # What the balancer in front of S3 notes of a connection; the emulator takes it from this header.
    def note_plain_http(request, **_):
        request.headers["X-Forwarded-Proto"] = "http"

    client.meta.events.register("before-send.s3", note_plain_http)
    with pytest.raises(ClientError) as refused:
        client.get_object(**arguments)
    assert code_of(refused) in DENIED


def test_a_role_that_may_create_blobs_may_not_overwrite_one(stack, kept_blob):
    client = stack.account.client("s3", stack.role("RunsFunction"))
    arguments = {"Bucket": stack.deployed.outputs["BucketName"], "Key": blob_key(kept_blob), "Body": b"other"}
    with pytest.raises(ClientError) as refused:
        client.put_object(**arguments)
    assert code_of(refused) in DENIED
    with pytest.raises(ClientError) as refused:
        client.put_object(**arguments, IfNoneMatch="*")
    assert code_of(refused) == "PreconditionFailed"


def test_the_front_knows_nobody(stack, tokens):
    (token_id,) = {tokens[Role.ADMIN].split("_")[1]}
    client = stack.account.client("dynamodb", stack.role("FrontFunction"))
    with pytest.raises(ClientError) as refused:
        client.get_item(TableName=stack.deployed.outputs["TableName"], Key=record_place(f"token/{token_id}"))
    assert code_of(refused) in DENIED


def test_the_keys_of_a_user_are_checked(stack):
    wrong = Credentials(stack.operator_keys.access_key_id, "not the secret")
    with pytest.raises(ClientError) as refused:
        create_token(stack.records(wrong), "nobody", Role.ADMIN)
    assert "Signature" in code_of(refused)


def test_a_user_without_rights_makes_no_token(stack):
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}]}'
    bystander = stack.account.create_user("bystander", policy)
    with pytest.raises(ClientError) as refused:
        create_token(stack.records(bystander), "nobody", Role.ADMIN)
    assert code_of(refused) in DENIED


def test_an_unsigned_call_is_refused(stack):
    answer = httpx2.post(
        stack.account.url,
        headers={"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"},
        json={},
        verify=stack.account.tls(),
    )
    assert answer.status_code in {400, 403}
    assert "TableNames" not in answer.text
