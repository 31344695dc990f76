"""One byte changed on disk, anywhere it matters: a read, `verify` and `fsck` say so, and the bytes are not served."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import open_local

from local.app import app_of
from tests.support.commands import rmos
from tests.support.disk import unguarded

GREEN = json.loads((Path(__file__).parents[2] / "docs/examples/classical-green.json").read_text())


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def client(data_dir):
    backend = open_local(data_dir)
    token = create_token(backend.records, "operator", Role.OPERATOR)
    with TestClient(app_of(backend, Settings()), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client
    backend.close()


def record(client, **more):
    answer = client.post("/api/runs", json=GREEN | more)
    assert answer.status_code == 201, answer.text
    return answer.json()["run_id"]


def columns_of(database):
    with closing(sqlite3.connect(database)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(records)")]


def alter(data_dir, run_id, column):
    """Change one byte in the middle of one column of a run's row, behind the triggers that forbid it."""
    with unguarded(data_dir / "rmos.sqlite3") as connection:
        key = f"run/{run_id}"
        (before,) = connection.execute(f"SELECT {column} FROM records WHERE key = ?", (key,)).fetchone()
        raw = bytearray(before.encode() if isinstance(before, str) else before)
        raw[len(raw) // 2] ^= 1
        after = raw.decode(errors="replace") if isinstance(before, str) else bytes(raw)
        connection.execute(f"UPDATE records SET {column} = ? WHERE key = ?", (after, key))


def assert_everybody_says_so(client, data_dir, run_id):
    read = client.get(f"/api/runs/{run_id}")
    verified = client.get(f"/api/runs/{run_id}/verify")
    checked = rmos("fsck", "--data-dir", data_dir)

    assert read.status_code == 500
    assert read.headers["Content-Type"] == "application/problem+json"
    assert read.json()["type"] in ("urn:rmos:problem:record-corrupt", "urn:rmos:problem:blob-corrupt")
    assert (verified.status_code, verified.json()["ok"]) == (200, False)
    assert checked.returncode == 1
    assert "damaged" in checked.stdout


@pytest.mark.parametrize("column", ["body", "head", "digest"])
def test_an_altered_record_is_noticed_and_not_served(client, data_dir, column):
    other, run_id = record(client, label="other"), record(client, label="altered")
    assert column in columns_of(data_dir / "rmos.sqlite3")

    alter(data_dir, run_id, column)

    assert_everybody_says_so(client, data_dir, run_id)
    assert client.get(f"/api/runs/{other}").status_code == 200


def test_an_altered_line_of_a_list_is_noticed_and_not_served(client, data_dir):
    run_id = record(client, label="altered")

    alter(data_dir, run_id, "head")

    assert client.get("/api/runs").status_code == 500


@pytest.mark.parametrize("place", [0, -1])
def test_an_altered_blob_is_noticed_and_not_served(client, data_dir, place):
    run_id = record(client, notes="n" * 9_000, outputs={"opplan_json": {"steps": ["x" * 1_000] * 300}})
    (blob,) = [path for path in (data_dir / "blobs").rglob("*") if path.is_file() and len(path.name) == 64]
    raw = bytearray(blob.read_bytes())
    raw[place] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(raw)

    assert_everybody_says_so(client, data_dir, run_id)


def test_a_blob_that_is_gone_is_noticed(client, data_dir):
    run_id = record(client, outputs={"opplan_json": {"steps": ["x" * 1_000] * 300}})
    (blob,) = [path for path in (data_dir / "blobs").rglob("*") if path.is_file() and len(path.name) == 64]
    blob.unlink()

    assert_everybody_says_so(client, data_dir, run_id)


def test_an_untouched_store_is_all_intact(client, data_dir):
    record(client)
    record(client, outputs={"opplan_json": {"steps": ["x" * 1_000] * 300}})

    checked = rmos("fsck", "--data-dir", data_dir)

    assert checked.returncode == 0, checked.stdout
    assert "all intact" in checked.stdout


def test_indexes_are_built_anew(client, data_dir):
    run_id = record(client)
    with closing(sqlite3.connect(data_dir / "rmos.sqlite3", isolation_level=None)) as connection:
        connection.execute("DELETE FROM entries WHERE key = ?", (f"run/{run_id}",))
    narrow = rmos("fsck", "--data-dir", data_dir, env={"COLUMNS": "60"})
    assert narrow.returncode == 1
    assert f"run/{run_id}" in narrow.stdout, "whoever reads a pipe gets whole names"
    assert client.get("/api/runs").json()["items"] == []

    rebuilt = rmos("reindex", "--data-dir", data_dir)

    assert rebuilt.returncode == 0
    assert [item["run_id"] for item in client.get("/api/runs").json()["items"]] == [run_id]
    assert rmos("fsck", "--data-dir", data_dir).returncode == 0


def test_a_database_that_is_none_is_damage(data_dir):
    data_dir.mkdir()
    (data_dir / "rmos.sqlite3").write_bytes(b"no database" * 1_000)

    checked = rmos("fsck", "--data-dir", data_dir)

    assert checked.returncode == 1
    assert checked.stderr == "damaged: the database file cannot be opened\n"
