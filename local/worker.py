"""The worker of one machine: takes messages off the local queue and hands them to their consumers."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeAlias

from rmos.logging import logger
from rmos.storage.queue import Message, SqliteQueue

Consumer: TypeAlias = Callable[[Message], None]
"""Does the work of one message. It may get the same event again, so it acts by `event_id`; raising means "later"."""

LEASE_S = 900
IDLE_S = 0.2
MAX_DELAY_S = 300
FAULT_PAUSE_S = 2


class Worker:
    """Works off the queues named in `consumers`, a few messages at a time, until it is stopped.

    A consumer that raises gets its message again after 2, 4, 8 … seconds, until the queue sets it aside as a dead
    letter. A process killed in the middle leaves its message to whoever claims it once the lease is over, and so does
    one that cannot write what became of it. A queue that cannot be asked, its disk being full for example, is logged
    and asked again every two seconds, for as long as it takes.
    """

    def __init__(self, queue: SqliteQueue, consumers: Mapping[str, Consumer], at_once: int = 2) -> None:
        self._queue = queue
        self._consumers = dict(consumers)
        self._at_once = at_once
        self._free = threading.Semaphore(at_once)
        self._stopping = threading.Event()
        self._dispatcher = threading.Thread(target=self._dispatch, name="rmos-worker")

    def start(self) -> None:
        self._dispatcher.start()

    def stop(self) -> None:
        """Claim nothing more, and return once the work in hand is done."""
        self._stopping.set()
        self._dispatcher.join()

    def _dispatch(self) -> None:
        with ThreadPoolExecutor(self._at_once, thread_name_prefix="rmos-work") as pool:
            while self._consumers and not self._stopping.is_set():
                message = self._claim() if self._free.acquire(timeout=IDLE_S) else None
                if message is not None:
                    work = pool.submit(self._consumers[message.queue], message)
                    work.add_done_callback(partial(self._settle, message))

    def _claim(self) -> Message | None:
        """Return a message, or give the slot back after a moment's wait."""
        pause_s: float = IDLE_S
        try:
            message = self._queue.claim(list(self._consumers), LEASE_S)
        except Exception:  # noqa: BLE001  # logged; without this thread nothing is worked off
            logger.exception("the queue cannot be asked")
            message, pause_s = None, FAULT_PAUSE_S
        if message is None:
            self._free.release()
            self._stopping.wait(pause_s)
        return message

    def _settle(self, message: Message, work: "Future[None]") -> None:
        failure = work.exception()
        try:
            if failure is None:
                self._queue.finish(message.receipt)
            else:
                logger.error("work failed", exc_info=failure, extra=_names_of(message))
                self._queue.retry(message.receipt, min(2**message.attempt, MAX_DELAY_S))
        except Exception:  # noqa: BLE001  # raised in a callback it would reach no log of ours
            logger.exception("what became of the work cannot be kept", extra=_names_of(message))
        finally:
            self._free.release()


def _names_of(message: Message) -> dict[str, object]:
    return {"queue": message.queue, "event_id": message.event_id, "attempt": message.attempt}
