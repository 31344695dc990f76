"""Calls a Lambda handler as API Gateway's HTTP API does: payload 2.0 in, its answer out."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

CONTEXT = SimpleNamespace(
    function_name="RunsFunction",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:RunsFunction",
    aws_request_id="00000000-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 28_000,
)


@dataclass(frozen=True)
class Reply:
    """An answer with lower-case header names, as both transports give it."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def text(self) -> str:
        return self.content.decode()


def event_of(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the payload 2.0 event of one request; the body travels in base64 unless it is text."""
    parts = urlsplit(url)
    cookies = [value for name, value in headers.items() if name.lower() == "cookie"]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(parts.path),
        "rawQueryString": parts.query,
        "headers": {name.lower(): value for name, value in headers.items() if name.lower() != "cookie"}
        | {"host": "abc.execute-api.us-east-1.amazonaws.com", "content-length": str(len(body))},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "abc.execute-api.us-east-1.amazonaws.com",
            "stage": "$default",
            "requestId": "gateway-1",
            "http": {
                "method": method,
                "path": unquote(parts.path),
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.1",
                "userAgent": "tests",
            },
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies[0].split("; ")
    if body:
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return event


class GatewayClient:
    """Sends requests to a handler through the gateway's event format."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
        self._handler = handler

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Reply:
        answer = self._handler(event_of(method, url, headers or {}, content), CONTEXT)
        body = answer.get("body") or ""
        raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        heads = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        if answer.get("cookies"):
            heads["set-cookie"] = ", ".join(answer["cookies"])
        return Reply(answer["statusCode"], heads, raw)
