import re
import subprocess
from pathlib import Path

from tests.support.procs import answers, free_port, process

ROOT = Path(__file__).parents[2]


def test_make_run_serves_where_the_environment_says(tmp_path):
    port = free_port()
    env = {"PATH": "/usr/bin:/bin", "RMOS_PORT": str(port), "RMOS_DATA_DIR": str(tmp_path / "data")}
    # The environment that runs this test is the one `make run` would make; --old-file keeps make from making it anew.
    command = ["make", "run", "--old-file=.venv/.run-ready"]
    with process(command, env=env, log=tmp_path / "log", ready=answers(port, "/healthz"), cwd=ROOT) as running:
        assert f"ready http://127.0.0.1:{port}" in running.log_text().splitlines()
        assert (tmp_path / "data/admin.token").exists()


def test_help_lists_every_target_that_people_use():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for target in ("help", "run", "test", "check", "build", "bench", "openapi", "lock"):
        assert f"\n{target} " in f"\n{listed}"
    assert len({re.match(r"\S+ +", line).end() for line in listed.splitlines()}) == 1, listed
