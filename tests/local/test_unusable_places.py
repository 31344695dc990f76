"""Folders and files that a command cannot use: one line that names them, and exit code 2."""

import json
import shutil
import socket

import pytest
from rmos.identity import Role, create_token
from rmos.storage.backend import BLOBS_NAME, DATABASE_NAME

from local.hold import LOCK_NAME
from tests.support.commands import BOUND_BY_PERMISSIONS, rmos
from tests.support.template import ROOT


def said_of(answered):
    assert (answered.returncode, answered.stdout) == (2, ""), answered.stderr
    assert answered.stderr.count("\n") == 1
    assert answered.stderr.startswith("rmos: ")
    return answered.stderr


@pytest.fixture
def kept(data_dir, backend):
    """A data folder with a record."""
    create_token(backend.records, "someone", Role.VIEWER)
    return data_dir


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    assert str(tmp_path) in said_of(rmos("openapi", "--output", tmp_path))


def test_a_backup_beneath_a_file_is_refused(kept, tmp_path):
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in said_of(rmos("backup", tmp_path / "file" / "copy", "--data-dir", kept))


@pytest.mark.parametrize("command", [("backup", "copy"), ("gc",)])
def test_a_data_folder_that_cannot_be_held_is_named(kept, tmp_path, command):
    (kept / LOCK_NAME).mkdir()
    assert LOCK_NAME in said_of(rmos(*command, "--data-dir", kept, cwd=tmp_path))


def test_a_data_folder_that_is_a_file_is_said_to_be_one(tmp_path):
    (tmp_path / "file").touch()
    assert "is not a folder" in said_of(rmos("serve", "--data-dir", tmp_path / "file"))


def test_a_taken_port_is_told_with_the_way_to_another(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        said = said_of(rmos("serve", "--port", port, "--data-dir", tmp_path / "data"))
    assert port in said
    assert "--port" in said


@pytest.mark.parametrize(
    "command", [("token", "list"), ("fsck",), ("reindex",), ("gc",), ("redrive",), ("backup", "copy")]
)
def test_a_data_folder_that_may_not_be_written_is_refused(kept, backend, tmp_path, command):
    backend.close()
    kept.chmod(0o500)
    (kept / DATABASE_NAME).chmod(0o400)
    try:
        said_of(rmos(*command, "--data-dir", kept, cwd=tmp_path, through=BOUND_BY_PERMISSIONS))
    finally:
        kept.chmod(0o700)


@pytest.mark.parametrize("broken", [DATABASE_NAME, BLOBS_NAME])
def test_own_rows_that_cannot_be_read_are_no_verdict(kept, backend, broken):
    backend.close()
    if (kept / broken).is_dir():
        shutil.rmtree(kept / broken)
    (kept / broken).write_bytes(b"neither a database nor a folder" * 200)
    request = json.loads((ROOT / "docs/examples/classical-green.json").read_text())
    request["design"]["top_material_id"] = "own:cedar"
    told = rmos("evaluate", "-", "--data-dir", kept, stdin=json.dumps(request))
    assert (told.returncode, told.stdout) == (3, ""), told.stderr
    assert told.stderr.count("\n") == 1
