"""`rmos gc`, `rmos backup` and `rmos restore`, as a person runs them."""

import io
import os
import subprocess
import time

import pytest
from rmos.identity import Role, create_token, list_tokens
from rmos.storage.backend import open_local

from local.garbage import KEPT_S
from local.hold import Hold, held
from tests.support.commands import RMOS, rmos


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def stores(data_dir):
    opened = open_local(data_dir)
    create_token(opened.records, "someone", Role.VIEWER)
    yield opened
    opened.close()


def orphan(stores, data_dir, content, age_s):
    sha256 = stores.blobs.put(io.BytesIO(content)).sha256
    path = data_dir / "blobs" / sha256[:2] / sha256[2:4] / sha256
    os.utime(path, times=(time.time() - age_s,) * 2)
    return path


def demo(data_dir):
    told = rmos("demo", "--data-dir", data_dir)
    assert told.returncode == 0, told.stdout + told.stderr


def test_gc_lists_old_orphans_and_removes_them_only_when_told(stores, data_dir):
    old, young = orphan(stores, data_dir, b"old", KEPT_S + 60), orphan(stores, data_dir, b"young", KEPT_S - 600)
    listed = rmos("gc", "--data-dir", data_dir)
    assert listed.returncode == 0, listed.stderr
    assert old.name in listed.stdout
    assert young.name not in listed.stdout
    assert old.exists()
    assert rmos("gc", "--yes", "--data-dir", data_dir).returncode == 0
    assert (old.exists(), young.exists()) == (False, True)
    assert rmos("fsck", "--data-dir", data_dir).returncode == 0


@pytest.mark.parametrize("both", [("--yes", "--dry-run"), ("--dry-run", "--yes")])
def test_gc_told_to_remove_and_not_to_removes_nothing(stores, data_dir, both):
    old = orphan(stores, data_dir, b"old", KEPT_S + 60)
    refused = rmos("gc", *both, "--data-dir", data_dir)
    assert (refused.returncode, old.exists()) == (2, True)
    assert rmos("gc", "--dry-run", "--data-dir", data_dir).returncode == 0
    assert old.exists()


def test_gc_says_whether_it_removed_anything(stores, data_dir):
    orphan(stores, data_dir, b"old", KEPT_S + 60)
    assert "1 file, 3 bytes: remove with --yes" in rmos("gc", "--data-dir", data_dir).stdout
    assert "1 file, 3 bytes: removed" in rmos("gc", "--yes", "--data-dir", data_dir).stdout
    assert "nothing to remove" in rmos("gc", "--yes", "--data-dir", data_dir).stdout


def test_gc_keeps_every_blob_that_a_record_needs(data_dir):
    demo(data_dir)
    blobs = [path for path in (data_dir / "blobs").rglob("*") if path.is_file()]
    for path in blobs:
        os.utime(path, times=(0, 0))
    assert rmos("gc", "--yes", "--data-dir", data_dir).returncode == 0
    assert rmos("fsck", "--data-dir", data_dir).returncode == 0


def test_gc_throws_nothing_away_from_a_damaged_store(stores, data_dir):
    old = orphan(stores, data_dir, b"old", KEPT_S + 60)
    orphan(stores, data_dir, b"altered", 0).write_bytes(b"other")
    refused = rmos("gc", "--yes", "--data-dir", data_dir)
    assert refused.returncode == 2
    assert "damaged" in refused.stderr
    assert old.exists()


def test_gc_needs_the_folder_alone(stores, data_dir):
    with held(data_dir, Hold.SHARED):
        refused = rmos("gc", "--yes", "--data-dir", data_dir)
    assert refused.returncode == 2
    assert "stop the server" in refused.stderr


def test_a_backup_made_while_the_store_is_open_restores_to_the_same(stores, data_dir, tmp_path):
    demo(data_dir)
    with held(data_dir, Hold.SHARED):
        made = rmos("backup", tmp_path / "backup", "--data-dir", data_dir)
    assert made.returncode == 0, made.stderr
    restored = rmos("restore", tmp_path / "backup", "--data-dir", tmp_path / "again")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    again = open_local(tmp_path / "again")
    names = [token.name for token in list_tokens(again.records)]
    again.close()
    assert "someone" in names
    assert not (tmp_path / "again/admin.token").exists()


@pytest.mark.parametrize("place", ["blob", "database"])
def test_a_damaged_backup_is_not_put_in_place(stores, data_dir, tmp_path, place):
    stores.blobs.put(io.BytesIO(b"x" * 100_000))
    rmos("backup", tmp_path / "backup", "--data-dir", data_dir)
    if place == "blob":
        (path,) = [path for path in (tmp_path / "backup/blobs").rglob("*") if path.is_file()]
        path.write_bytes(b"y" * 100_000)
    else:
        path = tmp_path / "backup/rmos.sqlite3"
        path.write_bytes(path.read_bytes().replace(b"someone", b"nobody!"))
    refused = rmos("restore", tmp_path / "backup", "--data-dir", tmp_path / "again")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert not (tmp_path / "again").exists()


def short_of_room(*arguments):
    """Run `rmos` where no file may grow beyond 8 blocks, as on a full disk."""
    return subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 8; exec "$@"', "sh", RMOS, *arguments],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_copy_that_finds_no_room_is_refused_in_one_line_and_leaves_nothing(stores, data_dir, tmp_path):
    stores.blobs.put(io.BytesIO(b"x" * 100_000))
    rmos("backup", tmp_path / "backup", "--data-dir", data_dir)
    before = set(tmp_path.iterdir())
    for command in (
        ("backup", tmp_path / "another", "--data-dir", data_dir),
        ("restore", tmp_path / "backup", "--data-dir", tmp_path / "again"),
    ):
        refused = short_of_room(*command)
        assert (refused.returncode, refused.stdout) == (2, ""), refused.stderr
        assert refused.stderr.count("\n") == 1
    assert set(tmp_path.iterdir()) == before


def test_nothing_is_written_over(stores, data_dir, tmp_path):
    (tmp_path / "there").mkdir()
    assert rmos("backup", tmp_path / "there", "--data-dir", data_dir).returncode == 2
    rmos("backup", tmp_path / "backup", "--data-dir", data_dir)
    refused = rmos("restore", tmp_path / "backup", "--data-dir", data_dir)
    assert (refused.returncode, "not empty" in refused.stderr) == (2, True)
    assert rmos("restore", tmp_path / "there", "--data-dir", tmp_path / "again").returncode == 2
