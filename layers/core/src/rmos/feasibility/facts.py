"""The figures of one cut, from which every rule reads.

A required input that is missing stands here as NaN and in `missing`; a rule is only applied when nothing that it
needs is missing, so a NaN never reaches an answer.
"""

import math
from dataclasses import dataclass

from rmos.design.cutting import Cut, Edge, Entry, Helix, Mode, Operation, Target, ToolMaterial, ToolType
from rmos.design.materials import MaterialClass
from rmos.design.rosette import Design, Ring
from rmos.feasibility.derived import derived
from rmos.feasibility.laws import ChipBand, CuttingLaw
from rmos.feasibility.physics import bending, chips, forces, sawing, speeds, times

_WEAR = {Edge.NEW: 1.0, Edge.USED: 1.3, Edge.DULL: 2.0}
_ELASTICITY = {ToolMaterial.CARBIDE: 600_000.0, ToolMaterial.HSS: 210_000.0}
_SLOWED_BELOW = 0.6
_SLOT = 1.0
HARDWOOD_KG_PER_M3 = 500.0


@dataclass(eq=False)
class CutFacts:
    """One cut as numbers: mm, mm/min, rpm, N, W. What follows from them is computed when first asked for."""

    index: int
    cut: Cut
    design: Design
    missing: frozenset[str]
    assumed: frozenset[str]
    material_class: MaterialClass | None
    material_label: str
    material_confidence: float
    law: CuttingLaw | None
    density: float
    burn_tendency: float
    tool_type: ToolType | None
    tool_material: ToolMaterial
    edge: Edge
    helix: Helix | None
    tip_angle: float | None
    diameter: float
    teeth: float
    flute_length: float
    stickout: float
    shank_diameter: float
    kerf: float
    plate: float
    marked_max_rpm: float | None
    runout: float
    rpm: float
    feed: float
    plunge: float
    stepover: float
    depth_per_pass: float
    total_depth: float
    operation: Operation
    entry: Entry
    is_roughed: bool
    """An earlier cut of the same request has opened this target, so this one is engaged by its stepover only."""
    spindle_power: float
    machine_min_rpm: float
    machine_max_rpm: float
    rpm_steps: tuple[float, ...] | None
    max_feed: float
    acceleration: float
    axis_force: float

    @property
    def is_saw(self) -> bool:
        return self.cut.mode is Mode.SAW

    @property
    def is_dense(self) -> bool:
        return self.density >= HARDWOOD_KG_PER_M3

    @property
    def ring(self) -> Ring | None:
        index = self.cut.ring_index
        return None if index is None else self.design.rings[index]

    @derived
    def wear(self) -> float:
        return _WEAR[self.edge]

    @derived
    def elasticity(self) -> float:
        """Young's modulus, in N/mm2: 600 GPa for carbide (580 is also quoted), 210 for HSS."""
        return _ELASTICITY[self.tool_material]

    @derived
    def effective_pass(self) -> float:
        return min(self.depth_per_pass, self.total_depth)

    @derived
    def depth_ratio(self) -> float:
        return self.effective_pass / self.diameter

    @derived
    def pass_depths(self) -> tuple[float, ...]:
        return times.pass_depths_mm(self.total_depth, self.depth_per_pass)

    @derived
    def last_pass(self) -> int:
        return times.pass_count(self.total_depth, self.depth_per_pass) - 1

    @derived
    def laps(self) -> int:
        """Laps side by side: those that clear a channel, or one on each wall of what is cut out."""
        if self.cut.target is Target.CHANNEL:
            return times.lap_count(self.design.channel_width_mm, self.diameter, self.stepover)
        return 1

    @derived
    def widest_engagement(self) -> float:
        """The ae / D of the fullest lap: the first lap into solid material is a slot."""
        return self._step if self.is_roughed else _SLOT

    @derived
    def narrowest_engagement(self) -> float:
        """The ae / D of the thinnest lap: the laps after a channel's first share what that leaves, evenly."""
        if self.is_roughed or self.laps == 1:
            return self.widest_engagement
        return min((self.design.channel_width_mm - self.diameter) / (self.laps - 1) / self.diameter, _SLOT)

    @property
    def _step(self) -> float:
        """The stepover as ae / D; a bit cuts no wider than it is, however far apart its laps lie."""
        return min(self.stepover / self.diameter, _SLOT)

    @property
    def is_slot(self) -> bool:
        """Whether some lap is as wide as the bit."""
        return self.widest_engagement == _SLOT

    @derived
    def least_radius(self) -> float:
        """The smallest radius that the bit's centre follows, in mm."""
        return min(self.radii)

    @derived
    def radii(self) -> tuple[float, ...]:
        """The radii of the bit's centre, lap by lap from inside out, in mm."""
        half = self.diameter / 2
        design, index = self.design, self.cut.ring_index
        if self.cut.target is Target.CHANNEL:
            inner, outer = design.inner_diameter_mm / 2 + half, design.outer_diameter_mm / 2 - half
            if outer <= inner:
                return ((inner + outer) / 2,)
            step = (outer - inner) / max(1, self.laps - 1)
            return tuple([inner + i * step for i in range(self.laps)])
        if index is None:
            return (max(design.soundhole_diameter_mm / 2 - half, half),)
        inner = design.inner_radius_mm(index)
        return max(inner - half, half), inner + design.rings[index].width_mm + half

    @derived
    def arc_feed(self) -> float:
        """The feed that is really reached: the acceleration may not allow the programmed one on a small radius."""
        reached = speeds.arc_feed_mm_per_min(self.acceleration, self.least_radius)
        return reached if reached < _SLOWED_BELOW * self.feed else self.feed

    @derived
    def feed_per_tooth(self) -> float:
        return chips.feed_per_tooth_mm(self.feed, self.rpm, self.teeth)

    @derived
    def slow_feed_per_tooth(self) -> float:
        return chips.feed_per_tooth_mm(self.arc_feed, self.rpm, self.teeth)

    @derived
    def thickest_chip(self) -> float:
        return self.feed_per_tooth * chips.thinning_factor(self.widest_engagement)

    @derived
    def thinnest_chip(self) -> float:
        return self.slow_feed_per_tooth * chips.thinning_factor(self.narrowest_engagement)

    @derived
    def least_mean_chip(self) -> float:
        """The thinner of the fullest and the thinnest lap's: a slot's is thinner than that of a lap of 0.5 to 1 D."""
        engagements = (self.widest_engagement, self.narrowest_engagement)
        return min([chips.mean_chip_mm(self.slow_feed_per_tooth, engagement) for engagement in engagements])

    @derived
    def mean_chip(self) -> float:
        return chips.mean_chip_mm(self.feed_per_tooth, self.widest_engagement)

    @derived
    def rim_speed(self) -> float:
        return speeds.rim_speed_m_per_s(self.diameter, self.rpm)

    @derived
    def known_law(self) -> CuttingLaw:
        """The law of the material's class; rules that ask for it name `law` among their needs."""
        if self.law is None:
            raise LookupError(f"no cutting law for {self.material_class}")
        return self.law

    @derived
    def chip_band(self) -> ChipBand:
        return self.known_law.chip_band(self.diameter, self.density, self.depth_ratio)

    @derived
    def specific_energy(self) -> float:
        c = self.known_law.face_c(self.density / 1000) * self.wear
        return forces.specific_energy_n_per_mm2(c, self.mean_chip)

    @derived
    def power(self) -> float:
        width = self.diameter * self.widest_engagement
        return forces.power_w(self.specific_energy, width, self.effective_pass, self.feed)

    @derived
    def tooth_force(self) -> float:
        c = self.known_law.across_c(self.density / 1000) * self.wear
        return forces.peak_force_n(c, self.thickest_chip, self.effective_pass)

    @derived
    def bit(self) -> bending.Bit:
        return bending.Bit(self.stickout, self.flute_length, self.diameter, self.shank_diameter)

    @derived
    def deflection(self) -> float:
        return bending.tip_deflection_mm(self.tooth_force, self.bit, self.elasticity)

    @derived
    def stress(self) -> float:
        return bending.bending_stress_mpa(self.tooth_force, self.bit)

    @derived
    def saw_arc(self) -> float:
        return sawing.arc_length_mm(self.diameter, min(self.effective_pass, self.diameter))

    @derived
    def saw_chip(self) -> float:
        return sawing.mean_saw_chip_mm(self.feed_per_tooth, self.effective_pass, self.saw_arc)

    @derived
    def saw_power(self) -> float:
        energy = forces.specific_energy_n_per_mm2(self.saw_c * self.wear, self.saw_chip)
        return forces.power_w(energy, self.kerf, self.effective_pass, self.feed)

    @derived
    def saw_c(self) -> float:
        """The C of the blade, in N/mm^1.5; rules that ask for it name `law` among their needs."""
        law, grams = self.known_law, self.density / 1000
        if law.rip_c is None:
            raise LookupError(f"no law for sawing {self.material_class}")
        return law.rip_c(grams) if self.is_ripped else law.across_c(grams)

    @derived
    def is_ripped(self) -> bool:
        """Strips are sawn along the grain; logs and segments across it."""
        return self.ring is not None and self.ring.strip_thickness_mm is not None

    @derived
    def saw_force(self) -> float:
        """The mean force along the rim, in N."""
        return self.saw_power / self.rim_speed

    def is_known(self, *names: str) -> bool:
        return self.missing.isdisjoint(names)


NOT_GIVEN = math.nan
