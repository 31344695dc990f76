"""Until when calls to AWS may begin: an HTTP function has to answer before Lambda ends it."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rmos.errors import Busy

CONNECT_S: Final = 2
READ_S: Final = 5
"""How long an attempt waits for a connection, and then for each answer."""

_TO_ANSWER_S: Final = 1


class CallTime:
    """What is left of the time of the request in work, its threads' too; without end while there is none.

    One for the process: a Lambda function has one request at a time, and on one machine nobody calls AWS to answer one.
    """

    def __init__(self) -> None:
        self._last_start = math.inf

    @contextmanager
    def ends_in(self, left_s: float) -> Iterator[None]:
        """Let no attempt begin within the block that could outlast `left_s` from now, with a second to answer."""
        self._last_start = time.monotonic() + left_s - CONNECT_S - READ_S - _TO_ANSWER_S
        try:
            yield
        finally:
            self._last_start = math.inf

    def require_enough(self) -> None:
        """Return if an attempt that begins now would end in time.

        Raises:
            Busy: it might not. An attempt before it may have taken effect, as with any Busy.
        """
        if time.monotonic() > self._last_start:
            raise Busy("the store did not answer in time; repeat it, and a create with the same Idempotency-Key")


call_time: Final = CallTime()
