"""A table and a bucket for a test: the table is the one of template.yaml."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from moto import mock_aws
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.s3 import S3BlobStore

from tests.support.emulator import REGION, Emulator
from tests.support.template import load_template


@cache
def _table_properties() -> dict[str, Any]:
    properties: dict[str, Any] = load_template()["Resources"]["Table"]["Properties"]
    return properties


def make_table(client: Any) -> str:
    """Make the table of template.yaml under a name of its own and return that name."""
    properties = _table_properties()
    name = f"table-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        BillingMode=properties["BillingMode"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        KeySchema=properties["KeySchema"],
        StreamSpecification={**properties["StreamSpecification"], "StreamEnabled": True},
    )
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    return name


def make_bucket(client: Any) -> str:
    """Make a versioned bucket under a name of its own and return that name."""
    name = f"bucket-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@dataclass(frozen=True, slots=True)
class Aws:
    """Where AWS is played."""

    client: Callable[[str], Any]
    """Makes the client of a service, anew each time."""
    is_moto: bool
    """Moto does not isolate concurrent transactions, forgets their tokens, and copies all tables for each."""


@cache
def _moto_session() -> botocore.session.Session:
    return botocore.session.get_session()


def moto_client(service: str) -> Any:
    """Return a client of `service` for moto, which answers only within `mock_aws`."""
    return _moto_session().create_client(
        service,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            retries={"mode": "standard", "max_attempts": 1},
            signature_version="s3v4" if service == "s3" else None,  # as rmos.storage.aws
        ),
    )


class AwsStores:
    """A record store and a blob store on a fresh table and bucket, with the clients to look behind them."""

    def __init__(self, aws: Aws) -> None:
        self.dynamodb = aws.client("dynamodb")
        self.s3 = aws.client("s3")
        self.table_name = make_table(self.dynamodb)
        self.bucket_name = make_bucket(self.s3)
        self.blobs = S3BlobStore(self.s3, self.bucket_name)
        self.records = DynamoRecordStore(self.dynamodb, self.table_name, self.blobs)

    def items(self) -> list[dict[str, Any]]:
        """Return all items of the table."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table_name)
        return [item for page in pages for item in page["Items"]]


@pytest.fixture
def moto_aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws(moto_client, is_moto=True)


@pytest.fixture
def emulated_aws(emulator: Emulator) -> Aws:
    return Aws(lambda service: emulator.client(service, max_pool_connections=40), is_moto=False)


@pytest.fixture
def moto_stores(moto_aws: Aws) -> AwsStores:
    return AwsStores(moto_aws)


@pytest.fixture
def emulated_stores(emulated_aws: Aws) -> AwsStores:
    return AwsStores(emulated_aws)


@contextlib.contextmanager
def calls_of(client: Any, operation: str, **added: Any) -> Iterator[list[dict[str, Any]]]:
    """Collect the answers to `operation` (as "dynamodb.Query") within the block; `added` goes into each request."""
    answers: list[dict[str, Any]] = []

    def add(params: dict[str, Any], **_: Any) -> None:
        params.update(added)

    def collect(parsed: dict[str, Any], **_: Any) -> None:
        answers.append(parsed)

    client.meta.events.register(f"provide-client-params.{operation}", add)
    client.meta.events.register(f"after-call.{operation}", collect)
    try:
        yield answers
    finally:
        client.meta.events.unregister(f"provide-client-params.{operation}", add)
        client.meta.events.unregister(f"after-call.{operation}", collect)
