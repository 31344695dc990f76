"""What cuts the rosette: tools, machines and the cuts themselves."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from rmos.design.located import Located, refuse
from rmos.design.row_ids import MachineId, ToolId
from rmos.design.sized import Sized
from rmos.design.text_enum import TextEnum
from rmos.design.units import (
    Acceleration,
    Angle,
    Count,
    DisplayUnits,
    Feed,
    Force,
    Length,
    Power,
    SpindleSpeed,
)
from rmos.models import InputModel, Label

MAX_CUTS = 12


class ToolType(TextEnum):
    FLAT = "FLAT"
    BALL = "BALL"
    VBIT = "VBIT"
    COMPRESSION = "COMPRESSION"
    SAW_BLADE = "SAW_BLADE"


class ToolMaterial(TextEnum):
    CARBIDE = "CARBIDE"
    HSS = "HSS"


class Helix(TextEnum):
    """Which way the flutes throw the chips."""

    UPCUT = "UPCUT"
    DOWNCUT = "DOWNCUT"
    COMPRESSION = "COMPRESSION"
    STRAIGHT = "STRAIGHT"


class Edge(TextEnum):
    NEW = "NEW"
    USED = "USED"
    DULL = "DULL"


class Mode(TextEnum):
    ROUTER = "ROUTER"
    SAW = "SAW"


class Target(TextEnum):
    """What is cut. CHANNEL and SOUNDHOLE are cut in the top, RING and BLANK in the ring's own material."""

    CHANNEL = "CHANNEL"
    RING = "RING"
    SOUNDHOLE = "SOUNDHOLE"
    BLANK = "BLANK"


class Operation(TextEnum):
    ROUGH = "ROUGH"
    FINISH = "FINISH"


class Entry(TextEnum):
    PLUNGE = "PLUNGE"
    RAMP = "RAMP"
    HELIX = "HELIX"


_BIT_ONLY = ("flutes", "flute_length_mm", "stickout_mm", "shank_diameter_mm", "helix", "tip_angle_deg")
_SAW_ONLY = ("teeth", "kerf_mm", "plate_mm")


class Tool(InputModel):
    """A router bit or a saw blade. `stickout_mm` is from the collet's face to the tip."""

    label: Label | None = None
    type: ToolType
    material: ToolMaterial | None = None
    diameter_mm: Annotated[Length | None, Field(ge=0.05, le=600)] = None
    flutes: Annotated[Count | None, Field(ge=1, le=12)] = None
    flute_length_mm: Annotated[Length | None, Field(ge=0.1, le=200)] = None
    stickout_mm: Annotated[Length | None, Field(ge=0.5, le=300)] = None
    shank_diameter_mm: Annotated[Length | None, Field(ge=0.05, le=50)] = None
    helix: Helix | None = None
    tip_angle_deg: Annotated[Angle | None, Field(ge=1, le=179)] = None
    runout_mm: Annotated[Length | None, Field(ge=0, le=1)] = None
    edge: Edge | None = None
    max_rpm: Annotated[SpindleSpeed | None, Field(ge=1, le=300_000)] = None
    """As marked on the tool."""
    teeth: Annotated[Count | None, Field(ge=2, le=1000)] = None
    kerf_mm: Annotated[Length | None, Field(ge=0.05, le=20)] = None
    plate_mm: Annotated[Length | None, Field(ge=0.02, le=20)] = None

    @model_validator(mode="after")
    def _has_its_own_fields(self) -> Self:
        is_saw = self.type is ToolType.SAW_BLADE
        foreign = _BIT_ONLY if is_saw else _SAW_ONLY
        kind = "a saw blade" if is_saw else "a router bit"
        found = [Located((name,), f"{kind} has no such field") for name in foreign if getattr(self, name) is not None]
        if self.plate_mm is not None and self.kerf_mm is not None and self.plate_mm > self.kerf_mm:
            found.append(Located(("plate_mm",), f"a plate thicker than its kerf ({self.kerf_mm:g} mm) cannot pass"))
        refuse("Tool", found)
        return self


_Step = Annotated[SpindleSpeed, Field(ge=1, le=300_000)]


