"""A stack that goes and one that comes: the data stays, and is taken up again."""

import io

import pytest
from botocore.exceptions import ClientError
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.ports import Put, Record
from rmos.storage.s3 import S3BlobStore, blob_key

from tests.support.account import ROOT_USER, Account, Credentials
from tests.support.commands import rmos
from tests.support.deployed import Deployed, deploy

pytestmark = pytest.mark.stack

RUN = Record("run/run_" + 32 * "a", '{"label":"kept"}', {"status": "OK"})


def stores(stack: Deployed, credentials: Credentials) -> tuple[DynamoRecordStore, S3BlobStore]:
    blobs = S3BlobStore(stack.account.client("s3", credentials), stack.outputs["BucketName"])
    return DynamoRecordStore(stack.account.client("dynamodb", credentials), stack.outputs["TableName"], blobs), blobs


def runs_role(stack: Deployed) -> Credentials:
    return stack.account.assume(stack.configuration("RunsFunction").role_arn)


def test_a_deleted_stack_leaves_its_data_and_a_new_one_takes_it_up(aws_account: Account, built, tmp_path):
    first = deploy(aws_account, "first", {}, tmp_path)
    records, blobs = stores(first, runs_role(first))
    records.commit([Put(RUN)])
    blob = blobs.put(io.BytesIO(b"kept too"))
    stream = aws_account.client("dynamodb").describe_table(TableName=first.outputs["TableName"])["Table"]

    cloudformation = aws_account.client("cloudformation")
    cloudformation.delete_stack(StackName="first")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="first", WaiterConfig={"Delay": 1})

    kept = {
        "ExistingTable": first.outputs["TableName"],
        "ExistingTableStreamArn": stream["LatestStreamArn"],
        "ExistingBucket": first.outputs["BucketName"],
        "CorsOrigins": "https://shop.example",
    }
    second = deploy(aws_account, "second", kept, tmp_path)
    assert not {"Table", "BlobBucket"} & set(second.physical_ids)
    assert second.outputs["TableName"] == first.outputs["TableName"]
    assert second.configuration("RunsFunction").variables["RMOS_BUCKET_NAME"] == first.outputs["BucketName"]
    mapping = second.physical_ids["RelayFunctionStream"]
    found = aws_account.client("lambda").get_event_source_mapping(UUID=mapping)
    assert found["EventSourceArn"] == stream["LatestStreamArn"]

    role = runs_role(second)
    records, blobs = stores(second, role)
    assert records.get([RUN.key]) == [RUN]
    with blobs.open(blob.sha256) as kept_bytes:
        assert kept_bytes.read() == b"kept too"
    with pytest.raises(ClientError, match="AccessDenied"):
        aws_account.client("s3", role).delete_object(Bucket=second.outputs["BucketName"], Key=blob_key(blob.sha256))

    configured = rmos("configure-bucket", "--stack", "second", env={**aws_account.variables(), **ROOT_USER.variables()})
    assert configured.returncode == 0, configured.stderr
    s3, bucket = aws_account.client("s3"), {"Bucket": second.outputs["BucketName"]}
    (rule,) = s3.get_bucket_cors(**bucket)["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://shop.example"]
    forgotten = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert "ForgetProduced" in {each["ID"] for each in forgotten}
