"""A large file on its way to a run: what is announced, and where to send it."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field
from rmos.models import Sha256, StoredModel, UtcTime
from rmos.storage.ports import Blob

from runs.attachments.models import FileGiven

MAX_BYTES: Final = 1024**3
KEPT: Final = timedelta(hours=1)
"""How long an announced file may take to arrive and be confirmed."""


class UploadCreate(FileGiven):
    """A file as it is announced."""

    size_bytes: Annotated[int, Field(ge=1, le=MAX_BYTES)]
    sha256: Sha256

    @property
    def blob(self) -> Blob:
        return Blob(self.sha256, self.size_bytes)


class UploadSession(StoredModel):
    """An announced file, as it is kept until `expires_at`."""

    upload_id: str
    run_id: str
    kind: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: Sha256
    created_at: UtcTime
    created_by: str
    request_id: str
    expires_at: UtcTime

    @property
    def blob(self) -> Blob:
        return Blob(self.sha256, self.size_bytes)

    @property
    def file(self) -> FileGiven:
        return FileGiven(kind=self.kind, filename=self.filename, media_type=self.media_type)


class UploadTarget(StoredModel):
    """Where to send the bytes: one PUT of `url` with these headers, before `expires_at`.

    With `needs_token` the server itself takes them, and wants its token; a presigned URL must not be given one.
    """

    method: str = "PUT"
    url: str
    headers: dict[str, str]
    expires_at: UtcTime
    needs_token: bool


class Upload(UploadSession):
    """The session with where to send the bytes; reading it again gives a fresh place."""

    target: UploadTarget
