"""Secrets: as they are at the moment of asking."""

import pytest
from moto import mock_aws
from rmos.errors import SecretUnreadable
from rmos.storage.secrets import secret_text

from tests.support.aws_stores import moto_client


@pytest.fixture
def secrets(monkeypatch):
    for name, value in {"DEFAULT_REGION": "us-east-1", "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        yield moto_client("secretsmanager")


def test_a_secret_that_was_replaced_counts_from_the_next_call_on(secrets):
    arn = secrets.create_secret(Name="key", SecretString="sk-first\n")["ARN"]
    assert (secret_text("key"), secret_text(arn)) == ("sk-first", "sk-first")
    secrets.put_secret_value(SecretId="key", SecretString="sk-second")
    assert secret_text("key") == "sk-second"


def test_what_cannot_be_read_is_told_without_its_name(secrets):
    secrets.create_secret(Name="binary", SecretBinary=b"\x00")
    for name, reason in (("key", "ResourceNotFoundException"), ("binary", "no text")):
        with pytest.raises(SecretUnreadable, match=reason) as refused:
            secret_text(name)
        assert name not in refused.value.detail.split()
