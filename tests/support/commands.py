"""The `rmos` command as a person or a script runs it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

RMOS = Path(sys.executable).with_name("rmos")


def rmos(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, stdin: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `rmos` to its end, with `env` over an empty environment, and return what it said."""
    return subprocess.run(
        [str(RMOS), *(str(argument) for argument in arguments)],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"} | dict(env or {}),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
