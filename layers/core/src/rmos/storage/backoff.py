"""Backing off from a store that others write to at the same moment."""

import random
import time

from rmos.errors import Busy

GIVE_UP_S = 10.0
"""How long a call waits in all; SQLite's busy time-out is the same."""

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0


class Backoff:
    """The pauses between attempts of one call: exponential with full jitter, so that two callers do not meet again."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + GIVE_UP_S
        self._pause_s = _FIRST_PAUSE_S

    def wait(self) -> None:
        """Pause before the next attempt.

        Raises:
            Busy: the time is up.
        """
        pause_s = random.uniform(0, self._pause_s)
        if time.monotonic() + pause_s > self._deadline:
            raise Busy("the store did not take the call in time; repeat it")
        time.sleep(pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
