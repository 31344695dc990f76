"""The functions of a deployed stack, run by real runtime processes under their own roles.

The emulator sends each invocation here; a process handles one at a time, as in Lambda, so that a second event at once
starts a second process.
"""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from tests.support.deployed import Configuration, Deployed
from tests.support.procs import LOOPBACK
from tests.support.runtime import InvocationFailed, Runtime, running_function

PROXY_VARIABLE = "MINISTACK_LAMBDA_PROXY_URL"


class LambdaPool:
    """Starts, keeps and ends the processes of all functions of a stack."""

    def __init__(self, stack: Deployed, configurations: dict[str, Configuration], folder: Path) -> None:
        self._stack = stack
        self._configurations = configurations
        self._folder = folder
        self._lock = threading.Lock()
        self._idle: dict[str, list[Runtime]] = {name: [] for name in configurations}
        self._started: dict[str, list[Runtime]] = {name: [] for name in configurations}
        self._running = contextlib.ExitStack()

    def invoke(self, logical_id: str, event: bytes) -> bytes:
        """Run one event in an idle process of the function, or in a new one.

        Raises:
            InvocationFailed: as `Runtime.invoke_raw` tells.
        """
        runtime = self._take(logical_id)
        try:
            return runtime.invoke_raw(event)
        finally:
            with self._lock:
                self._idle[logical_id].append(runtime)

    def log_lines(self, logical_id: str) -> list[dict[str, object]]:
        """Return the lines that all processes of the function have written."""
        with self._lock:
            started = list(self._started[logical_id])
        return [line for runtime in started for line in runtime.log_lines()]

    def function_output(self, logical_id: str) -> list[str]:
        """Return all that the function's code wrote, line by line, without the lines of the platform."""
        with self._lock:
            started = list(self._started[logical_id])
        return [text for runtime in started for text in runtime.function_output()]

    def close(self) -> None:
        self._running.close()

    def _take(self, logical_id: str) -> Runtime:
        with self._lock:
            if self._idle[logical_id]:
                return self._idle[logical_id].pop()
            number = len(self._started[logical_id])
            runtime = self._running.enter_context(self._start(logical_id, number))
            self._started[logical_id].append(runtime)
        return runtime

    def _start(self, logical_id: str, number: int) -> contextlib.AbstractContextManager[Runtime]:
        configuration = self._configurations[logical_id]
        account = self._stack.account
        variables = {
            **configuration.variables,
            **account.variables(),
            **account.assume(configuration.role_arn).variables(),
            "AWS_LAMBDA_FUNCTION_NAME": self._stack.physical_ids[logical_id],
        }
        log = self._folder / f"{logical_id}-{number}.log"
        return running_function(configuration.function, variables, log, configuration.layers)


@contextlib.contextmanager
def lambda_pool(stack: Deployed, folder: Path) -> Iterator[LambdaPool]:
    """Run the functions of `stack` in processes whose logs go to `folder`, until the block ends."""
    configurations = {name: stack.configuration(name) for name in stack.function_names()}
    pool = LambdaPool(stack, configurations, folder)
    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), _handler_of(pool))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        _point_at(stack, configurations, f"http://{LOOPBACK}:{server.server_port}")
        yield pool
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        pool.close()


def _point_at(stack: Deployed, configurations: dict[str, Configuration], pool_url: str) -> None:
    client = stack.account.client("lambda")
    for logical_id, configuration in configurations.items():
        variables = {**configuration.variables, PROXY_VARIABLE: f"{pool_url}/{logical_id}"}
        client.update_function_configuration(
            FunctionName=stack.physical_ids[logical_id], Environment={"Variables": variables}
        )


def _handler_of(pool: LambdaPool) -> type[http.server.BaseHTTPRequestHandler]:
    class Invocation(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            event = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status, answer = HTTPStatus.OK, pool.invoke(self.path.removeprefix("/"), event)
            except InvocationFailed as failure:
                status, answer = HTTPStatus.INTERNAL_SERVER_ERROR, failure.body
            self._answer(status, answer)

        def _answer(self, status: HTTPStatus, answer: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            del format, args

    return Invocation
