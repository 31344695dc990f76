"""What a feasibility engine answers: each category of each cut, what binds, and where the verdict comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NotRequired, Self, TypeAlias

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, PrivateAttr, WithJsonSchema, with_config
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict  # pydantic reads typing's only from Python 3.12

from rmos.design.cutting import Mode, Target
from rmos.design.library import HazardKind
from rmos.design.text_enum import TextEnum
from rmos.feasibility.inputs import ResolvedContext
from rmos.models import Id, Sha256, StoredModel


class RiskLevel(TextEnum):
    """How a cut stands; UNKNOWN (something required is missing) and ERROR block like RED."""

    severity: int
    """The place in the order in which the worst of several levels is found."""

    def __new__(cls, value: str, severity: int) -> Self:
        level = str.__new__(cls, value)
        level._value_ = value
        level.severity = severity
        return level

    GREEN = "GREEN", 0
    YELLOW = "YELLOW", 1
    UNKNOWN = "UNKNOWN", 2
    RED = "RED", 3
    ERROR = "ERROR", 4

    @property
    def is_feasible(self) -> bool:
        return self is RiskLevel.GREEN or self is RiskLevel.YELLOW


class Category(TextEnum):
    """A dimension that is judged by itself."""

    CHIPLOAD = "chipload"
    HEAT = "heat"
    DEFLECTION = "deflection"
    RIMSPEED = "rimspeed"
    BOM_EFFICIENCY = "bom_efficiency"
    POWER = "power"
    BREAKAGE = "breakage"
    GEOMETRY = "geometry"


class Direction(TextEnum):
    """On which side of a limit a value is good."""

    MAX = "MAX"
    MIN = "MIN"
    BAND = "BAND"


class _WrittenAsItIs:
    """Has pydantic write a value by its own type, instead of trying each of a union's types in turn."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        schema = handler(source)
        schema["serialization"] = core_schema.simple_ser_schema("any")  # type: ignore[index]
        return schema


_AS_IT_IS = _WrittenAsItIs()
Number: TypeAlias = Annotated[float | int, WithJsonSchema({"type": "number"}), _AS_IT_IS]
Limit: TypeAlias = Annotated[Number | tuple[Number, Number] | None, _AS_IT_IS]
"""One number, or [low, high] of a BAND; null where a rule is of kind, not of degree."""
NumberOrWord: TypeAlias = Annotated[Number | str, _AS_IT_IS]


# The parts of a result are plain dataclasses whose fields stand in alphabetical order, and their whole numbers are
# ints: so the JSON that pydantic writes of them is canonical as it stands (see fingerprints). A frozen dataclass takes
# three times as long to build, and a map or a search for a way out builds some hundred thousand; nothing changes them.


@dataclass(slots=True)
class Check:
    """One rule applied once: its value beside its limits. `pass_index` counts from 0 into the cut's passes."""

    direction: Direction
    limit_green: Number
    limit_yellow: Number
    pass_index: int | None
    ring_index: int | None
    risk_level: RiskLevel
    rule_id: str
    score: Number
    unit: str
    value: Number


@dataclass(slots=True)
class Details:
    """What lies behind an assessment: defaults used, every rule applied, figures, what helps, what was missing."""

    assumed: tuple[str, ...]
    checks: tuple[Check, ...]
    figures: dict[str, NumberOrWord]
    hints: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(slots=True)
class Assessment:
    """One category of one cut, by the rule that binds it; `margin_pct` is the room to the GREEN limit.

    `rule_ids` are the rules behind the colour, the binding one first.
    """

    category: Category
    confidence: Number
    details: Details
    direction: Direction
    limit_green: Limit
    limit_yellow: Limit
    margin_pct: Number | None
    risk_level: RiskLevel
    rule_ids: tuple[str, ...]
    score: Number
    sources: tuple[str, ...]
    unit: str
    value: Number | None
    why: str


@dataclass(slots=True)
class CutTime:
    """Seconds of cutting, rapids and tool changes left out."""

    high: Number
    low: Number


@dataclass(slots=True)
class Estimates:
    """`passes` are the Z of each pass, in mm, downwards negative; null or empty where an input is missing.

    `cut_time_basis` says what the time counts, or why there is none.
    """

    cut_time_basis: str
    cut_time_s: CutTime | None
    effective_depth_per_pass_mm: Number | None
    passes: tuple[Number, ...]


@dataclass(slots=True)
class CutResult:
    """One cut judged in every category."""

    assessments: tuple[Assessment, ...]
    estimates: Estimates
    index: int
    material_label: str | None
    mode: Mode
    name: str | None
    overall_score: Number
    ring_index: int | None
    risk_level: RiskLevel
    target: Target


@dataclass(slots=True)
class RingYield:
    """How much of the material bought for one ring ends in it."""

    gross_mm3: Number
    net_mm3: Number
    pieces: int
    pieces_from_stock: int | None
    ring_index: int
    risk_level: RiskLevel
    why: str
    yield_pct: Number


