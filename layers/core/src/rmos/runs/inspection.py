"""What a check of all that is stored asks of runs: which blobs they need, and whether their own hashes hold."""

from collections.abc import Iterable, Iterator

from rmos.fsck import References
from rmos.runs.evidence import Attachment
from rmos.runs.evidence_records import ATTACHMENT_PREFIX
from rmos.runs.models import RunArtifact
from rmos.runs.repository import RUN_PREFIX
from rmos.runs.verification import HashCheck, artifact_checks
from rmos.storage.ports import BlobStore, Record
from rmos.storage.scan import RecordScan


def broken_runs(records: RecordScan, blobs: BlobStore) -> Iterator[tuple[str, list[HashCheck]]]:
    """Yield the key of each undamaged run record whose hashes do not match its content, with the checks that failed.

    A record is damaged when its bytes changed under the store's digest; this finds what was changed together with it.
    """
    for scanned in records.records():
        if scanned.record is not None and scanned.key.startswith(RUN_PREFIX):
            failed = [check for check in artifact_checks(scanned.record.body, blobs) if not check.ok]
            if failed:
                yield scanned.key, failed


def _blobs_of_run(record: Record) -> Iterable[str]:
    artifact = RunArtifact.model_validate_json(record.body)
    preview = artifact.outputs.preview_svg_sha256
    return [*_digests(artifact.attachments), *([] if preview is None else [preview])]


def _blob_of_attachment(record: Record) -> Iterable[str]:
    return _digests([Attachment.model_validate_json(record.body)])


def _digests(attachments: Iterable[Attachment]) -> list[str]:
    return [attachment.sha256 for attachment in attachments]


BLOB_REFERENCES: References = {RUN_PREFIX: _blobs_of_run, ATTACHMENT_PREFIX: _blob_of_attachment}
