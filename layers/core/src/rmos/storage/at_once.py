"""The same call for many things, several at a time: each waits for the store, and a run may have a thousand."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

_AT_ONCE: Final = 8

T = TypeVar("T")
R = TypeVar("R")


def at_once(call: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """Return what `call` returns for each of `things`, in their order; what one of them raises is raised."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # a millisecond that few calls need

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(call, things))
