"""Secrets of AWS Secrets Manager, read when they are needed and never kept in a setting."""

from functools import cache

from rmos.storage.aws import client


@cache
def secret_text(name: str) -> str:
    """Return the text of a secret, by its name or ARN; read once per process."""
    text: str = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    return text
