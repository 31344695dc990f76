"""The one-machine server: listens, says when it is ready, and ends without dropping what it has in hand."""

import errno
import os
import signal
import socket
from enum import Enum
from pathlib import Path

import typer
import uvicorn
from fastapi import FastAPI
from rmos.settings import Settings
from rmos.storage.backend import DATABASE_NAME, open_local
from rmos.storage.queue import SqliteQueue

from local.admin_token import ensure_admin_token
from local.app import app_of, open_app_of
from local.consumers import consumers_of
from local.hold import Hold, held
from local.loopback import is_loopback
from local.place import CannotStart, made_folder
from local.worker import Worker

GRACE_S = 30
"""How long requests in hand may take to end after SIGTERM; HTTP functions end within 28 s."""


class Access(Enum):
    """Whom the server lets in."""

    TOKEN = "TOKEN"  # noqa: S105  # a word, not a secret
    ANYBODY = "ANYBODY"


class AnnouncingServer(uvicorn.Server):
    """Says `ready <url>` once it really accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        for listener in sockets or ():
            typer.echo(f"ready {_url(listener)}")  # scripts wait for this line


def serve_areas(settings: Settings, access: Access) -> None:
    """Serve all areas until SIGTERM or SIGINT; then finish requests and work in hand, and return.

    Raises:
        CannotStart: the address is taken or not ours, the data folder cannot be written, or ANYBODY was asked for
            on an address that others can reach.
    """
    if access is Access.ANYBODY and not is_loopback(settings.host):
        raise CannotStart(f"--no-auth lets everybody in, so it needs a loopback address, not {settings.host}")
    data_dir = made_folder(settings.data_dir)
    with _listener(settings.host, settings.port) as listener, held(data_dir, Hold.SHARED):
        backend = open_local(data_dir)
        _say_who_may_enter(ensure_admin_token(data_dir, backend.records), access)
        app = app_of(backend, settings) if access is Access.TOKEN else open_app_of(backend, settings)
        worker = Worker(SqliteQueue(data_dir / DATABASE_NAME), consumers_of(backend, settings))
        worker.start()
        try:
            _run(app, listener)
        finally:
            worker.stop()
            backend.close()


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=1_024)
    except socket.gaierror as error:
        raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}") from error
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        way_out = "; choose another port with --port or RMOS_PORT" if error.errno == errno.EADDRINUSE else ""
        raise CannotStart(f"cannot listen on {host}:{port}: {reason}{way_out}") from error


def _say_who_may_enter(admin_token: Path, access: Access) -> None:
    if access is Access.ANYBODY:
        typer.echo("no token is needed: whoever uses this machine is administrator")
    elif admin_token.exists():
        typer.echo(f"admin token in {admin_token}")
    else:
        typer.echo(f"{admin_token} was taken away; `rmos token create` makes tokens")


def _run(app: FastAPI, listener: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,  # one JSON line per request comes from the app
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_S,
    )
    server = AnnouncingServer(config)
    # uvicorn raises the signal again after a quiet end, which would make the exit code that of a kill.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    server.run(sockets=[listener])


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
