"""`sam local`: the same functions in containers.

Lambda's base image is not to be had everywhere; `../shared/sam-local/lambda-image.sh` builds a stand-in, for which it
installs system packages and a container engine as root. A test must not do that to a machine, so these run where
somebody has started the script, and are skipped elsewhere.
"""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.deployed import SAM
from tests.support.procs import LOOPBACK, accepts, free_port, process
from tests.support.template import ROOT

pytestmark = pytest.mark.stack

SCRIPT = ROOT.parent / "shared" / "sam-local" / "lambda-image.sh"
ENGINE = Path("/var/lib/sam-local/docker.sock")
ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "SAM_CLI_TELEMETRY": "0",
    "DOCKER_HOST": f"unix://{ENGINE}",
}
# The engine copies the layer into an image of its own for every start.
PATIENCE_S = 180


@pytest.fixture(autouse=True)
def engine(built: Path) -> None:
    del built
    if not SCRIPT.exists():
        pytest.skip(f"no {SCRIPT}")
    with contextlib.suppress(FileNotFoundError):
        known = ["docker", "image", "inspect", "public.ecr.aws/lambda/python:3.13-rapid-x86_64"]
        if subprocess.run(known, env=ENV, capture_output=True, check=False).returncode == 0:
            return
    pytest.skip(f"no container engine with the runtime's image: run {SCRIPT}")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [SAM, "local", "start-api", "--port", str(port)]
    log = tmp_path / "start-api.log"
    with process(command, env=ENV, cwd=ROOT, log=log, ready=accepts(port), timeout_s=60):
        yield f"http://{LOOPBACK}:{port}"


def test_sam_local_invoke_answers_a_sample_event():
    ran = subprocess.run(
        [SAM, "local", "invoke", "FrontFunction", "--event", "events/front-healthz.json"],
        cwd=ROOT, env=ENV, capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    )  # fmt: skip
    answer = json.loads(ran.stdout.splitlines()[-1])
    assert answer["statusCode"] == 200
    assert answer["headers"]["x-request-id"] == "sample-front-healthz"


def test_sam_local_start_api_serves_the_routes_and_lets_nobody_in(served):
    with httpx2.Client(base_url=served, timeout=PATIENCE_S) as client:
        assert client.get("/healthz").json()["status"] == "OK"
        refused = client.get("/api/runs")
        assert refused.status_code == 401
        assert refused.json()["instance"] == refused.headers["X-Request-Id"]
