"""Secrets of AWS Secrets Manager, read when they are needed and never kept."""

from rmos.storage.aws import client


def secret_text(name: str) -> str:
    """Return the text of a secret as it is now, by its name or ARN, without the line end that editors leave.

    It is not remembered: a key that was replaced counts from the next call on, not from the next process.

    Raises:
        ClientError: there is no such secret, or this function may not read it.
    """
    text: str = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    return text.strip()
