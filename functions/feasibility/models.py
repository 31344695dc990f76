"""What the feasibility area takes and shows besides the verdict itself."""

from typing import Generic, TypeVar

from pydantic import Field
from rmos.design.cutting import Mode
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.fields import FieldNeed
from rmos.feasibility.models import Category, Direction, FeasibilityInput, RiskLevel
from rmos.models import Id, StoredModel

Row = TypeVar("Row")


class EvaluateRequest(FeasibilityInput):
    """A design, how it is to be cut, and by which engine it is judged."""

    engine_id: Id | None = Field(default=None, description="One of `GET /engines`; the default one when absent")


class EnginePage(StoredModel):
    """The engines that may be asked for, and the one that judges when none is."""

    items: tuple[EngineInfo, ...]
    default_engine_id: Id


class CategoryInfo(StoredModel):
    """A dimension, its share of the score, and the rules that judge it."""

    category: Category
    weight: float
    rule_ids: tuple[str, ...]


class RiskLevelInfo(StoredModel):
    """What a colour means; blocking levels stop a run."""

    risk_level: RiskLevel
    meaning: str
    is_feasible: bool
    needs_review: bool


class RuleInfo(StoredModel):
    """One rule as a person reads it; `is_safety` marks those whose RED nothing overrides."""

    rule_id: str
    category: Category
    modes: tuple[Mode, ...]
    direction: Direction
    unit: str
    title: str
    limits: str
    hint: str
    sources: tuple[str, ...]
    confidence: float
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    is_safety: bool


class RulePage(StoredModel):
    ruleset_version: str
    items: tuple[RuleInfo, ...]


class FieldInfo(StoredModel):
    """One input: whether it must be given, what stands in for it, and which categories need it."""

    name: str
    need: FieldNeed
    unit: str
    text: str
    default: float | str | None
    categories: tuple[Category, ...]


class FieldPage(StoredModel):
    items: tuple[FieldInfo, ...]


class RowPage(StoredModel, Generic[Row]):
    """Reference rows, and the version of the table they stand in."""

    version: str
    items: tuple[Row, ...]