@dataclass(slots=True)
class Yield:
    """The category bom_efficiency over all rings, with the fields of an assessment.

    `decides` says that declared stock runs out; only then does it count in the colour of the whole.
    """

    category: Category
    confidence: Number
    decides: bool
    details: Details
    direction: Direction
    limit_green: Limit
    limit_yellow: Limit
    margin_pct: Number | None
    rings: tuple[RingYield, ...]
    risk_level: RiskLevel
    rule_ids: tuple[str, ...]
    score: Number
    sources: tuple[str, ...]
    unit: str
    value: Number | None
    why: str


class Binding(StoredModel):
    """Which limit stands nearest, or is passed furthest. `pass` counts from 0 into the cut's passes."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    category: Category
    cut: int | None
    pass_index: Annotated[int | None, Field(alias="pass")]
    ring_index: int | None


@dataclass(slots=True)
class Hazard:
    """What the material does to lungs or skin, or what trade law says of it."""

    kind: HazardKind
    material: str
    source: str
    text: str


@dataclass(slots=True)
class AssumedDefault:
    """A value used because none was given. Until confirmed its categories are YELLOW at best.

    `label` is what a maker calls the field, as in `/fields`.
    """

    categories: tuple[Category, ...]
    confirmed: bool
    field: str
    label: str
    pointer: str
    unit: str
    value: NumberOrWord


@dataclass(slots=True)
class MissingInput:
    """A required value that was not given; its categories are UNKNOWN and block. `label` is as in `/fields`."""

    categories: tuple[Category, ...]
    field: str
    label: str
    pointer: str


@dataclass(slots=True)
class Verdict:
    """What an engine finds; evaluation adds where it comes from."""

    risk_level: RiskLevel
    overall_score: float
    reasons: tuple[str, ...]
    cuts: tuple[CutResult, ...] = ()
    material_yield: Yield | None = None
    binding: Binding | None = None
    hazards: tuple[Hazard, ...] = ()
    not_checked: tuple[str, ...] = ()
    assumed_defaults: tuple[AssumedDefault, ...] = ()
    missing_inputs: tuple[MissingInput, ...] = ()
    has_plain_numbers: bool = False
    """All numbers went through `rmos.design.units.plain_number` and figures stand in the order of their names, which
    makes them quicker to hash."""


OUTSIDE_RESULT_SHA256: Final = {"result_sha256", "request_id", "compute_ms"}
"""What of a stored or sent result its `result_sha256` is not over: itself, and what is of one request only."""


class Feasibility(StoredModel):
    """A verdict and where it comes from: the same input gives the same bytes. Fields in alphabetical order, as above.

    `input_sha256` is over the canonical JSON of the design and the resolved context, without nulls; `result_sha256`
    over that of this answer without `result_sha256`, `request_id`, `compute_ms` and the suggestions.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    assumed_defaults: tuple[AssumedDefault, ...]
    binding: Binding | None
    cuts: tuple[CutResult, ...]
    engine_id: Id
    engine_version: str
    hazards: tuple[Hazard, ...]
    input_sha256: Sha256
    is_feasible: bool
    missing_inputs: tuple[MissingInput, ...]
    needs_review: bool
    not_checked: tuple[str, ...]
    overall_score: Number
    reasons: tuple[str, ...]
    result_sha256: Sha256
    risk_level: RiskLevel
    ruleset_version: str
    material_yield: Annotated[Yield | None, Field(alias="yield")]

    _told_context: Callable[[], ResolvedContext] = PrivateAttr()

    @property
    def resolved_context(self) -> ResolvedContext:
        """The context with its rows, as evaluated just now; a result read back from storage has none."""
        return self._told_context()


Judgement: TypeAlias = Verdict | Feasibility
"""What was found of a request, before or after it is stamped."""


class PatchOperation(TypedDict):
    """One operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: NotRequired[Any]


# A removal has no value: the only field of an answer that may be absent. pydantic asks the model around the operation.
@with_config(ConfigDict(json_schema_serialization_defaults_required=False))
@dataclass(slots=True)
class Suggestion:
    """A change that was judged in full: applied to the request as it was sent, it gives exactly this."""

    changes: tuple[PatchOperation, ...]
    cut_time_s: CutTime | None
    overall_score: Number
    risk_level: RiskLevel
    summary: str
    trade_off: str


@dataclass(slots=True)
class RuledOut:
    """An input that keeps the request from GREEN whatever the settings, and where it stands in it."""

    pointer: str
    reason: str


class AdvisedFeasibility(Feasibility):
    """A result with what would make it better.

    Suggestions come nearest first. Where none gives GREEN, `suggestions_ruled_out` names the inputs in the way.
    Neither counts in `result_sha256`: a result is the same with and without them.
    """

    model_config = ConfigDict(defer_build=True)

    suggestions: tuple[Suggestion, ...] = ()
    suggestions_ruled_out: tuple[RuledOut, ...] = ()


class FeasibilityResponse(AdvisedFeasibility):
    """A result with what is of this request only."""

    request_id: str
    compute_ms: float
