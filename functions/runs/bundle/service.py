"""The use case of bundles: a run with all that belongs to it, to be kept and checked without this system."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from importlib import resources
from typing import Final

from rmos.canonical import canonical_json, sha256_of_bytes
from rmos.errors import BlobCorrupt
from rmos.http.content import safe_filename
from rmos.runs import evidence_records, repository
from rmos.runs.models import RunView
from rmos.storage.at_once import at_once
from rmos.storage.backend import Backend
from rmos.storage.ports import Blob, BlobStore

from runs.bundle.models import Bundle, BundledFile, Manifest, Member
from runs.bundle.rules.packing import packed

_OWN: Final = ("README.txt", "verify.py")
_MANIFEST: Final = "manifest.json"


def bundle_of(stores: Backend, run_id: str) -> Bundle:
    """Return what a run's bundle holds; its bytes are not read yet.

    Raises:
        RunNotFound: no such run.
        Corrupt: the run or what was added to it does not match its digest.
        BlobCorrupt: an attachment is not there.
    """
    # Before the view: whatever an advisory points at was stored with it, and is in a view that is read later.
    advisories = [each.model_dump(mode="json") for each in evidence_records.all_advisories(stores.records, run_id)]
    view = repository.get_view(stores.records, run_id)
    given = {
        "artifact.json": repository.get_record(stores.records, run_id).body.encode(),
        "advisories.json": _json(advisories),
        "attachments.json": _json(each.model_dump(mode="json") for each in view.attachments),
        **{name: resources.files("runs.bundle.rules").joinpath(name).read_bytes() for name in _OWN},
    }
    members = [_in_memory(path, content) for path, content in given.items()]
    members += _stored(stores.blobs, _blobs_of(view))
    files = sorted((member.file for member in members), key=lambda file: file.path)
    manifest = Manifest(run_id=run_id, artifact_sha256=view.artifact_sha256, files=tuple(files))
    text = canonical_json(manifest.model_dump(mode="json"))
    ordered = sorted([*members, _in_memory(_MANIFEST, text)], key=lambda member: member.file.path)
    return Bundle(f"rmos-{safe_filename(run_id)}", sha256_of_bytes(text), tuple(ordered))


def pack(bundle: Bundle) -> Iterator[bytes]:
    """Yield the bundle as a zip archive; each attachment is verified whole before a byte of it goes out.

    Raises:
        BlobCorrupt: an attachment's bytes do not match their digest.
    """
    return packed(bundle.folder, bundle.members)


def _json(values: Iterable[object]) -> bytes:
    return json.dumps(list(values), ensure_ascii=False, indent=1).encode() + b"\n"


def _blobs_of(view: RunView) -> list[str]:
    preview = view.outputs.preview_svg_sha256
    named = [each.sha256 for each in view.attachments] + ([] if preview is None else [preview])
    return list(dict.fromkeys(named))


def _in_memory(path: str, content: bytes) -> Member:
    file = BundledFile(path=path, sha256=sha256_of_bytes(content), size_bytes=len(content))
    return Member(file, partial(io.BytesIO, content))


def _stored(blobs: BlobStore, digests: Sequence[str]) -> list[Member]:
    """Return the members of these blobs, in their order. Raises BlobCorrupt where one is gone."""
    found = at_once(blobs.stat, digests)
    return [_member(blobs, sha256, blob) for sha256, blob in zip(digests, found, strict=True)]


def _member(blobs: BlobStore, sha256: str, blob: Blob | None) -> Member:
    if blob is None:
        raise BlobCorrupt(sha256)
    file = BundledFile(path=f"attachments/{sha256}", sha256=sha256, size_bytes=blob.size_bytes)
    return Member(file, partial(blobs.open, sha256))
