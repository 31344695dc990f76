"""The one logger: JSON lines by Powertools, each with the id of the request it belongs to."""

import logging

from aws_lambda_powertools import Logger

from rmos.request_context import current_request_id


class RequestIdFilter(logging.Filter):
    """Puts the present request's id on every record, as the correlation id of its line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.correlation_id = current_request_id.get()
        return True


logger = Logger(service="rmos")
logger.addFilter(RequestIdFilter())
