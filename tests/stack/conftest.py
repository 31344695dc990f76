"""The template deployed whole into an account of its own, its functions run in Lambda's runtime under their roles."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rmos.identity import Role, create_token
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.s3 import S3BlobStore

from tests.support.account import Account, Credentials, account
from tests.support.deployed import Deployed, deploy
from tests.support.http_api import import_routes
from tests.support.lambda_pool import LambdaPool, lambda_pool
from tests.support.responses_api import ResponsesApi, responses_api
from tests.support.runtime import RUNTIME_PYTHON
from tests.support.template import BUILD, ROOT

ORIGIN = "https://shop.example"
OPENAI_KEY = "sk-secret-0123456789"
"""As it stands in the secret that the stack is given; with a line end there, as an editor leaves it."""
PLACEHOLDER = "Bearer rmos_" + 16 * "0" + "_" + 64 * "0"
_PORT = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that serves."""

    account: Account
    deployed: Deployed
    pool: LambdaPool
    api_id: str
    operator_keys: Credentials
    """Keys of the IAM user who runs the workshop: may read and write the table and the blobs, as the README says."""

    def records(self, credentials: Credentials) -> DynamoRecordStore:
        """Return the stack's record store as `credentials` may use it."""
        outputs = self.deployed.outputs
        blobs = S3BlobStore(self.account.client("s3", credentials), outputs["BucketName"])
        return DynamoRecordStore(self.account.client("dynamodb", credentials), outputs["TableName"], blobs)

    def role(self, function: str) -> Credentials:
        """Return credentials of a function's own role."""
        return self.account.assume(self.deployed.configuration(function).role_arn)


@pytest.fixture(scope="session")
def built() -> Path:
    """What `sam build` made last; `make check` makes it anew."""
    if not (BUILD / "template.yaml").exists() or not RUNTIME_PYTHON.exists():
        pytest.fail("the functions are not built: run `make build`", pytrace=False)
    return BUILD


@pytest.fixture(scope="session")
def aws_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with account(tmp_path_factory.mktemp("account")) as opened:
        yield opened


@pytest.fixture(scope="session")
def openai_api() -> Iterator[ResponsesApi]:
    """What the stack takes for OpenAI."""
    with responses_api() as serving:
        yield serving


@pytest.fixture(scope="session")
def stack(
    aws_account: Account, built: Path, openai_api: ResponsesApi, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    del built
    secret = aws_account.client("secretsmanager").create_secret(Name="openai", SecretString=OPENAI_KEY + "\n")
    parameters = {
        "CorsOrigins": ORIGIN,
        "AlarmEmail": "luthier@shop.example",
        "OpenAiSecretArn": secret["ARN"],
        "OpenAiBaseUrl": openai_api.url,
        "OpenAiTextModel": "text-model",
    }
    deployed = deploy(aws_account, "rmos", parameters, tmp_path_factory.mktemp("home"))
    api_id = import_routes(deployed)
    _allow_batches_to_queues(deployed)
    keys = aws_account.create_user("luthier", json.dumps(_policy_of_the_workshop(deployed)))
    with lambda_pool(deployed, tmp_path_factory.mktemp("functions")) as pool:
        yield Stack(aws_account, deployed, pool, api_id, keys)


@pytest.fixture(scope="session")
def tokens(stack: Stack) -> dict[Role, str]:
    """A bearer of each role, written into the table as `rmos token create --stack` does."""
    records = stack.records(stack.operator_keys)
    return {role: create_token(records, f"the {role.value}", role) for role in Role}


@pytest.fixture(scope="session")
def anonymous(stack: Stack) -> Iterator[httpx2.Client]:
    """The API under its URL, with no token."""
    port = _PORT.search(stack.account.url)
    host = f"{stack.api_id}.execute-api.localhost{port[0] if port else ''}"
    with httpx2.Client(
        base_url=stack.account.url, headers={"Host": host}, verify=stack.account.tls(), timeout=60
    ) as client:
        yield client


@pytest.fixture(scope="session")
def bearer(tokens: dict[Role, str]) -> dict[Role, dict[str, str]]:
    """The header that says one is of a role."""
    return {role: {"Authorization": f"Bearer {token}"} for role, token in tokens.items()}


@pytest.fixture(scope="session")
def get(anonymous: httpx2.Client, bearer: dict[Role, dict[str, str]]) -> Callable[..., httpx2.Response]:
    """GET a path of the API as a viewer, with a query and further headers."""

    def got(path: str, params: dict[str, str] | None = None, **headers: str) -> httpx2.Response:
        return anonymous.get(path, params=params, headers={**bearer[Role.VIEWER], **headers})

    return got


@pytest.fixture
def sample(tokens: dict[Role, str]) -> Any:
    """Read `events/<name>.json`, its placeholder replaced by a token of the role given."""

    def read(name: str, role: Role | None = None) -> dict[str, Any]:
        text = (ROOT / "events" / f"{name}.json").read_text()
        token = f"Bearer {tokens[role]}" if role is not None else PLACEHOLDER
        event: dict[str, Any] = json.loads(text.replace(PLACEHOLDER, token))
        return event

    return read


def _allow_batches_to_queues(deployed: Deployed) -> None:
    """Give the relay what only the emulator asks for: on AWS sqs:SendMessage is the right to send batches too."""
    policy = {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"}
    deployed.account.client("iam").put_role_policy(
        RoleName=deployed.physical_ids["RelayFunctionRole"],
        PolicyName="emulator-only",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )


def _policy_of_the_workshop(deployed: Deployed) -> dict[str, Any]:
    table = deployed.account.client("dynamodb").describe_table(TableName=deployed.outputs["TableName"])["Table"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                "Resource": table["TableArn"],
            }
        ],
    }
