"""Holds on a data folder: many commands may use it at once, or one alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from local.place import CannotStart

LOCK_NAME = "in-use.lock"


class Hold(Enum):
    """How a command uses a data folder."""

    SHARED = fcntl.LOCK_SH
    ALONE = fcntl.LOCK_EX


@contextmanager
def held(data_dir: Path, hold: Hold) -> Iterator[None]:
    """Hold `data_dir` while the block runs; the kernel lets go of it when the process ends, however it ends.

    Raises:
        CannotStart: another process holds it in a way that does not go with `hold`.
    """
    with (data_dir / LOCK_NAME).open("w") as file:
        try:
            fcntl.flock(file, hold.value | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(_why_not(data_dir, hold)) from error
        yield


def _why_not(data_dir: Path, hold: Hold) -> str:
    if hold is Hold.ALONE:
        return f"{data_dir} is in use; stop the server that runs on it first"
    return f"{data_dir} is held by a command that needs it alone; wait for its end"
