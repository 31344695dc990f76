"""The manifest of a bundle: what is in it, so that it can be checked without this system."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from rmos.models import Sha256, StoredModel

SCHEMA_VERSION = 1


class BundledFile(StoredModel):
    """One file of a bundle."""

    path: str
    sha256: Sha256
    size_bytes: int


class Manifest(StoredModel):
    """Every file of a bundle but the manifest itself, by path."""

    schema_version: int = SCHEMA_VERSION
    run_id: str
    artifact_sha256: Sha256
    files: tuple[BundledFile, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A file to pack; its bytes are opened when its turn comes."""

    file: BundledFile
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that is packed, in the order of its paths, under one folder."""

    folder: str
    manifest_sha256: Sha256
    members: tuple[Member, ...]

    @property
    def size_bytes(self) -> int:
        """Of all its files; the archive has some more."""
        return sum(member.file.size_bytes for member in self.members)
