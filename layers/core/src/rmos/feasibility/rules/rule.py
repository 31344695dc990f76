"""What a rule is: its text, its limits and its predicate in one value, so that none can exist without the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rmos.design.cutting import Mode
from rmos.design.rosette import Ring
from rmos.feasibility.facts import CutFacts
from rmos.feasibility.models import Category, Direction
from rmos.feasibility.physics.yields import Blanks
from rmos.feasibility.words import Template, template

Figures: TypeAlias = Mapping[str, float | str]


@dataclass(slots=True)
class Finding:
    """A value beside its limits; equal limits leave no YELLOW between GREEN and RED.

    `figures` fill the rule's sentence. `pass_index` is the pass that binds.
    """

    value: float
    green: float
    yellow: float
    figures: Figures
    pass_index: int | None = None


@dataclass(slots=True)
class RingPlace:
    """A ring where it lies: its index and its radii, in mm."""

    index: int
    ring: Ring
    inner_radius: float

    @property
    def mid_radius(self) -> float:
        return self.inner_radius + self.ring.width_mm / 2


@dataclass(slots=True)
class RingSupply:
    """The blanks of one ring, what of them ends in it, and how many the declared stock gives (None: none declared)."""

    place: RingPlace
    blanks: Blanks
    net_mm3: float
    available: int | None


CutCheck: TypeAlias = Callable[[CutFacts], Finding | None]
RingCheck: TypeAlias = Callable[[CutFacts, RingPlace], Finding | None]
YieldCheck: TypeAlias = Callable[[RingSupply], Finding | None]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule. Its check returns None where the rule does not apply.

    `needs` are names of `rmos.feasibility.fields` without which it cannot be applied, beside `law` (a cutting law for
    the material's class); `uses` are those that it reads when given. `why` is a sentence whose `{name:unit}` are
    filled from the finding. `hint` says what brings a value back. `limits` states the limits for a reader.
    """

    rule_id: str
    category: Category
    modes: frozenset[Mode]
    direction: Direction
    unit: str
    title: str
    limits: str
    why: str
    hint: str
    sources: tuple[str, ...]
    confidence: float
    check: CutCheck | None = None
    ring_check: RingCheck | None = None
    yield_check: YieldCheck | None = None
    applies: Callable[[CutFacts], bool] | None = None
    """Whether the rule concerns a cut at all; reads nothing that may be missing."""
    ring_applies: Callable[[CutFacts, Ring], bool] | None = None
    needs: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    pairs_with: str | None = None
    """The rule of the other end, when both are limits of one quantity and are shown as a BAND."""
    is_safety: bool = False
    """Its RED can never be overridden."""
    template: Template = field(init=False)
    """`why`, taken apart once."""
    ring_attributes: tuple[str, ...] = field(init=False)
    """What it needs of a ring."""

    def __post_init__(self) -> None:
        if sum(check is not None for check in (self.check, self.ring_check, self.yield_check)) != 1:
            raise ValueError(f"{self.rule_id} needs exactly one check")
        object.__setattr__(self, "template", template(self.why))
        of_ring = sorted(name.partition(".")[2] for name in self.needs if name.startswith("ring."))
        object.__setattr__(self, "ring_attributes", tuple(of_ring))


ROUTER = frozenset({Mode.ROUTER})
SAW = frozenset({Mode.SAW})
ANY = frozenset({Mode.ROUTER, Mode.SAW})


def needs(*names: str) -> frozenset[str]:
    return frozenset(names)
