"""AWS clients: one botocore session, a client made when it is first asked for and kept with the process."""

import threading
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from rmos.storage.call_time import CONNECT_S, READ_S, call_time


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


_one_at_a_time = threading.Lock()


def client(service: str) -> Any:  # noqa: ANN401  # botocore makes its clients' classes at run time
    """Return the client of `service`; region, credentials and endpoint come from botocore's own chain.

    Threads may ask at once, and use it at once; only the making of clients from one session is not safe among them.
    """
    with _one_at_a_time:
        return _made(service)


@cache
def _made(service: str) -> Any:  # noqa: ANN401
    """Return a new client, with three short attempts for a call; in an HTTP function none begins that is too late."""
    config = Config(
        retries={"mode": "standard", "max_attempts": 3},
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        tcp_keepalive=True,
        s3={"addressing_style": "path"},
        # The older signature of presigned URLs covers no headers, and so neither length nor checksum.
        signature_version="s3v4" if service == "s3" else None,
    )
    made = _session().create_client(service, config=config)
    made.meta.events.register("before-send", _require_time)
    return made


def _require_time(**_: object) -> None:
    """Stop an attempt, the first or a repeat, that might outlast the request it is for."""
    call_time.require_enough()


class LateClient:
    """Stands for the client of `service` until its first operation, which makes it: a cold start may need none."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401
        return getattr(client(self._service), operation)
