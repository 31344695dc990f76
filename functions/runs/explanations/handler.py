"""Lambda entry of the explanations' worker: one message of its queue at a time."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from rmos.logging import logger
from rmos.settings import Settings
from rmos.storage.backend import Backend, open_configured
from rmos.storage.secrets import secret_text

from runs.explanations.worker import work_off

_settings = Settings()


@cache
def _stores() -> Backend:
    return open_configured(_settings)


def _api_key() -> str:
    if _settings.openai_api_key_secret:
        return secret_text(_settings.openai_api_key_secret)
    return _settings.openai_api_key.get_secret_value()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Write the explanations that the messages ask for; what raises is delivered again."""
    del context
    for message in event["Records"]:
        work_off(_stores(), _settings, _api_key, message["body"])
