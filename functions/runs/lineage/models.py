"""Where a run comes from, what came of it, and what became of its verdict."""

from pydantic import Field
from rmos.models import Id, InputModel, StoredModel
from rmos.runs.models import RunSummary, RunView

from runs.models import RunDiff


class Lineage(StoredModel):
    """The runs before one and those that name it as their parent."""

    run_id: str
    ancestors: tuple[RunSummary, ...] = Field(description="The oldest first, its parent last")
    children: tuple[RunSummary, ...] = Field(description="The newest first")
    truncated: bool = Field(
        description="True when there are further ones: older ancestors than the 100 shown, or more children than the "
        "100 newest, which `GET /api/runs?parent_run_id=` lists"
    )


class ReplayRequest(InputModel):
    """How to judge again: by the default engine where none is named."""

    engine_id: Id | None = None


class Replay(StoredModel):
    """The new run, and how it differs from the one that was replayed (`a`)."""

    run: RunView
    diff: RunDiff
