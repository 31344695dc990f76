import contextlib
import hashlib
import io
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rmos.errors import BlobCorrupt
from rmos.identity import Role
from rmos.runs import repository
from rmos.runs.evidence import Attachment
from rmos.runs.models import Outputs
from rmos.storage.backend import Backend
from runs.bundle import service
from runs.bundle.models import BundledFile, Member
from runs.bundle.rules import verify
from runs.bundle.rules.packing import packed

from tests.support.run_artifacts import NOON, an_artifact

PROGRAM = "G21 G90\nM3 S18000\nG0 Z5\nG1 Z-0.6 F500\nG3 I-44.5 F1500\n"
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


@pytest.fixture
def run(operator, green):
    """A run with outputs, a file and a note."""
    outputs = {"gcode_text": PROGRAM, "opplan_json": {"b": 1.5, "a": ["ä", 1e-7]}}
    made = operator.post("/api/runs", json=green | {"outputs": outputs, "label": "Nr. 14 — Ö"}).json()
    path = f"/api/runs/{made['run_id']}"
    attached = operator.post(
        f"{path}/attachments?kind=photo&filename=a%20b.png", content=PHOTO, headers={"Content-Type": "image/png"}
    )
    assert attached.status_code == 201, attached.text
    noted = operator.post(f"{path}/attach-advisory", json={"advisory_id": "note:1", "kind": "NOTE"})
    assert noted.status_code == 201, noted.text
    return made


@pytest.fixture
def bundle(operator, run):
    answer = operator.get(f"/api/runs/{run['run_id']}/bundle")
    assert answer.status_code == 200, answer.text
    return answer.content


def files(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {info.filename.partition("/")[2]: archive.read(info) for info in archive.infolist()}


def unpacked(content, folder):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    (root,) = Path(folder).iterdir()
    return root


def checked(*arguments):
    command = [sys.executable, "-I", "-S", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_bundle_holds_all_of_a_run_and_says_what(operator, run, bundle):
    found = files(bundle)
    digest = hashlib.sha256(PHOTO).hexdigest()
    assert set(found) == {
        "README.txt", "advisories.json", "artifact.json", f"attachments/{digest}", "attachments.json", "manifest.json",
        "verify.py",
    }  # fmt: skip
    assert json.loads(found["artifact.json"])["artifact_sha256"] == run["artifact_sha256"]
    assert found[f"attachments/{digest}"] == PHOTO
    assert [each["filename"] for each in json.loads(found["attachments.json"])] == ["a b.png"]
    assert [each["advisory_id"] for each in json.loads(found["advisories.json"])] == ["note:1"]
    manifest = json.loads(found.pop("manifest.json"))
    assert [file["path"] for file in manifest["files"]] == sorted(found)
    assert all(file["sha256"] == hashlib.sha256(found[file["path"]]).hexdigest() for file in manifest["files"])


def test_the_same_run_gives_the_same_bytes_until_something_is_added(operator, run, bundle):
    path = f"/api/runs/{run['run_id']}/bundle"
    again = operator.get(path)
    assert again.content == bundle
    assert again.headers["etag"].strip('"') == hashlib.sha256(files(bundle)["manifest.json"]).hexdigest()
    assert operator.get(path, headers={"If-None-Match": again.headers["etag"]}).status_code == 304
    note = {"advisory_id": "note:2", "kind": "NOTE"}
    assert operator.post(f"/api/runs/{run['run_id']}/attach-advisory", json=note).status_code == 201
    later = operator.get(path, headers={"If-None-Match": again.headers["etag"]})
    assert (later.status_code, later.content == bundle) == (200, False)
    assert later.headers["content-type"] == "application/zip"
    assert f'filename="rmos-{run["run_id"]}.zip"' in later.headers["content-disposition"]


def test_a_true_bundle_passes_its_own_program_packed_and_unpacked(tmp_path, bundle, run):
    root = unpacked(bundle, tmp_path / "out")
    packed = tmp_path / "bundle.zip"
    packed.write_bytes(bundle)
    for arguments in ([], [packed], ["--expect", run["artifact_sha256"]], [root]):
        answer = checked(root / "verify.py", *arguments)
        assert (answer.returncode, answer.stderr) == (0, ""), answer
        assert "all as recorded" in answer.stdout
    assert checked(root / "verify.py", "--expect", "0" * 64).returncode == 1
    manifest = hashlib.sha256((root / "manifest.json").read_bytes()).hexdigest()
    assert checked(root / "verify.py", packed, "--expect", manifest).returncode == 0


def rewrite(path, old, new):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def relist(root):
    """Make the manifest fit what is there, as somebody who knows how bundles are made would."""
    manifest = json.loads((root / "manifest.json").read_text())
    for file in manifest["files"]:
        content = (root / file["path"]).read_bytes()
        file |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    (root / "manifest.json").write_text(json.dumps(manifest))


TAMPERING = {
    "artifact": lambda root: rewrite(root / "artifact.json", b'"OK"', b'"ok"'),
    "advisory": lambda root: rewrite(root / "advisories.json", b"NOTE", b"note"),
    "attachment": lambda root: rewrite(next((root / "attachments").iterdir()), b"PNG", b"GNP"),
    "file added": lambda root: (root / "more.txt").write_text("more"),
    "file removed": lambda root: (root / "advisories.json").unlink(),
    "attachment removed": lambda root: next((root / "attachments").iterdir()).unlink(),
    "manifest": lambda root: rewrite(root / "manifest.json", b'"run_id":"run_', b'"run_id":"rum_'),
    "artifact and manifest": lambda root: (rewrite(root / "artifact.json", b'"OK"', b'"ok"'), relist(root)),
    "program and manifest": lambda root: (rewrite(root / "artifact.json", b"S18000", b"S19000"), relist(root)),
    "verdict and manifest": lambda root: (rewrite(root / "artifact.json", b'"score":', b'"Score":'), relist(root)),
    "attachment and manifest": lambda root: (TAMPERING["attachment"](root), relist(root)),
}


@pytest.mark.parametrize("which", TAMPERING)
def test_a_changed_bundle_fails(tmp_path, bundle, which):
    root = unpacked(bundle, tmp_path / "out")
    TAMPERING[which](root)
    answer = checked(root / "verify.py")
    assert (answer.returncode, answer.stderr) == (1, ""), answer
    assert "WRONG" in answer.stdout


def test_where_there_is_no_bundle_the_program_says_so(tmp_path, bundle):
    root = unpacked(bundle, tmp_path / "out")
    (tmp_path / "no.zip").write_bytes(b"PK")
    for path in (tmp_path / "no.zip", tmp_path / "absent", tmp_path):
        answer = checked(root / "verify.py", path)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith("no bundle: ")
    rewrite(root / "manifest.json", b'"path":"README.txt"', b'"path":"../../etc"')
    assert "outside the bundle" in checked(root / "verify.py").stderr


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_found_or_changes_nothing_that_was_packed(tmp_path, bundle, data):
    place = data.draw(st.integers(0, len(bundle) - 1))
    changed = bytearray(bundle)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "changed.zip"
    path.write_bytes(changed)
    said, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        code = verify.main([str(path)])
    assert code in {0, 1, 2}
    if code == 0:
        assert files(bytes(changed)) == files(bundle)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4),
)  # fmt: skip


