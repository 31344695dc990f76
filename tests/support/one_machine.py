"""The one-machine server as a child process."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.procs import Running, answers, process

RMOS = Path(sys.executable).with_name("rmos")


@dataclass(frozen=True, slots=True)
class OneMachine:
    """A running server: where it answers, its data, and its process."""

    url: str
    data_dir: Path
    running: Running

    @property
    def admin(self) -> dict[str, str]:
        """Headers that carry the administrator's token."""
        return {"Authorization": f"Bearer {(self.data_dir / 'admin.token').read_text().strip()}"}


@contextmanager
def one_machine(
    data_dir: Path, port: int, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[OneMachine]:
    """Serve `data_dir` on `port` of loopback until the block ends; the log stands beside the data."""
    command = [RMOS, "serve", "--port", str(port), "--data-dir", data_dir, *arguments]
    log = data_dir.with_suffix(".log")
    with process(
        command, env={"PATH": "/usr/bin:/bin"} | dict(env or {}), log=log, ready=answers(port, "/healthz")
    ) as it:
        yield OneMachine(f"http://127.0.0.1:{port}", data_dir, it)
