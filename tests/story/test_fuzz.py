"""Schemathesis over the served OpenAPI document, with all its checks, as each role and as nobody."""

import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from rmos.identity import Role

from tests.support.commands import rmos
from tests.support.one_machine import one_machine
from tests.support.procs import free_port

ST = Path(sys.executable).with_name("st")
CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES_PER_OPERATION = 15


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with one_machine(tmp_path_factory.mktemp("fuzz") / "data", free_port()) as server:
        yield server


def headers_of(role, data_dir):
    if role is None:
        return []
    made = rmos("token", "create", "--role", role.value, "--name", role.value, "--data-dir", data_dir)
    return ["--header", f"Authorization: Bearer {made.stdout.strip()}"]


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "nobody")
def test_every_answer_is_documented_and_none_is_a_fault(server, tmp_path, role):
    command = [ST, "--config-file", CONFIG, "run", f"{server.url}/openapi.json"]
    command += ["--checks", "all", "--max-examples", str(EXAMPLES_PER_OPERATION), "--continue-on-failure"]
    command += headers_of(role, server.data_dir)

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 500
    assert httpx2.get(f"{server.url}/healthz").status_code == 200