@settings(max_examples=400)
@given(json_values)
def test_its_canonical_json_is_that_of_rfc_8785(value):
    assert verify.canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "number",
    [0.0, -0.0, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 1.5e-7, 5e-324, 1.7976931348623157e308, -2.5, 100.0],
)
def test_its_numbers_are_those_of_rfc_8785(number):
    assert verify.canonical(number).encode() == rfc8785.dumps(number)


def answering_two_at_once(blobs, name):
    """Return `blobs`, whose calls of this name are answered only when two are made at the same moment."""
    meeting = threading.Barrier(2, timeout=20)

    def meet(sha256):
        meeting.wait()
        return getattr(blobs, name)(sha256)

    return SimpleNamespace(**{"open": blobs.open, "stat": blobs.stat, name: meet})


def test_many_attachments_are_looked_up_several_at_once(stores, operator, run):
    path = f"/api/runs/{run['run_id']}/attachments?kind=photo&filename=b.png"
    assert operator.post(path, content=b"another").status_code == 201
    slow = Backend(stores.records, answering_two_at_once(stores.blobs, "stat"))
    assert (
        service.bundle_of(slow, run["run_id"]).manifest_sha256
        == service.bundle_of(stores, run["run_id"]).manifest_sha256
    )


def test_attachments_are_opened_several_at_once_and_packed_in_their_order(stores, operator, run):
    path = f"/api/runs/{run['run_id']}/attachments?kind=photo&filename=b.png"
    assert operator.post(path, content=b"another").status_code == 201
    slow = Backend(stores.records, answering_two_at_once(stores.blobs, "open"))
    assert b"".join(service.pack(service.bundle_of(slow, run["run_id"]))) == b"".join(
        service.pack(service.bundle_of(stores, run["run_id"]))
    )


def test_what_was_opened_ahead_is_closed_when_nobody_reads_on(stores, operator, run):
    opened = []

    class Noting:
        stat = stores.blobs.stat

        def open(self, sha256):
            opened.append(stores.blobs.open(sha256))
            return opened[-1]

    pieces = service.pack(service.bundle_of(Backend(stores.records, Noting()), run["run_id"]))
    next(pieces)
    pieces.close()
    assert all(stream.closed for stream in opened)


