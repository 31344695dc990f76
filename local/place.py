"""Where a command finds its data: a folder of this machine, or a stack in the caller's AWS account."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pydantic import ValidationError
from rmos.errors import RmosError
from rmos.settings import PREFIX, Settings, Storage
from rmos.storage.backend import DATABASE_NAME, Backend, open_configured, open_local

from local.stack import reaching, stack_of

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Folder of the data (RMOS_DATA_DIR; ./data)."),
]
Stack = Annotated[
    str | None,
    typer.Option("--stack", metavar="NAME", help="Name of a deployed stack, reached with your own AWS credentials."),
]


class CannotStart(RmosError):
    """A command that cannot begin; its detail is the one line a person reads, its exit code 2."""

    slug = "cannot-start"
    title = "Cannot start"


def settings_with(**given: object) -> Settings:
    """Return the settings of the environment with those of `given` that are not None put over them.

    Raises:
        CannotStart: a value does not fit; the line names the setting and the reason.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise CannotStart(f"{name}={first['input']!r} does not fit: {first['msg']}") from error


def made_folder(path: Path) -> Path:
    """Return `path`, made if it was missing and readable by its owner only, once a file could be written into it.

    Raises:
        CannotStart: it cannot be made or written.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except FileExistsError as error:
        raise CannotStart(f"the data folder {path} is not a folder; name another with --data-dir") from error
    except OSError as error:
        raise CannotStart(
            f"the data folder {path} cannot be written: {error.strerror}; name another with --data-dir"
        ) from error
    return path


def existing_folder(path: Path) -> Path:
    """Return `path`.

    Raises:
        CannotStart: no such folder; a mistyped name must not turn into an empty store.
    """
    if not path.is_dir():
        raise CannotStart(f"there is no data folder {path}; `rmos serve` makes one")
    return path


def existing_store(path: Path) -> Path:
    """Return `path`.

    Raises:
        CannotStart: no such folder, or there are no records in it.
    """
    if not (existing_folder(path) / DATABASE_NAME).is_file():
        raise CannotStart(f"the folder {path} holds no data of RMOS; `rmos serve --data-dir {path}` begins some")
    return path


def settings_of_place(data_dir: Path | None, stack: str | None) -> Settings:
    """Return the settings of the data that a command was pointed at.

    Raises:
        CannotStart: both places were named, or the one named does not exist or holds no data.
        OutOfReach: AWS does not tell of the stack.
    """
    if stack is None:
        settings = settings_with(storage=Storage.LOCAL, data_dir=data_dir)
        existing_store(settings.data_dir)
        return settings
    if data_dir is not None:
        raise CannotStart("name --data-dir or --stack, not both")
    outputs = stack_of(stack).outputs
    try:
        return settings_with(storage=Storage.AWS, table_name=outputs["TableName"], bucket_name=outputs["BucketName"])
    except KeyError as error:
        raise CannotStart(f"the stack {stack!r} has no output {error}; is it one of RMOS?") from error


@contextmanager
def opened(data_dir: Path | None, stack: str | None) -> Iterator[Backend]:
    """Open the data that a command was pointed at, and close it again; errors as for `settings_of_place`."""
    settings = settings_of_place(data_dir, stack)
    with nullcontext() if stack is None else reaching():
        backend = open_configured(settings)
        try:
            yield backend
        finally:
            backend.close()


@contextmanager
def place_of_demo(data_dir: Path | None) -> Iterator[Backend]:
    """Open `data_dir`, made if need be, or a temporary folder that is gone afterwards."""
    with TemporaryDirectory(prefix="rmos-demo-") as temporary:
        backend = open_local(made_folder(data_dir or Path(temporary)))
        try:
            yield backend
        finally:
            backend.close()
