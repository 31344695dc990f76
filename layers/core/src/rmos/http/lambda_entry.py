"""The Lambda entry of an area: API Gateway's event in, its answer out."""

import gc
from base64 import b64encode
from typing import Any, Final, Protocol

from aws_lambda_powertools.utilities.typing import LambdaContext
from fastapi import FastAPI
from mangum import Mangum

from rmos.http.problems import MEDIA_TYPE
from rmos.logging import logger
from rmos.storage.call_time import call_time

_TEXT_MEDIA_TYPES = ["text/", "application/json", MEDIA_TYPE, "application/javascript", "image/svg+xml"]
_MAX_TEXT_CHARACTERS: Final = 500_000
"""What goes out as text: the runtime's JSON may write a character in twelve bytes, and Lambda takes 6 MB in all."""


class LambdaHandler(Protocol):
    def __call__(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]: ...


def lambda_handler(app: FastAPI) -> LambdaHandler:
    """Return the function that Lambda calls with HTTP API events (payload 2.0)."""
    respond = Mangum(app, lifespan="off", text_mime_types=_TEXT_MEDIA_TYPES)

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        with call_time.ends_in(context.get_remaining_time_in_millis() / 1_000):
            answer: dict[str, Any] = respond(event, context)  # type: ignore[arg-type]  # Mangum types its own event
        if not answer["isBase64Encoded"] and len(answer["body"]) > _MAX_TEXT_CHARACTERS:
            answer |= {"body": b64encode(answer["body"].encode()).decode(), "isBase64Encoded": True}
        gc.enable()  # off since `rmos.cold_start`: the first request makes much that stays
        return answer

    # What init made is never garbage, and need not be looked through at each collection.
    gc.freeze()
    return logger.inject_lambda_context(handler)
