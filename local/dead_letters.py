"""Work that the worker of one machine gave up: shown by `rmos fsck`, sent back by `rmos redrive`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rmos.storage.backend import DATABASE_NAME
from rmos.storage.queue import MAX_ATTEMPTS, DeadLetter, SqliteQueue


@contextmanager
def queue_of(data_dir: Path) -> Iterator[SqliteQueue]:
    """Open the queue in a data folder."""
    queue = SqliteQueue(data_dir / DATABASE_NAME)
    try:
        yield queue
    finally:
        queue.close()


def warning_of(data_dir: Path) -> str | None:
    """Return what to say of the work that was given up in a data folder, with the way to send it back; None if none."""
    with queue_of(data_dir) as queue:
        letters = queue.dead_letters()
    if not letters:
        return None
    named = "".join(f"\n  {name_of(letter)}" for letter in letters)
    return (
        f"warning: work was given up after {MAX_ATTEMPTS} attempts each; the server's log says why:{named}\n"
        f"once the cause is mended, send it back: rmos redrive --data-dir {data_dir}"
    )


def name_of(letter: DeadLetter) -> str:
    return f"{letter.event_id} of {letter.queue}"
