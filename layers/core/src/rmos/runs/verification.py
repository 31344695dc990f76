"""Whether a stored run is still what was recorded: every hash recomputed from the stored bytes."""

from collections.abc import Iterator, Sequence
from typing import Final

from rmos.canonical import Json, parsed, sha256_of_json
from rmos.errors import BlobCorrupt, Corrupt, NotFound
from rmos.models import StoredModel
from rmos.runs import evidence_records
from rmos.runs.models import HASHED_OUTPUTS, sha256_of_output
from rmos.runs.repository import get_record, line_at
from rmos.storage.ports import BlobStore, Entry, Record, RecordStore

DAMAGED: Final = "the stored bytes do not match their digest"
ABSENT: Final = "absent"
ANOTHER: Final = "not what the run's own record says"
"""What a check says in place of a digest that cannot be computed."""

_OUTSIDE_RESULT: Final = frozenset({"result_sha256", "request_id", "compute_ms"})


class Check(StoredModel):
    """One hash: as it was recorded, and as the stored bytes give it now.

    `record`, `index <name>`, `appended`, `explanation`, `advisory <id>` and `attachment <sha256>` are the store's own
    digests over what it holds of the run, of its line in each list, and of what was added to it; they have no text.
    """

    name: str
    ok: bool
    expected: str | None
    actual: str | None


class Verification(StoredModel):
    """`ok` when every check is."""

    ok: bool
    checks: tuple[Check, ...]


def verify_run(records: RecordStore, blobs: BlobStore, run_id: str) -> Verification:
    """Recompute every hash of a run and of all its attachments, and read its line in every list.

    A damaged record is an answer, not an error. An addition that no line leads to any more is not noticed here: only
    `rmos fsck`, which reads the whole store, names it.

    Raises:
        RunNotFound: no such run.
    """
    try:
        stored = get_record(records, run_id)
    except Corrupt:
        return _verification([_damaged("record")])
    hashes = artifact_checks(stored.body, blobs)
    lines = [_line(records, stored, entry) for entry in stored.entries]
    return _verification([_intact("record"), *hashes, *lines, *_added_checks(records, blobs, run_id)])


def verify_attachments(records: RecordStore, blobs: BlobStore, run_id: str) -> Verification:
    """Recompute the hash of every attachment, of those that are part of the artifact too; otherwise as `verify_run`."""
    try:
        stored = get_record(records, run_id)
    except Corrupt:
        return _verification([_damaged("record")])
    added = [check for check in _added_checks(records, blobs, run_id) if _is_of_attachments(check)]
    return _verification([*_attached_checks(_object(parsed(stored.body)), blobs), *added])


def artifact_checks(body: str, blobs: BlobStore) -> list[Check]:
    """Return the checks of every hash inside an artifact's stored text, and of the blobs that it names.

    They work on the text itself, not on today's model of it, so that fields of other versions count too.
    """
    artifact = _object(parsed(body))
    others = {name: value for name, value in artifact.items() if name != "artifact_sha256"}
    return [
        _compared("artifact_sha256", artifact.get("artifact_sha256"), sha256_of_json(others)),
        *_feasibility_checks(artifact),
        *_output_checks(artifact),
        *(_blob(sha256, blobs) for sha256 in _blobs_named(artifact)),
    ]


def _added_checks(records: RecordStore, blobs: BlobStore, run_id: str) -> list[Check]:
    """Return the checks of what was added: the list, each record on it, each attachment's bytes, the explanation."""
    try:
        keys = [line.key for line in evidence_records.lines(records, run_id)]
    except Corrupt as error:
        return [_damaged("appended"), _damaged(evidence_records.name_of(error.key))]
    checks = [_intact("appended")]
    for key in keys:
        checks.append(_record(records, key))
        if key.startswith(evidence_records.ATTACHMENT_PREFIX):
            checks.append(_blob(key.rpartition("/")[2], blobs))
    return [*checks, _record(records, evidence_records.explanation_key(run_id))]


def _record(records: RecordStore, key: str) -> Check:
    name = evidence_records.name_of(key)
    try:
        records.get([key])
    except Corrupt:
        return _damaged(name)
    return _intact(name)


def _line(records: RecordStore, run: Record, entry: Entry) -> Check:
    name = f"index {entry.index}"
    try:
        line = line_at(records, entry)
    except Corrupt:
        return _damaged(name)
    if line is None:
        return _failed(name, ABSENT)
    return _intact(name) if (line.key, line.head) == (run.key, run.head) else _failed(name, ANOTHER)


def _is_of_attachments(check: Check) -> bool:
    return check.name == "appended" or check.name.startswith(("attachment ", "blob "))


def _attached_checks(artifact: dict[str, Json], blobs: BlobStore) -> list[Check]:
    return [_blob(str(_object(each).get("sha256")), blobs) for each in _list(artifact.get("attachments"))]


def _blobs_named(artifact: dict[str, Json]) -> list[str]:
    attached = [_object(each).get("sha256") for each in _list(artifact.get("attachments"))]
    preview = _object(artifact.get("outputs")).get("preview_svg_sha256")
    return [str(sha256) for sha256 in (*attached, preview) if sha256 is not None]


def _feasibility_checks(artifact: dict[str, Json]) -> Iterator[Check]:
    feasibility = _object(artifact.get("feasibility"))
    recorded = _object(artifact.get("hashes")).get("feasibility_sha256")
    yield _compared("feasibility_sha256", recorded, sha256_of_json(feasibility))
    if "input_sha256" in feasibility:
        judged = {"design": artifact.get("design"), "context": artifact.get("context")}
        yield _compared("input_sha256", feasibility["input_sha256"], sha256_of_json(judged))
    if "result_sha256" in feasibility:
        found = {name: value for name, value in feasibility.items() if name not in _OUTSIDE_RESULT}
        yield _compared("result_sha256", feasibility["result_sha256"], sha256_of_json(found))


def _output_checks(artifact: dict[str, Json]) -> Iterator[Check]:
    hashes, outputs = _object(artifact.get("hashes")), _object(artifact.get("outputs"))
    for name, output in HASHED_OUTPUTS.items():
        expected, content = hashes.get(name), outputs.get(output)
        if content is not None:
            yield _compared(name, expected, sha256_of_output(content))
        elif expected is not None and expected not in _blobs_named(artifact):
            yield _compared(name, expected, ABSENT)


def _blob(sha256: str, blobs: BlobStore) -> Check:
    name = f"blob {sha256}"
    try:
        blobs.open(sha256).close()
    except NotFound:
        return _compared(name, sha256, ABSENT)
    except BlobCorrupt:
        return _compared(name, sha256, DAMAGED)
    return _compared(name, sha256, sha256)


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _compared(name: str, expected: Json, actual: str) -> Check:
    return Check(name=name, ok=expected == actual, expected=None if expected is None else str(expected), actual=actual)


def _intact(name: str) -> Check:
    return Check(name=name, ok=True, expected=None, actual=None)


def _damaged(name: str) -> Check:
    return _failed(name, DAMAGED)


def _failed(name: str, why: str) -> Check:
    return Check(name=name, ok=False, expected=None, actual=why)


def _verification(checks: Sequence[Check]) -> Verification:
    return Verification(ok=all(check.ok for check in checks), checks=tuple(checks))
