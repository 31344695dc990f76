import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.support.procs import NotReady, accepts, free_port, process

ENV = {"PATH": os.environ["PATH"]}  # noqa: TID251  # a child needs a PATH
SLEEPS_WITH_A_CHILD = """
import subprocess, sys, pathlib, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", deaf])
time.sleep(0.3)
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60)
"""


def is_alive(process_id: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return False


def ends_within(process_id: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(process_id) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(process_id)


def test_the_end_of_a_process_takes_its_children_along_even_those_that_ignore_a_term(tmp_path):
    pid_file = tmp_path / "child"
    command = [sys.executable, "-c", SLEEPS_WITH_A_CHILD, str(pid_file)]
    with process(command, env=ENV, log=tmp_path / "log", ready=pid_file.exists) as running:
        child = int(pid_file.read_text() or "0")
        assert is_alive(child)
    assert running.popen.returncode == -signal.SIGTERM
    assert ends_within(child, 2)


def test_a_process_that_ends_at_once_is_told_with_its_log(tmp_path):
    command = [sys.executable, "-c", "print('the reason')"]
    with (
        pytest.raises(NotReady, match="the reason"),
        process(command, env=ENV, log=tmp_path / "log", ready=accepts(free_port())),
    ):
        pass
