"""The question put to a feasibility engine and its answer."""

from enum import StrEnum
from typing import Annotated, Self, TypeAlias

from pydantic import ConfigDict, Field, PrivateAttr, model_validator

from rmos.design.cutting import Context, Cut, Machine, Mode, Stock, Target, Tool
from rmos.design.library import HazardKind, MaterialRow
from rmos.design.located import Located, refuse
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.models import Id, InputModel, Sha256, StoredModel


class RiskLevel(StrEnum):
    """How a cut stands; UNKNOWN (something required is missing) and ERROR block like RED."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"

    @property
    def severity(self) -> int:
        """The place in the order in which the worst of several levels is found."""
        return _SEVERITY[self]

    @property
    def is_feasible(self) -> bool:
        return self in {RiskLevel.GREEN, RiskLevel.YELLOW}


_SEVERITY = {
    RiskLevel.GREEN: 0,
    RiskLevel.YELLOW: 1,
    RiskLevel.UNKNOWN: 2,
    RiskLevel.RED: 3,
    RiskLevel.ERROR: 4,
}


class Category(StrEnum):
    """A dimension that is judged by itself."""

    CHIPLOAD = "chipload"
    HEAT = "heat"
    DEFLECTION = "deflection"
    RIMSPEED = "rimspeed"
    BOM_EFFICIENCY = "bom_efficiency"
    POWER = "power"
    BREAKAGE = "breakage"
    GEOMETRY = "geometry"


class Direction(StrEnum):
    """On which side of a limit a value is good."""

    MAX = "MAX"
    MIN = "MIN"
    BAND = "BAND"


Limit: TypeAlias = float | tuple[float, float] | None
"""One number, or [low, high] of a BAND; null where a rule is of kind, not of degree."""


class FeasibilityInput(InputModel):
    """A design and how it is to be cut."""

    design: Design
    context: Context

    @model_validator(mode="after")
    def _names_rings_that_exist(self) -> Self:
        count = len(self.design.rings)
        places = [("cuts", i, cut.ring_index) for i, cut in enumerate(self.context.cuts)]
        places += [("stock", i, stock.ring_index) for i, stock in enumerate(self.context.stock)]
        found = [
            Located(("context", kind, i, "ring_index"), f"the design has {count} rings, counted from 0")
            for kind, i, ring_index in places
            if ring_index is not None and ring_index >= count
        ]
        refuse("FeasibilityInput", found)
        return self


class ResolvedCut(Cut):
    """A cut with the tool that its `tool_id` stands for."""

    @model_validator(mode="after")
    def _names_its_ring(self) -> Self:
        return self


class ResolvedContext(StoredModel):
    """The context as it was evaluated: every id beside the row it stood for at that moment."""

    machine_id: Id | None
    machine: Machine | None
    cuts: tuple[ResolvedCut, ...]
    stock: tuple[Stock, ...]
    confirmed_defaults: tuple[str, ...]
    display_units: DisplayUnits
    materials: dict[str, MaterialRow]


class Check(StoredModel):
    """One rule applied once: its value beside its limits."""

    rule_id: str
    value: float | None
    unit: str
    limit_green: Limit
    limit_yellow: Limit
    direction: Direction
    score: float
    risk_level: RiskLevel
    ring_index: int | None = None
    pass_index: int | None = None


class Details(StoredModel):
    """What lies behind an assessment: every rule applied, the figures they used, and what was missing."""

    checks: tuple[Check, ...] = ()
    figures: dict[str, float | str] = {}
    missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class Assessment(StoredModel):
    """One category of one cut, by the rule that binds it; `margin_pct` is the room to the GREEN limit."""

    category: Category
    rule_ids: tuple[str, ...]
    value: float | None
    unit: str
    limit_green: Limit
    limit_yellow: Limit
    direction: Direction
    margin_pct: float | None
    score: float
    risk_level: RiskLevel
    why: str
    sources: tuple[str, ...]
    confidence: float
    details: Details


class CutTime(StoredModel):
    """Seconds of cutting, rapids and tool changes left out."""

    low: float
    high: float


class Estimates(StoredModel):
    """`passes` are the Z of each pass, in mm, downwards negative; null where an input is missing."""

    cut_time_s: CutTime | None
    passes: tuple[float, ...]
    effective_depth_per_pass_mm: float | None


class CutResult(StoredModel):
    """One cut judged in every category."""

    index: int
    name: str | None
    mode: Mode
    target: Target
    ring_index: int | None
    material_label: str | None
    risk_level: RiskLevel
    overall_score: float
    assessments: tuple[Assessment, ...]
    estimates: Estimates


class RingYield(StoredModel):
    """How much of the material bought for one ring ends in it."""

    ring_index: int
    yield_pct: float
    net_mm3: float
    gross_mm3: float
    pieces: int
    pieces_from_stock: int | None
    risk_level: RiskLevel
    why: str


class Yield(Assessment):
    """The category bom_efficiency, over all rings. It decides the colour of the whole only when stock runs out."""

    decides: bool
    rings: tuple[RingYield, ...]


class Binding(StoredModel):
    """Which limit stands nearest, or is passed furthest. `pass` counts from 0 into the cut's passes."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    cut: int | None
    category: Category
    ring_index: int | None = None
    pass_index: Annotated[int | None, Field(alias="pass")] = None


class Hazard(StoredModel):
    kind: HazardKind
    material: str
    text: str
    source: str


class AssumedDefault(StoredModel):
    """A value used because none was given. Until confirmed its categories are YELLOW at best."""

    pointer: str
    field: str
    value: float | str
    unit: str
    categories: tuple[Category, ...]
    confirmed: bool


class MissingInput(StoredModel):
    """A required value that was not given; its categories are UNKNOWN and block."""

    pointer: str
    field: str
    categories: tuple[Category, ...]


class Verdict(StoredModel):
    """What an engine finds."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    risk_level: RiskLevel
    overall_score: float
    cuts: tuple[CutResult, ...] = ()
    material_yield: Annotated[Yield | None, Field(alias="yield")] = None
    binding: Binding | None = None
    reasons: tuple[str, ...]
    hazards: tuple[Hazard, ...] = ()
    not_checked: tuple[str, ...] = ()
    assumed_defaults: tuple[AssumedDefault, ...] = ()
    missing_inputs: tuple[MissingInput, ...] = ()


class Feasibility(Verdict):
    """A verdict and where it comes from: the same input gives the same bytes.

    `input_sha256` is over the canonical JSON of the design and the resolved context, without nulls; `result_sha256`
    over that of this answer without `result_sha256`, `request_id` and `compute_ms`.
    """

    engine_id: Id
    engine_version: str
    ruleset_version: str
    is_feasible: bool
    needs_review: bool
    input_sha256: Sha256
    result_sha256: Sha256

    _resolved_context: ResolvedContext = PrivateAttr()

    @property
    def resolved_context(self) -> ResolvedContext:
        """The context with its rows, as evaluated just now; a result read back from storage has none."""
        return self._resolved_context


class FeasibilityResponse(Feasibility):
    """A result with what is of this request only."""

    request_id: str
    compute_ms: float