class Machine(InputModel):
    """A router, mill or CNC saw. `spindle_power_w` is what reaches the cutter, not what the plug draws."""

    label: Label | None = None
    spindle_power_w: Annotated[Power | None, Field(ge=1, le=100_000)] = None
    min_rpm: Annotated[SpindleSpeed | None, Field(ge=0, le=300_000)] = None
    max_rpm: Annotated[SpindleSpeed | None, Field(ge=1, le=300_000)] = None
    rpm_steps: Annotated[tuple[_Step, ...], Sized(1, 32)] | None = None
    """The speeds of a dial without steps between; absent when any speed in the range can be set."""
    max_feed_mm_per_min: Annotated[Feed | None, Field(ge=1, le=200_000)] = None
    acceleration_mm_per_s2: Annotated[Acceleration | None, Field(ge=1, le=50_000)] = None
    axis_force_n: Annotated[Force | None, Field(ge=0.1, le=50_000)] = None
    runout_mm: Annotated[Length | None, Field(ge=0, le=1)] = None

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.min_rpm is not None and self.max_rpm is not None and self.min_rpm > self.max_rpm:
            refuse("Machine", [Located(("min_rpm",), f"more than max_rpm ({self.max_rpm:g})")])
        return self


class Cut(InputModel):
    """One cut. Its material follows from its target: the top's, or that of ring `ring_index`."""

    name: Label | None = None
    mode: Mode
    target: Target
    ring_index: Annotated[Count | None, Field(ge=0, le=63)] = None
    tool_id: ToolId | None = None
    tool: Tool | None = None
    spindle_rpm: Annotated[SpindleSpeed | None, Field(ge=1, le=300_000)] = None
    feed_mm_per_min: Annotated[Feed | None, Field(ge=0.1, le=100_000)] = None
    plunge_mm_per_min: Annotated[Feed | None, Field(ge=0.1, le=100_000)] = None
    depth_per_pass_mm: Annotated[Length | None, Field(ge=0.005, le=200)] = None
    stepover_mm: Annotated[Length | None, Field(ge=0.005, le=200)] = None
    operation: Operation | None = None
    entry: Entry | None = None

    @property
    def is_in_the_top(self) -> bool:
        return self.target in {Target.CHANNEL, Target.SOUNDHOLE}

    @model_validator(mode="after")
    def _names_its_ring(self) -> Self:
        refuse("Cut", list(self._contradictions()))
        return self

    def _contradictions(self) -> Iterator[Located]:
        if self.tool is not None and self.tool_id is not None:
            yield Located(("tool",), "give tool_id or tool, not both")
        if self.is_in_the_top and self.ring_index is not None:
            yield Located(("ring_index",), f"a {self.target} is cut in the top and has no ring")
        if not self.is_in_the_top and self.ring_index is None:
            yield Located(("ring_index",), f"required: a {self.target} is cut from the material of one ring")


class Stock(InputModel):
    """Pieces at hand for one ring, all alike."""

    ring_index: Annotated[Count, Field(ge=0, le=63)]
    length_mm: Annotated[Length, Field(ge=0.1, le=10_000)]
    width_mm: Annotated[Length, Field(ge=0.1, le=5_000)]
    thickness_mm: Annotated[Length, Field(ge=0.05, le=500)]
    count: Annotated[Count, Field(ge=1, le=10_000)] = 1


FieldName = Annotated[str, Field(min_length=1, max_length=200)]


class Context(InputModel):
    """The machine and the cuts. `confirmed_defaults` names defaults (as in `assumed_defaults`) that are right."""

    machine_id: MachineId | None = None
    machine: Machine | None = None
    cuts: Annotated[tuple[Cut, ...], Sized(1, MAX_CUTS)]
    stock: Annotated[tuple[Stock, ...], Sized(0, 64)] = ()
    confirmed_defaults: Annotated[tuple[FieldName, ...], Sized(0, 100)] = ()
    display_units: DisplayUnits = DisplayUnits.MM

    @model_validator(mode="after")
    def _has_one_machine(self) -> Self:
        if self.machine is not None and self.machine_id is not None:
            refuse("Context", [Located(("machine",), "give machine_id or machine, not both")])
        return self
