"""The one logger: JSON lines by Powertools, each with the id of the request it belongs to."""

import logging
from contextvars import ContextVar

from aws_lambda_powertools import Logger

current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)


class RequestIdFilter(logging.Filter):
    """Puts the present request's id on every record, as the correlation id of its line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.correlation_id = current_request_id.get()
        return True


logger = Logger(service="rmos")
logger.addFilter(RequestIdFilter())