def test_a_text_that_is_added_meanwhile_is_bundled_with_its_advisory_or_not_at_all(stores, operator, run):
    class AddingRecords:
        """Records to which an explanation is added behind the first list that is read."""

        get = stores.records.get
        is_added = False

        def query(self, *bounds):
            page = stores.records.query(*bounds)
            if not self.is_added:
                self.is_added = True
                assert operator.post(f"/api/runs/{run['run_id']}/suggest-and-attach", json={}).status_code == 201
            return page

    bundle = service.bundle_of(Backend(AddingRecords(), stores.blobs), run["run_id"])
    content = {member.file.path: member for member in bundle.members}
    advisories = json.loads(content["advisories.json"].open().read())
    for advisory in advisories:
        assert advisory["engine_id"] is None or f"attachments/{advisory['advisory_id']}" in content


def test_a_damaged_attachment_is_not_packed(stores, operator, run, tmp_path):
    digest = hashlib.sha256(PHOTO).hexdigest()
    (blob,) = (tmp_path / "data" / "blobs").rglob(digest)
    blob.chmod(0o600)
    rewrite(blob, b"PNG", b"GNP")
    with pytest.raises(BlobCorrupt):
        list(service.pack(service.bundle_of(stores, run["run_id"])))
    blob.unlink()
    answer = operator.get(f"/api/runs/{run['run_id']}/bundle")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:rmos:problem:blob-corrupt")


def test_a_large_attachment_passes_in_pieces(stores):
    blob = stores.blobs.put(io.BytesIO(b"x" * 20_000_000))
    file = BundledFile(path="large", sha256=blob.sha256, size_bytes=blob.size_bytes)
    pieces = packed("f", [Member(file, lambda: stores.blobs.open(blob.sha256))])
    assert max(len(piece) for piece in pieces) < 2_000_000


def test_a_bundle_is_for_viewers_and_of_runs_that_exist(as_role, run):
    viewer = as_role(Role.VIEWER)
    assert viewer.get(f"/api/runs/{run['run_id']}/bundle").status_code == 200
    assert viewer.get("/api/runs/run_0/bundle").status_code == 404


def test_a_bundle_holds_long_gcode_as_a_file_and_misses_it(operator, green, tmp_path):
    text = PROGRAM + "(lap)\n" * 40_000
    made = operator.post("/api/runs", json=green | {"outputs": {"gcode_text": text}})
    root = unpacked(operator.get(f"{made.headers['location']}/bundle").content, tmp_path / "out")
    (file,) = (root / "attachments").iterdir()
    assert file.read_text() == text
    assert checked(root / "verify.py").returncode == 0
    file.unlink()
    answer = checked(root / "verify.py")
    assert answer.returncode == 1
    assert "gcode_sha256" in answer.stdout


def test_a_bundle_holds_the_picture_that_an_import_brought_along(stores, operator, tmp_path):
    picture = stores.blobs.put(io.BytesIO(b"<svg/>")).sha256
    imported = an_artifact(outputs=Outputs(preview_svg_sha256=picture))
    stores.records.commit([repository.create(imported)])
    root = unpacked(operator.get(f"/api/runs/{imported.run_id}/bundle").content, tmp_path / "out")
    assert (root / "attachments" / picture).read_bytes() == b"<svg/>"
    assert checked(root / "verify.py").returncode == 0


def test_a_file_of_the_artifact_is_missed_though_the_manifest_was_made_to_fit(stores, operator, tmp_path):
    blob = stores.blobs.put(io.BytesIO(PHOTO))
    photo = Attachment(
        sha256=blob.sha256,
        kind="PHOTO",
        filename="a.png",
        media_type="image/png",
        size_bytes=len(PHOTO),
        created_at=NOON,
    )
    imported = an_artifact(attachments=(photo,))
    stores.records.commit([repository.create(imported)])
    root = unpacked(operator.get(f"/api/runs/{imported.run_id}/bundle").content, tmp_path / "out")
    assert checked(root / "verify.py").returncode == 0
    (root / "attachments" / blob.sha256).unlink()
    manifest = json.loads((root / "manifest.json").read_text())
    manifest["files"] = [file for file in manifest["files"] if not file["path"].startswith("attachments/")]
    (root / "manifest.json").write_text(json.dumps(manifest))
    answer = checked(root / "verify.py")
    assert (answer.returncode, f"WRONG  attachments/{blob.sha256} is here" in answer.stdout) == (1, True)


def test_a_bundle_of_a_run_with_nothing_added_passes_too(operator, run_id, tmp_path):
    answer = operator.get(f"/api/runs/{run_id}/bundle")
    root = unpacked(answer.content, tmp_path / "out")
    assert checked(root / "verify.py").returncode == 0
    shutil.rmtree(root)
