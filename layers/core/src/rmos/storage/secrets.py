"""Secrets of AWS Secrets Manager, read when they are needed and never kept."""

from botocore.exceptions import ClientError

from rmos.errors import SecretUnreadable
from rmos.storage.aws import client
from rmos.storage.outages import outages_as_busy


def secret_text(name: str) -> str:
    """Return the text of a secret as it is now, by its name or ARN, without the line end that editors leave.

    It is not remembered: a key that was replaced counts from the next call on, not from the next process.

    Raises:
        SecretUnreadable: there is no such secret, it is no text, or this function may not read it.
        Busy: Secrets Manager is out of reach.
    """
    try:
        with outages_as_busy():
            answer = client("secretsmanager").get_secret_value(SecretId=name)
    except ClientError as error:
        raise SecretUnreadable(f"Secrets Manager answered {error.response['Error']['Code']}") from error
    if "SecretString" not in answer:
        raise SecretUnreadable("the secret is no text")
    text: str = answer["SecretString"]
    return text.strip()
