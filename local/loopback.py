"""What counts as this machine only, for a server that asks nobody for a token."""

import ipaddress
from urllib.parse import urlsplit

from rmos.errors import Forbidden
from rmos.http.problems import problem_response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send


class HostRefused(Forbidden):
    slug = "host-refused"
    title = "Only for names of this machine"


def is_loopback(host: str) -> bool:
    """Tell whether `host` can only mean this machine: localhost, 127.0.0.0/8 or ::1."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackHostsOnly:
    """Refuses requests whose Host or Origin is not this machine.

    Without it any web page that a person opens could call the server, under a name of its own that resolves to
    127.0.0.1 (DNS rebinding), and would be let in as everybody is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_from_here(Headers(scope=scope)):
            refusal = HostRefused("this server runs with --no-auth and answers requests to localhost only")
            await problem_response(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_from_here(headers: Headers) -> bool:
    origin = headers.get("origin")
    return _names_loopback(f"//{headers.get('host', '')}") and (origin is None or _names_loopback(origin))


def _names_loopback(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False
