"""The number that every stored run carries: whether this program can read it."""

from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator

from rmos.errors import RmosError

SCHEMA_VERSION: Final = 1
"""It stays where fields are only added, which older readers ignore, and rises where they would misread a run."""


class RunTooNew(RmosError):
    """A newer RMOS wrote the run in a way that this one would misread."""

    slug = "run-too-new"
    title = "Run is newer than the program"


def _known(version: int) -> int:
    if version > SCHEMA_VERSION:
        raise RunTooNew(
            f"the run has schema_version {version}, this program knows up to {SCHEMA_VERSION}; start the newer program"
        )
    return version


SchemaVersion: TypeAlias = Annotated[int, AfterValidator(_known)]
"""The version of a stored run. Standing first in its model, it is checked before what this program would not know."""
