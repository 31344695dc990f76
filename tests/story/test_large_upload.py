"""A film of 200 MB goes to a run and comes back, and the server does not grow by it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.one_machine import one_machine
from tests.support.procs import free_port

GREEN = (Path(__file__).parents[2] / "docs/examples/classical-green.json").read_bytes()
CHUNK = hashlib.sha256(b"a frame").digest() * 32_768
CHUNKS = 200
SIZE_BYTES = len(CHUNK) * CHUNKS
ROOM_BYTES = 40_000_000


def film() -> Iterator[bytes]:
    for _ in range(CHUNKS):
        yield CHUNK


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had at once."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024


@pytest.mark.slow
def test_a_file_of_200_megabytes_goes_up_and_comes_back_in_flat_memory(tmp_path: Path) -> None:
    digest = hashlib.sha256()
    for chunk in film():
        digest.update(chunk)
    with one_machine(tmp_path / "data", free_port()) as server:
        pid = server.running.popen.pid
        with httpx2.Client(base_url=server.url, headers=server.admin, timeout=120) as client:
            created = client.post("/api/runs", content=GREEN, headers={"Content-Type": "application/json"})
            path = created.headers["location"]
            file = {"kind": "FILM", "filename": "film.mp4", "size_bytes": SIZE_BYTES, "sha256": digest.hexdigest()}
            announced = client.post(f"{path}/attachments/uploads", json=file)
            assert announced.status_code == 201, announced.text
            before = peak_bytes(pid)

            assert client.put(announced.json()["target"]["url"], content=film()).status_code == 204
            confirmed = client.post(f"{announced.headers['location']}/confirm")
            assert (confirmed.status_code, confirmed.json()["size_bytes"]) == (201, SIZE_BYTES)
            assert hashed(client, confirmed.headers["location"]) == (digest.hexdigest(), SIZE_BYTES)
            bundled = hashed(client, f"{path}/bundle")[1]
            assert client.get(f"{path}/verify").json()["ok"] is True

            assert SIZE_BYTES > 200_000_000
            assert bundled > SIZE_BYTES
            assert peak_bytes(pid) - before < ROOM_BYTES


def hashed(client: httpx2.Client, path: str) -> tuple[str, int]:
    """Return the digest and the size of what `path` answers."""
    digest, size_bytes = hashlib.sha256(), 0
    with client.stream("GET", path) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_bytes():
            digest.update(chunk)
            size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes
