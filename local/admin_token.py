"""The first administrator: a token in a file that only the owner of the data can read."""

import os
from pathlib import Path

from rmos.identity import Role, create_token, list_tokens
from rmos.storage.ports import RecordStore

NAME = "first start"


def ensure_admin_token(data_dir: Path, records: RecordStore) -> Path:
    """Make DATA_DIR/admin.token (mode 0600) at the first start, and return its path.

    A start is the first while no token exists; later ones leave a file alone, and do not bring back one that
    was taken away. The file is made before the token, so an empty one tells of a start that was cut short.
    """
    path = data_dir / "admin.token"
    if _is_begun(path) or not list_tokens(records):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, 0o600)  # a file that was there before keeps its mode otherwise
            file.write(create_token(records, NAME, Role.ADMIN) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return path


def _is_begun(path: Path) -> bool:
    return path.exists() and path.stat().st_size == 0
