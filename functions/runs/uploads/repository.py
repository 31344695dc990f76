"""Upload sessions as records, which expire by themselves."""

from typing import Final

from rmos.errors import NotFound
from rmos.storage.ports import Put, Record, RecordStore

from runs.uploads.models import UploadSession

PREFIX: Final = "run-upload/"


class UploadNotFound(NotFound):
    slug = "upload-not-found"
    title = "No such upload"

    def __init__(self, upload_id: str) -> None:
        super().__init__(f"there is no upload {upload_id!r} of this run, or its hour is over; announce the file again")


def create(session: UploadSession) -> Put:
    expires_at = int(session.expires_at.timestamp())
    return Put(Record(_key(session.run_id, session.upload_id), session.model_dump_json(), expires_at=expires_at))


def get(records: RecordStore, run_id: str, upload_id: str) -> UploadSession:
    """Return a session.

    Raises:
        UploadNotFound: this run has none of this id, or it has expired.
    """
    (record,) = records.get([_key(run_id, upload_id)])
    if record is None:
        raise UploadNotFound(upload_id)
    return UploadSession.model_validate_json(record.body)


def _key(run_id: str, upload_id: str) -> str:
    return f"{PREFIX}{run_id}/{upload_id}"
