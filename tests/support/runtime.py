"""Built functions in Lambda's own runtime client, under the runtime interface emulator: no container needed.

Not emulated: memory and CPU share, a read-only file system, IAM. Emulated: payload limits, time-out, init phase,
a process that handles one event at a time.
"""

import contextlib
import http.client
import json
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.procs import LOOPBACK, Running, accepts, free_port, process
from tests.support.template import BUILD, ROOT, Function

RUNTIME_PYTHON = ROOT / ".venv-runtime" / "bin" / "python"
CORE_LAYER = BUILD / "CoreLayer" / "python"
INVOKE_PATH = "/2015-03-31/functions/function/invocations"
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_PLATFORM = re.compile(r"\d\d \w{3} \d{4} [\d:,]+ \[|(START|END|REPORT) RequestId: ")
_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")


class InvocationFailed(Exception):
    """The function raised, ran out of time or broke a limit; `body` is what Lambda's caller would see."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body[:500].decode(errors="replace"))
        self.body = body


@dataclass(frozen=True, slots=True)
class Runtime:
    """One running function. One event at a time: the emulator breaks on two."""

    function: Function
    port: int
    running: Running

    def invoke_raw(self, event: bytes) -> bytes:
        """Send one event and return the function's answer, as JSON.

        Raises:
            InvocationFailed: the function did not answer.
        """
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=self.function.timeout_s + 30)
        with contextlib.closing(connection):
            connection.request("POST", INVOKE_PATH, event)
            answer = connection.getresponse().read()
        if _is_failure(answer):
            raise InvocationFailed(answer)
        return answer

    def invoke(self, event: Mapping[str, Any]) -> Any:
        return json.loads(self.invoke_raw(json.dumps(event).encode()))

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the JSON lines that the function wrote."""
        return [json.loads(line) for line in self.function_output() if line.startswith("{")]

    def function_output(self) -> list[str]:
        """Return the lines that the function wrote, without those of the platform."""
        return [line for line in self.running.log_text().splitlines() if line and not _PLATFORM.match(line)]

    def init_ms(self) -> float:
        """Return how long the first init took; it starts with the first event."""
        found = _INIT.search(self.running.log_text())
        if found is None:
            raise LookupError("no event was sent yet")
        return float(found[1])


def runtime_interface_emulator() -> Path:
    """Return the emulator's binary, which comes with the SAM CLI."""
    name = f"aws-lambda-rie-{_ARCHITECTURES[platform.machine()]}"
    (found,) = (ROOT / ".venv-sam").glob(f"lib/python*/site-packages/samcli/local/rapid/{name}")
    return found


@contextlib.contextmanager
def running_function(
    function: Function, env: Mapping[str, str], log: Path, layers: tuple[Path, ...] = (CORE_LAYER,)
) -> Iterator[Runtime]:
    """Run a built function until the block ends; `env` are its own variables, nothing else leaks in."""
    port, api_port = free_port(), free_port()
    command: list[str | Path] = [
        *(runtime_interface_emulator(), "--runtime-interface-emulator-address", f"{LOOPBACK}:{port}"),
        *("--runtime-api-address", f"{LOOPBACK}:{api_port}"),
        *(RUNTIME_PYTHON, "-m", "awslambdaric", function.handler),
    ]
    variables = {**_platform_variables(function, layers), **env}
    with process(command, env=variables, cwd=function.code, log=log, ready=accepts(port)) as running:
        yield Runtime(function, port, running)


def _platform_variables(function: Function, layers: tuple[Path, ...]) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": str(function.code),
        "PYTHONPATH": ":".join(str(layer) for layer in layers),
        # /var/task and /opt are read-only in Lambda.
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": function.logical_id,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_s),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
    }


def _is_failure(answer: bytes) -> bool:
    """Tell an error document, or the plain text of a time-out, from what a function answers."""
    try:
        document = json.loads(answer)
    except ValueError:
        return True
    return isinstance(document, dict) and "errorType" in document
