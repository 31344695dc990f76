"""What is asked when an explanation is wanted or given, and how the run's explanation then stands."""

from enum import Enum
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from rmos.models import Id, InputModel, Note, Sha256, StoredModel, UtcTime
from rmos.runs.evidence import AdvisoryKind, ExplanationError, ExplanationStatus


class EngineId(Enum):
    """Who can write an explanation."""

    RULES = "rules_v1"
    OPENAI = "openai"


Markdown = Annotated[str, StringConstraints(min_length=1, max_length=500_000)]


class Suggest(InputModel):
    """Either a text to keep, or none: then an engine writes the explanation."""

    generate_explanation: bool | None = Field(
        default=None, description="false asks for a text of your own in this very request"
    )
    kind: AdvisoryKind = AdvisoryKind.EXPLANATION
    prompt: Note | None = Field(
        default=None, description="What was asked, kept with the text. Engines are given the run and nothing else."
    )
    advisory_markdown: Markdown | None = None
    advisory_json: dict[str, JsonValue] | list[JsonValue] | None = None
    engine_id: Id | None = Field(
        default=None, description="rules_v1 (the default) or openai to write; with a text of your own, what wrote it"
    )

    @property
    def is_given(self) -> bool:
        return self.advisory_markdown is not None or self.advisory_json is not None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if self.advisory_markdown is not None and self.advisory_json is not None:
            raise _refused("send advisory_markdown or advisory_json, not both")
        if not self.is_given and self.generate_explanation is False:
            raise _refused("send advisory_markdown or advisory_json, or let an engine write by generate_explanation")
        if not self.is_given and self.kind is not AdvisoryKind.EXPLANATION:
            raise _refused("an engine writes an EXPLANATION; send the text of any other kind along")
        return self


class Asked(StoredModel):
    """An explanation that openai is to write, as its event carries it."""

    event_id: str
    run_id: str
    created_at: UtcTime
    created_by: str
    request_id: str
    prompt: str | None = None


class Suggested(StoredModel):
    """How the explanation of the run stands now; `advisory_sha256` is the stored text's digest, null while queued."""

    run_id: str
    advisory_sha256: Sha256 | None
    engine_id: str | None
    explanation_status: ExplanationStatus
    explanation_summary: str | None
    explanation_error: ExplanationError | None = None


def _refused(reason: str) -> PydanticCustomError:
    return PydanticCustomError("one_source", reason)
