"""The nouns of what belongs to a run beside its artifact: attachments, advisories, and the explanation's state."""

from datetime import datetime
from enum import Enum
from typing import Final

from pydantic import Field

from rmos.models import Sha256, StoredModel, UtcTime

MAX_SUMMARY_CHARS: Final = 500


class Attachment(StoredModel):
    """A blob that belongs to a run; its type and name are this run's, the bytes may be shared."""

    sha256: Sha256
    kind: str
    filename: str
    media_type: str
    size_bytes: int
    created_at: UtcTime
    created_by: str | None = None
    request_id: str | None = None


class AdvisoryKind(Enum):
    EXPLANATION = "EXPLANATION"
    ADVISORY = "ADVISORY"
    NOTE = "NOTE"
    UNKNOWN = "UNKNOWN"


class AdvisoryInput(StoredModel):
    """A link to something a person or a model said about the run. It decides nothing."""

    advisory_id: str
    kind: AdvisoryKind
    created_at: UtcTime
    created_by: str | None = None
    request_id: str | None = None
    engine_id: str | None = None
    engine_version: str | None = None


class Advisory(AdvisoryInput):
    """The link with what stays out of the run's view for its length.

    `advisory_id` is the digest of an attachment where the text was stored with it. `prompt` is what was asked;
    `provider_request_id` and `usage` are what a provider said of its work.
    """

    prompt: str | None = None
    provider_request_id: str | None = None
    usage: dict[str, int] | None = None

    @property
    def link(self) -> AdvisoryInput:
        """What the run's view, lists and answers show of it."""
        return AdvisoryInput(**dict(self))

    def says_the_same(self, other: AdvisoryInput) -> bool:
        """Whether `other` is this advisory again, whoever sent it when."""
        return (self.kind, self.engine_id, self.engine_version) == (other.kind, other.engine_id, other.engine_version)


class ExplanationStatus(Enum):
    NONE = "NONE"
    PENDING = "PENDING"
    READY = "READY"
    ERROR = "ERROR"


class ExplanationError(StoredModel):
    """Why there is no explanation; `code` is for programs, `detail` for people."""

    code: str = Field(examples=["rate-limited", "refused", "outcome-unknown"])
    detail: str
    provider_request_id: str | None = None


class Explanation(StoredModel):
    """How the explanation of a run stands. `summary` is the beginning of the last one that was stored.

    `event_id` names the work that PENDING waits for; `claimed_until` is set once the provider may have been called, and
    says until when its answer can still come. A PENDING one is lost after `deadline_at`.
    """

    status: ExplanationStatus = ExplanationStatus.NONE
    summary: str | None = None
    error: ExplanationError | None = None
    event_id: str | None = None
    claimed_until: UtcTime | None = None
    deadline_at: UtcTime | None = None

    def is_waited_for(self, moment: datetime) -> bool:
        """Whether an engine is still to write it."""
        return self.status is ExplanationStatus.PENDING and (self.deadline_at is None or moment < self.deadline_at)


class Appended(StoredModel):
    """What was added to a run after it was recorded; empty until something is."""

    advisory_inputs: tuple[AdvisoryInput, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    explanation_status: ExplanationStatus = ExplanationStatus.NONE
    explanation_summary: str | None = None
    explanation_error: ExplanationError | None = None


def summary_of_text(text: str) -> str:
    """Return the beginning of a Markdown text without its headings, as one line of at most 500 characters."""
    words = " ".join(line.strip() for line in text.splitlines() if not line.startswith("#")).split()
    line = " ".join(words)
    return line if len(line) <= MAX_SUMMARY_CHARS else line[: MAX_SUMMARY_CHARS - 1] + "…"
