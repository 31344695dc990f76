"""Cutting laws: for which class of material there is a chip band and a force, and how well either is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rmos.design.cutting import Mode
from rmos.design.materials import MaterialClass
from rmos.feasibility.physics import chips, forces


@dataclass(slots=True)
class ChipBand:
    """Chip thicknesses in mm: GREEN from `low` to `high`, YELLOW from `rubbing` to `overload`."""

    rubbing: float
    low: float
    high: float
    overload: float


@dataclass(frozen=True, slots=True)
class CuttingLaw:
    """How one class of material is cut. The C are in N/mm^1.5; see `physics.forces`."""

    chip_band: Callable[[float, float, float], ChipBand]
    """Of diameter in mm, density in kg/m3 and depth of a pass in diameters."""
    face_c: Callable[[float], float]
    """Of density in g/cm3: mean over a turn of a bit."""
    across_c: Callable[[float], float]
    """Of density in g/cm3: the hardest moment."""
    rip_c: Callable[[float], float] | None
    """Of density in g/cm3: a saw along the grain; None where neither force nor chip of a saw is known."""
    chip_floor_mm: Callable[[float], float]
    """Of diameter in mm: where rubbing begins."""
    force_is_estimated: bool
    """No published force: what follows from it is YELLOW at best."""
    sources: tuple[str, ...]


_WIDER = 1.5
_SHEET_FACTOR = 1.25
"""Whatever its density: AST and cutter-shop give MDF thicker chips than softwood, which is lighter."""
_SHEET_PEAK_PER_G = 34.7
"""The upper figure for MDF, 25 N/mm^1.5, at 0.72 g/cm3; the mean of a turn is the middle one, 22.5."""


def _wood_band(diameter_mm: float, density_kg_per_m3: float, depth_ratio: float) -> ChipBand:
    return _banded(diameter_mm, chips.density_factor(density_kg_per_m3), depth_ratio)


def _sheet_band(diameter_mm: float, _density_kg_per_m3: float, depth_ratio: float) -> ChipBand:
    return _banded(diameter_mm, _SHEET_FACTOR, depth_ratio)


def _banded(diameter_mm: float, material_factor: float, depth_ratio: float) -> ChipBand:
    high = chips.chip_high_mm(diameter_mm, material_factor, depth_ratio)
    return ChipBand(
        rubbing=chips.chip_floor_mm(diameter_mm) / 2,
        low=chips.chip_low_mm(diameter_mm),
        high=high,
        overload=_WIDER * high,
    )


_SHELL_BAND = ChipBand(rubbing=0.0005, low=0.001, high=0.01, overload=0.015)

_WOOD = CuttingLaw(
    chip_band=_wood_band,
    face_c=lambda g: forces.C_FACE_PER_G * g,
    across_c=lambda g: forces.C_ACROSS_PER_G * g,
    rip_c=lambda g: forces.C_RIP_PER_G * g,
    chip_floor_mm=chips.chip_floor_mm,
    force_is_estimated=False,
    sources=("Ettelt 1987, in Zerspanung von Holz und Holzwerkstoffen, 2nd ed. 2023, p. 120",),
)
_SHEET = CuttingLaw(
    chip_band=_sheet_band,
    face_c=lambda g: forces.C_FACE_PER_G * g,
    across_c=lambda g: _SHEET_PEAK_PER_G * g,
    rip_c=lambda g: forces.C_FACE_PER_G * g,
    chip_floor_mm=chips.chip_floor_mm,
    force_is_estimated=False,
    sources=("MDF 20 to 25 N/mm^1.5, same in all directions: Zerspanung von Holz und Holzwerkstoffen, 2nd ed. 2023",),
)
_SHELL = CuttingLaw(
    chip_band=lambda _diameter, _density, _depth: _SHELL_BAND,
    face_c=lambda _g: 60.0,
    across_c=lambda _g: 90.0,
    rip_c=None,
    chip_floor_mm=lambda _diameter: _SHELL_BAND.low,
    force_is_estimated=True,
    sources=("RMOS estimate: twice ebony, so that the cited pearl recipe holds; no published figure was found",),
)

LAWS: Mapping[MaterialClass, CuttingLaw] = {
    MaterialClass.WOOD: _WOOD,
    MaterialClass.SHEET: _SHEET,
    MaterialClass.SHELL: _SHELL,
}
"""A class that is not here (METAL) has no law: what needs one is UNKNOWN."""

ESTIMATED = "For shell no law of force or heat is published; by an estimate this is YELLOW at best."


def law_for(material_class: MaterialClass, mode: Mode) -> CuttingLaw | None:
    """Return the law by which a bit or a blade cuts, or None: shell has one for bits only."""
    law = LAWS.get(material_class)
    return None if law is None or (mode is Mode.SAW and law.rip_c is None) else law


def without_law(material_class: MaterialClass | None, mode: Mode) -> str:
    """Return what to say of a class that has no law: "There is no law for sawing SHELL"."""
    law = "law for sawing" if mode is Mode.SAW else "cutting law for"
    return f"There is no {law} {material_class}"
