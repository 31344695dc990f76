"""What a client says of an advisory, and the pages of a run's advisories."""

from typing import Annotated

from pydantic import StringConstraints
from rmos.models import Id, InputModel, StoredModel, Worded
from rmos.runs.evidence import Advisory, AdvisoryKind

EngineVersion = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$"),
    Worded("a version is of letters, digits and signs of ASCII without spaces, at most 64"),
]


class AdvisoryAttach(InputModel):
    """A link to something a person or a model said about the run."""

    advisory_id: Id
    kind: AdvisoryKind
    engine_id: Id | None = None
    engine_version: EngineVersion | None = None


class AdvisoryPage(StoredModel):
    """Advisories in the order in which they were attached.

    A page is short where long prompts fill it, and has a `next_cursor` then; null ends the list.
    """

    items: tuple[Advisory, ...]
    next_cursor: str | None
