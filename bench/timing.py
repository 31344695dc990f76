"""Timing: medians of interleaved repetitions, and how quiet the machine is meanwhile."""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile


@dataclass(frozen=True)
class Figure:
    """One measured number, the bar it is held against, and whether it holds; None where there is no bar.

    `original` is what the system that RMOS replaces gave for the same, on a machine of its own.
    """

    name: str
    value: float
    unit: str
    bar: str = ""
    holds: bool | None = None
    original: float | None = None

    @property
    def times_better(self) -> float | None:
        """How many times shorter, or more a second, this is than in the original; None where neither can be said."""
        if not self.original or not self.value or self.unit not in {"ms", "/s"}:
            return None
        return self.original / self.value if self.unit == "ms" else self.value / self.original


def seconds_of(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def processor_seconds_of(action: Callable[[], object]) -> float:
    """Return the seconds that this process had the processor for, whatever else runs on the machine."""
    started = time.process_time()
    action()
    return time.process_time() - started


def interleaved(actions: Mapping[str, Callable[[], object]], repetitions: int) -> dict[str, list[float]]:
    """Time each action `repetitions` times, one after the other in turn, so that a noisy moment strikes them all."""
    for action in actions.values():
        action()
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(repetitions):
        for name, action in actions.items():
            times[name].append(seconds_of(action))
    return times


def median_ms(times: Sequence[float]) -> float:
    return statistics.median(times) * 1_000


def noise_pct(times: Sequence[float]) -> float:
    """Return how far the middle half of `times` spreads, in percent of their median."""
    lower, _, upper = statistics.quantiles(times, n=4)
    return (upper - lower) / statistics.median(times) * 100


def fixed_work() -> None:
    """Use the processor for about a millisecond, always the same way."""
    sum(number * number for number in range(20_000))


def fsync_in(folder: Path) -> Callable[[], None]:
    """Return an action that appends a page to a file in `folder` and waits until the disk has it."""
    file = NamedTemporaryFile(dir=folder)  # noqa: SIM115  # open as long as the action is used

    def append_and_sync() -> None:
        file.write(b"\0" * 4_096)
        file.flush()
        os.fdatasync(file.fileno())

    return append_and_sync
