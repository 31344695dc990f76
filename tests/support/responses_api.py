"""A server on loopback that speaks OpenAI's Responses API, as far as one call needs it."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def message(*contents: dict[str, Any]) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": list(contents)}


def text(words: str) -> dict[str, Any]:
    return {"type": "output_text", "text": words, "annotations": []}


def answer(*output: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed",
        "model": "text-model-2026-01-01",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 120,
        },
    } | changes


class ResponsesApi:
    """What the server answers next, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.body: Any = answer(message(text("It bends.")))
        self.delay_s = 0.0
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hangs_up = False


@contextlib.contextmanager
def responses_api() -> Iterator[ResponsesApi]:
    """Serve the API until the block ends."""
    api = ResponsesApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.path == "/v1/responses"
            api.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            api.headers.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(api.delay_s)
            if api.hangs_up:
                self.close_connection = True
                return
            body = api.body if isinstance(api.body, bytes) else json.dumps(api.body).encode()
            self.send_response(api.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-request-id", "req_provider")
            self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        api.url = f"http://127.0.0.1:{server.server_port}/v1"
        try:
            yield api
        finally:
            server.shutdown()
