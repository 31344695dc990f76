"""What a feasibility engine is."""

from typing import Annotated, Protocol, runtime_checkable

from pydantic import Field

from rmos.feasibility.models import CutResult, Verdict
from rmos.feasibility.resolution import Resolved
from rmos.models import Id, StoredModel


class EngineInfo(StoredModel):
    """Which engine: its id, its version (semver), what it does and which rules it applies."""

    id: Id
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    description: str
    ruleset_version: str


class FeasibilityEngine(Protocol):
    """Judges a request whose ids have been looked up.

    Pure: the same request gives the same verdict; no clock, no chance, no store. An exception becomes a result with
    risk_level ERROR.
    """

    @property
    def info(self) -> EngineInfo: ...

    def evaluate(self, resolved: Resolved) -> Verdict: ...


@runtime_checkable
class CutJudge(Protocol):
    """An engine that can judge one cut alone, which maps and suggestions then ask of it instead of whole verdicts."""

    def evaluate_cut(self, resolved: Resolved, index: int) -> CutResult:
        """Return what `evaluate` would say of cut `index`."""
        ...
