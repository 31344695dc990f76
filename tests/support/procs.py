"""Child processes of a test: a port of their own, a wait until they answer, and an end for their whole group."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
POLL_S = 0.02
GRACE_S = 5.0


class NotReady(Exception):
    """The process ended, or did not answer in time; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Running:
    """A child process, leader of its own group, whose standard output and error go to `log`."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")


def free_port() -> int:
    """Return a TCP port that was free on loopback a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> Callable[[], bool]:
    """Return a check that something accepts connections on `port`."""

    def check() -> bool:
        try:
            socket.create_connection((LOOPBACK, port), 0.2).close()
        except OSError:
            return False
        return True

    return check


def answers(port: int, path: str) -> Callable[[], bool]:
    """Return a check that a GET of `path` on `port` gives status 200."""

    def check() -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


@contextlib.contextmanager
def process(  # noqa: PLR0913  # what a child process is made of
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    ready: Callable[[], bool],
    cwd: Path | None = None,
    timeout_s: float = 20.0,
) -> Iterator[Running]:
    """Run `command` in a group of its own until the block ends; `env` is its whole environment.

    The block starts once `ready` says so. At the end the group gets TERM, then KILL after 5 s.

    Raises:
        NotReady: the process ended or `timeout_s` passed before `ready` said so.
    """
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [str(part) for part in command],
            env=dict(env),
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    running = Running(popen, log)
    try:
        _wait_until(ready, running, timeout_s)
        yield running
    finally:
        end_group(popen)


def end_group(popen: "subprocess.Popen[bytes]", grace_s: float = GRACE_S) -> None:
    """End the group that `popen` leads (started with start_new_session): TERM, and KILL for whoever is left."""
    _signal_group(popen.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        popen.wait(grace_s)
    _signal_group(popen.pid, signal.SIGKILL)
    popen.wait(grace_s)


def kill_group(popen: "subprocess.Popen[bytes]") -> None:
    """Kill the group that `popen` leads at once, as a power failure would end it."""
    _signal_group(popen.pid, signal.SIGKILL)
    popen.wait(GRACE_S)


def _signal_group(group_id: int, signal_number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group_id, signal_number)


def _wait_until(ready: Callable[[], bool], running: Running, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        if running.popen.poll() is not None or time.monotonic() > deadline:
            state = f"exit code {running.popen.poll()}"
            raise NotReady(f"{running.popen.args!r} is not ready ({state}):\n{running.log_text()[-3000:]}")
        time.sleep(POLL_S)
