"""What a client says of a file, and the pages of a run's attachments."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints
from rmos.models import InputModel, StoredModel, Worded
from rmos.runs.evidence import Attachment

MAX_INLINE_BYTES: Final = 4_194_304
OCTETS: Final = "application/octet-stream"

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;\s*[\x20-\x7e]*)?", re.ASCII)


def _media_type(text: str) -> str:
    if _MEDIA_TYPE.fullmatch(text) is None:
        raise ValueError("a media type, for example image/png or text/plain; charset=utf-8")
    return text


AttachmentKind = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$"),
    Worded("a kind is of letters, digits and . _ : - without spaces, at most 64"),
    Field(description="What it is of the run, in a word of yours", examples=["PHOTO", "GCODE", "DRAWING"]),
]
Filename = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255),
    Field(description="Kept without folders, control, direction and quoting characters", examples=["setup.jpg"]),
]
MediaType = Annotated[str, StringConstraints(max_length=100), AfterValidator(_media_type)]


class FileGiven(InputModel):
    """A file's place in its run."""

    kind: AttachmentKind
    filename: Filename
    media_type: MediaType = OCTETS


class AttachmentPage(StoredModel):
    """Attachments in the order in which they were added, those that are part of the artifact first."""

    items: tuple[Attachment, ...]
    next_cursor: str | None
