"""G-code that is too long for a run's own record: an attachment that is part of the artifact from the start."""

import io
from datetime import datetime
from typing import Final

from rmos.canonical import sha256_of_bytes
from rmos.errors import BlobCorrupt, NotFound
from rmos.runs.evidence import Attachment
from rmos.runs.models import Outputs, RunArtifact
from rmos.storage.ports import BlobStore

MAX_INLINE_BYTES: Final = 204_800
KIND: Final = "GCODE"
FILENAME: Final = "program.nc"
MEDIA_TYPE: Final = "text/plain"


def set_apart(
    outputs: Outputs, created_at: datetime, created_by: str, request_id: str
) -> tuple[Outputs, tuple[Attachment, ...]]:
    """Return what of the outputs the record itself holds, and, of over 204,800 bytes of G-code, their attachment."""
    data = (outputs.gcode_text or "").encode()
    if len(data) <= MAX_INLINE_BYTES:
        return outputs, ()
    attachment = Attachment(
        sha256=sha256_of_bytes(data),
        kind=KIND,
        filename=FILENAME,
        media_type=MEDIA_TYPE,
        size_bytes=len(data),
        created_at=created_at,
        created_by=created_by,
        request_id=request_id,
    )
    return outputs.model_copy(update={"gcode_text": None}), (attachment,)


def keep(blobs: BlobStore, artifact: RunArtifact, gcode_text: str | None) -> None:
    """Store the G-code of a run that is about to be recorded, where its artifact names it as an attachment."""
    if gcode_text is not None and any(each.kind == KIND for each in artifact.attachments):
        blobs.put(io.BytesIO(gcode_text.encode()))


def restored(blobs: BlobStore, artifact: RunArtifact) -> RunArtifact:
    """Return a run with its G-code inside, wherever it was kept, as its input is read from.

    Raises:
        BlobCorrupt: the stored program is damaged, or gone though the run names it.
    """
    sha256 = artifact.hashes.gcode_sha256
    if artifact.outputs.gcode_text is not None or sha256 not in {each.sha256 for each in artifact.attachments}:
        return artifact
    try:
        with blobs.open(str(sha256)) as stream:
            gcode_text = stream.read().decode()
    except NotFound as error:
        raise BlobCorrupt(str(sha256)) from error
    return artifact.model_copy(update={"outputs": artifact.outputs.model_copy(update={"gcode_text": gcode_text})})
