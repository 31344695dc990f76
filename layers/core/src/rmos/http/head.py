"""HEAD: what GET answers, without the body (RFC 9110 section 9.3.2)."""

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RouteWithHead(APIRoute):
    """A route that answers HEAD where it answers GET, unless another route does; the OpenAPI document names GET only.

    The endpoint runs as for GET. It may leave work out that only the body needs, as `request.method` tells it.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Fit HEAD as GET."""
        return super().matches({**scope, "method": "GET"} if self._is_head(scope) else scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; `super` would refuse the method that `matches` took."""
        if self._is_head(scope):
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    def _is_head(self, scope: Scope) -> bool:
        return scope.get("method") == "HEAD" and "GET" in (self.methods or ())


class WithoutBodyOfHead:
    """Takes the body from every answer to HEAD, errors included; a Lambda function has no server that would."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app(scope, receive, _without_body(send) if is_head else send)


def _without_body(send: Send) -> Send:
    async def send_without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_without_body
