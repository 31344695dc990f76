"""Whether a stored run is still what was recorded: every hash recomputed from the stored bytes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rmos.canonical import Json, parsed, sha256_of_json
from rmos.errors import BlobCorrupt, Corrupt
from rmos.feasibility.models import OUTSIDE_RESULT_SHA256
from rmos.incidents import report_damage
from rmos.models import StoredModel
from rmos.runs import evidence_records
from rmos.runs.models import HASHED_OUTPUTS, sha256_of_output
from rmos.runs.repository import get_record, line_at
from rmos.runs.stored_blobs import ABSENT, DAMAGED, FoundBlob, NamedBlob, StoredBlobs
from rmos.storage.links import BlobLinks
from rmos.storage.ports import MAX_KEYS, BlobStore, Entry, Listed, Record, RecordStore

ANOTHER: Final = "not what the run's own record says"
"""What the check of a line says in place of a digest."""


class HashCheck(StoredModel):
    """One hash: as it was recorded, and as the stored bytes give it now.

    `record`, `index <name>`, `appended`, `explanation`, `advisory <id>` and `attachment <sha256>` are the store's own
    digests over what it holds of the run, of its line in each list, and of what was added to it; they have no text.
    `blob <sha256>` was read; `blob <sha256> (checksum kept by the store)` was compared with what S3 took of the bytes
    when they came and keeps with them.
    """

    name: str
    ok: bool
    expected: str | None
    actual: str | None


class Verification(StoredModel):
    """`ok` when every check is."""

    ok: bool
    checks: tuple[HashCheck, ...]


def verify_run(records: RecordStore, blobs: BlobStore, run_id: str, links: BlobLinks | None = None) -> Verification:
    """Recompute every hash of a run and of all its attachments, and read its line in every list.

    With `links` a function does so, which has no time to read everything: see `StoredBlobs`. A damaged record is an
    answer and an incident, not an error. An addition that no line leads to any more is not noticed here: only
    `rmos fsck`, which reads the whole store, names it.

    Raises:
        RunNotFound: no such run.
    """
    try:
        stored = get_record(records, run_id)
    except Corrupt:
        return _verification(run_id, [_damaged("record")])
    found = StoredBlobs(blobs, links)
    hashes = _artifact_checks(_object(parsed(stored.body)), found)
    lines = [_line(records, stored, entry) for entry in stored.entries]
    return _verification(run_id, [_intact("record"), *hashes, *lines, *_added_checks(records, found, run_id)])


def verify_attachments(
    records: RecordStore, blobs: BlobStore, run_id: str, links: BlobLinks | None = None
) -> Verification:
    """Recompute the hash of every attachment, of those that are part of the artifact too; otherwise as `verify_run`."""
    try:
        stored = get_record(records, run_id)
    except Corrupt:
        return _verification(run_id, [_damaged("record")])
    found = StoredBlobs(blobs, links)
    own = _blob_checks(_attached(_object(parsed(stored.body))), found)
    added = [check for check in _added_checks(records, found, run_id) if _is_of_attachments(check)]
    return _verification(run_id, [*own, *added])


def artifact_checks(body: str, blobs: BlobStore) -> list[HashCheck]:
    """Return the checks of every hash inside an artifact's stored text, and of the blobs that it names.

    They work on the text itself, not on today's model of it, so that fields of other versions count too.
    """
    return _artifact_checks(_object(parsed(body)), StoredBlobs(blobs, None))


def _artifact_checks(artifact: dict[str, Json], found: StoredBlobs) -> list[HashCheck]:
    others = {name: value for name, value in artifact.items() if name != "artifact_sha256"}
    return [
        _compared("artifact_sha256", artifact.get("artifact_sha256"), sha256_of_json(others)),
        *_feasibility_checks(artifact),
        *_output_checks(artifact),
        *_blob_checks(_blobs_named(artifact), found),
    ]


def _added_checks(records: RecordStore, found: StoredBlobs, run_id: str) -> list[HashCheck]:
    """Return the checks of what was added: the list, each record on it and the explanation, each attachment's bytes."""
    try:
        lines = list(evidence_records.lines(records, run_id))
    except Corrupt as error:
        return [_damaged("appended"), _damaged(evidence_records.name_of(error.key))]
    kept = _record_checks(records, [line.key for line in lines])
    explanation = _explanation(records, evidence_records.explanation_key(run_id))
    return [_intact("appended"), *kept, explanation, *_blob_checks(_added_blobs(lines), found)]


def _record_checks(records: RecordStore, keys: Sequence[str]) -> list[HashCheck]:
    """Return the check of each of these records, a hundred of which are read at once."""
    starts = range(0, len(keys), MAX_KEYS)
    return [check for start in starts for check in _checks_of(records, keys[start : start + MAX_KEYS])]


