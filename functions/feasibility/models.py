"""What the feasibility area takes and shows besides the verdict itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema
from rmos.design.cutting import MAX_CUTS, Mode
from rmos.design.located import Located, refuse
from rmos.design.sized import Sized
from rmos.design.units import Count, Feed, SpindleSpeed
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.fields import FieldNeed
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Category, Direction, FeasibilityResponse, RiskLevel
from rmos.http.problems import ProblemDocument
from rmos.models import Id, InputModel, StoredModel

MAX_BATCH = 200
MAX_CELLS = 2_500
_ENGINE_ID = "One of `GET /engines`; the default one when absent"


class BatchItem(FeasibilityInput):
    """A design, how it is to be cut, and by which engine it is judged."""

    engine_id: Id | None = Field(default=None, description=_ENGINE_ID)


class EvaluateRequest(BatchItem):
    """A design, how it is to be cut, by which engine it is judged, and whether a way to GREEN is sought."""

    suggest: bool = Field(default=True, description="Whether to search for changes that make it better")


@dataclass(frozen=True, slots=True)
class InvalidItem:
    """An item of a batch that breaks rules: what pydantic found, and the item as it was sent."""

    errors: tuple[Mapping[str, Any], ...]
    sent: object


class _EachByItself:
    """Keeps an item that breaks rules as `InvalidItem`, instead of refusing the whole batch for it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_wrap_validator_function(_or_invalid, handler(source))


def _or_invalid(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError as error:
        return InvalidItem(tuple({**each} for each in error.errors()), value)


class BatchRequest(InputModel):
    """Up to 200 questions. One that breaks rules is answered with its own problem, the others with their results."""

    items: Annotated[tuple[Annotated[BatchItem, _EachByItself()], ...], Sized(1, MAX_BATCH)]


class BatchAnswer(StoredModel):
    """What became of one item: a result without suggestions, or a problem whose pointers start at the whole body."""

    index: int
    status: int = Field(description="What this item alone would have been answered with")
    result: FeasibilityResponse | None = None
    problem: ProblemDocument | None = None


class BatchPage(StoredModel):
    """One answer for each item, in their order."""

    items: tuple[BatchAnswer, ...]


Steps = Annotated[int, Field(ge=2, le=500, description="How many values, both ends included")]


class FeedAxis(InputModel):
    """Feeds from `min` to `max` in equal steps."""

    min: Annotated[Feed, Field(ge=0.1, le=100_000)]
    max: Annotated[Feed, Field(ge=0.1, le=100_000)]
    steps: Steps

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        _refuse_descent(self.min, self.max)
        return self


class SpeedAxis(InputModel):
    """Spindle speeds from `min` to `max` in equal steps."""

    min: Annotated[SpindleSpeed, Field(ge=1, le=300_000)]
    max: Annotated[SpindleSpeed, Field(ge=1, le=300_000)]
    steps: Steps

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        _refuse_descent(self.min, self.max)
        return self


def _refuse_descent(least: float, most: float) -> None:
    if least >= most:
        refuse("Axis", [Located(("max",), f"must be more than min ({least:g})")])


class MapRequest(BatchItem):
    """A request, one of its cuts (from 0), and the axes over which that cut is judged: 2,500 cells at most."""

    cut: Annotated[Count, Field(ge=0, lt=MAX_CUTS)] = 0
    feed_mm_per_min: FeedAxis
    spindle_rpm: SpeedAxis

    @model_validator(mode="after")
    def _is_a_map(self) -> Self:
        found: list[Located] = []
        count, cells = len(self.context.cuts), self.feed_mm_per_min.steps * self.spindle_rpm.steps
        if self.cut >= count:
            found.append(Located(("cut",), f"cuts are counted from 0, and {count - 1} is the last"))
        if cells > MAX_CELLS:
            found.append(Located(("feed_mm_per_min", "steps"), f"{cells:,} cells; a map has at most {MAX_CELLS:,}"))
        refuse("MapRequest", found)
        return self


class MapPoint(StoredModel):
    """Where the cut stands as it was sent, and how it is judged there."""

    feed_mm_per_min: float
    spindle_rpm: float
    risk_level: RiskLevel
    overall_score: float


class FeasibilityMap(StoredModel):
    """A cut over feed and speed. The grids have a row for each feed and in it a value for each speed, both ascending.

    `binding` is the category that stands worst in a cell.
    """

    engine_id: Id
    engine_version: str
    ruleset_version: str
    cut: int
    name: str | None
    feeds_mm_per_min: tuple[float, ...]
    spindle_rpms: tuple[float, ...]
    risk_levels: tuple[tuple[RiskLevel, ...], ...]
    scores: tuple[tuple[float, ...], ...]
    binding: tuple[tuple[Category | None, ...], ...]
    present: MapPoint | None = Field(description="Null where the cut has no feed or no speed")


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
    label: str
    need: FieldNeed
    unit: str
    text: str
    default: float | str | None
    categories: tuple[Category, ...]


class FieldPage(StoredModel):
    items: tuple[FieldInfo, ...]
