"""The AWS emulator (ministack) on loopback: DynamoDB, S3, SQS and more, empty at the start, forgotten at the end.

It runs in an environment of its own, since its packages are not those of the product.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from tests.support.procs import LOOPBACK, Running, accepts, answers, free_port, process

ROOT = Path(__file__).resolve().parents[2]
MINISTACK = ROOT / ".venv-emulator" / "bin" / "ministack"
REGION = "us-east-1"


@cache
def _session() -> botocore.session.Session:
    """Return one session for all clients: each new one would read botocore's descriptions of the services again."""
    return botocore.session.get_session()


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator; its key "test" is root and is never refused."""

    url: str
    running: Running

    def client(self, service: str, **config: Any) -> Any:
        """Return a botocore client of `service`; `config` goes to its `Config`."""
        if service == "s3":
            config.setdefault("signature_version", "s3v4")  # as rmos.storage.aws
        return _session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"mode": "standard", "max_attempts": 3}, s3={"addressing_style": "path"}, **config),
        )


@contextlib.contextmanager
def emulating(
    folder: Path, options: Mapping[str, str] | None = None, command: Sequence[Path] = (MINISTACK,)
) -> Iterator[Emulator]:
    """Run an emulator until the block ends, with its log and temporary files in `folder`.

    `options` are further environment variables of the emulator, for example `AUTH`; with `USE_SSL` it speaks TLS only.
    `command` starts it.
    """
    if not MINISTACK.exists():
        pytest.fail(f"the AWS emulator is missing: run `make {MINISTACK.parents[1].name}`", pytrace=False)
    port = free_port()
    env = {
        "PATH": f"{MINISTACK.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **(options or {}),
    }
    log = folder / "emulator.log"
    scheme, ready = ("https", accepts(port)) if "USE_SSL" in env else ("http", answers(port, "/_ministack/health"))
    with process(command, env=env, log=log, ready=ready, cwd=folder, timeout_s=60) as running:
        yield Emulator(f"{scheme}://{LOOPBACK}:{port}", running)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulating(tmp_path_factory.mktemp("emulator")) as running:
        yield running