def _checks_of(records: RecordStore, keys: Sequence[str]) -> list[HashCheck]:
    names = [evidence_records.name_of(key) for key in keys]
    try:
        stored = records.get(keys)
    except Corrupt:
        if len(keys) == 1:
            return [_damaged(names[0])]
        return [check for key in keys for check in _checks_of(records, [key])]
    return [
        _intact(name) if record is not None else _failed(name, ABSENT)
        for name, record in zip(names, stored, strict=True)
    ]


def _explanation(records: RecordStore, key: str) -> HashCheck:
    """Return the check of the explanation's record, which a run need not have."""
    name = evidence_records.name_of(key)
    try:
        records.get([key])
    except Corrupt:
        return _damaged(name)
    return _intact(name)


def _line(records: RecordStore, run: Record, entry: Entry) -> HashCheck:
    name = f"index {entry.index}"
    try:
        line = line_at(records, entry)
    except Corrupt:
        return _damaged(name)
    if line is None:
        return _failed(name, ABSENT)
    return _intact(name) if (line.key, line.head) == (run.key, run.head) else _failed(name, ANOTHER)


def _is_of_attachments(check: HashCheck) -> bool:
    return check.name == "appended" or check.name.startswith(("attachment ", "blob "))


def _attached(artifact: dict[str, Json]) -> list[NamedBlob]:
    attachments = [_object(each) for each in _list(artifact.get("attachments"))]
    return [_named(str(each.get("sha256")), each) for each in attachments]


def _blobs_named(artifact: dict[str, Json]) -> list[NamedBlob]:
    preview = _object(artifact.get("outputs")).get("preview_svg_sha256")
    return _attached(artifact) + ([] if preview is None else [NamedBlob(str(preview), None)])


def _added_blobs(lines: Sequence[Listed]) -> list[NamedBlob]:
    attached = (line for line in lines if line.key.startswith(evidence_records.ATTACHMENT_PREFIX))
    return [_named(line.key.rpartition("/")[2], line.head) for line in attached]


def _named(sha256: str, attachment: Mapping[str, object]) -> NamedBlob:
    size_bytes = attachment.get("size_bytes")
    return NamedBlob(sha256, size_bytes if isinstance(size_bytes, int) else None)


def _feasibility_checks(artifact: dict[str, Json]) -> Iterator[HashCheck]:
    feasibility = _object(artifact.get("feasibility"))
    recorded = _object(artifact.get("hashes")).get("feasibility_sha256")
    yield _compared("feasibility_sha256", recorded, sha256_of_json(feasibility))
    if "input_sha256" in feasibility:
        judged = {"design": artifact.get("design"), "context": artifact.get("context")}
        yield _compared("input_sha256", feasibility["input_sha256"], sha256_of_json(judged))
    if "result_sha256" in feasibility:
        found = {name: value for name, value in feasibility.items() if name not in OUTSIDE_RESULT_SHA256}
        yield _compared("result_sha256", feasibility["result_sha256"], sha256_of_json(found))


def _output_checks(artifact: dict[str, Json]) -> Iterator[HashCheck]:
    hashes, outputs = _object(artifact.get("hashes")), _object(artifact.get("outputs"))
    for name, output in HASHED_OUTPUTS.items():
        expected, content = hashes.get(name), outputs.get(output)
        if content is not None:
            yield _compared(name, expected, sha256_of_output(content))
        elif expected is not None and expected not in {blob.sha256 for blob in _blobs_named(artifact)}:
            yield _compared(name, expected, ABSENT)


def _blob_checks(named: Sequence[NamedBlob], stored: StoredBlobs) -> list[HashCheck]:
    return [_compared(_name_of(found), found.sha256, found.actual) for found in stored.find(named)]


def _name_of(found: FoundBlob) -> str:
    return f"blob {found.sha256}" + ("" if found.is_read else " (checksum kept by the store)")


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _compared(name: str, expected: Json, actual: str) -> HashCheck:
    return HashCheck(
        name=name, ok=expected == actual, expected=None if expected is None else str(expected), actual=actual
    )


def _intact(name: str) -> HashCheck:
    return HashCheck(name=name, ok=True, expected=None, actual=None)


def _damaged(name: str) -> HashCheck:
    return _failed(name, DAMAGED)


def _failed(name: str, why: str) -> HashCheck:
    return HashCheck(name=name, ok=False, expected=None, actual=why)


def _verification(run_id: str, checks: Sequence[HashCheck]) -> Verification:
    for check in checks:
        if not check.ok:
            report_damage(_damage(run_id, check.name))
    return Verification(ok=all(check.ok for check in checks), checks=tuple(checks))


def _damage(run_id: str, name: str) -> Corrupt:
    noun, _, rest = name.partition(" ")
    return BlobCorrupt(rest.partition(" ")[0]) if noun == "blob" else Corrupt(f"run/{run_id} {name}")
