"""The `rmos` command as a person or a script runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

RMOS = Path(sys.executable).with_name("rmos")


BOUND_BY_PERMISSIONS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""Runs a command without root's right to write where it may not."""


def rmos(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    through: Sequence[str] = (),
) -> "subprocess.CompletedProcess[str]":
    """Run `rmos` to its end by the command `through`, with `env` over an empty environment; return what it said."""
    return subprocess.run(
        [*through, str(RMOS), *(str(argument) for argument in arguments)],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"} | dict(env or {}),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
