"""The rings of a design as bands to draw: where each lies, its cells, colours and names."""

from dataclasses import dataclass

from rmos.design.library import Library
from rmos.design.materials import Material, MaterialClass
from rmos.design.rosette import Construction, Design, Pattern, Ring
from rmos.drawing.colours import TOP_NEUTRAL, Tones, neutral_colour, reference_colour, tones_of
from rmos.drawing.motifs import Motif, motif_of
from rmos.drawing.tracks import ArcTrack

_UNKNOWN = "not given"
_STRIPS_WHERE_NONE_ARE_GIVEN = 5
_ROUNDING_MM = 1e-6


@dataclass(frozen=True, slots=True)
class Look:
    """How a material is shown: its name, its tones, and whether it shimmers."""

    name: str
    tones: Tones
    is_shell: bool


@dataclass(frozen=True, slots=True)
class Band:
    """One ring between two radii. `strip_radii_mm` part its strips; `segments` those it is glued up from.

    A ring of cells has no segments here: its cells' joints are its joints.
    """

    index: int
    ring: Ring
    inner_radius_mm: float
    look: Look
    motif: Motif | None
    strip_radii_mm: tuple[float, ...]
    segments: int

    @property
    def outer_radius_mm(self) -> float:
        return self.inner_radius_mm + self.ring.width_mm

    @property
    def middle_radius_mm(self) -> float:
        return self.inner_radius_mm + self.ring.width_mm / 2

    @property
    def cell_count(self) -> int:
        return self.motif.count if self.motif is not None else 0

    @property
    def track(self) -> ArcTrack:
        return ArcTrack(self.inner_radius_mm, self.ring.width_mm, max(self.cell_count, 1))

    @property
    def segment_track(self) -> ArcTrack:
        return ArcTrack(self.inner_radius_mm, self.ring.width_mm, max(self.segments, 1))


def bands_of(design: Design, library: Library) -> tuple[Band, ...]:
    """Return the rings from inside out; a material id that `library` does not know is shown by that id."""
    return tuple(_band(design, index, library) for index in range(len(design.rings)))


def top_look(design: Design, library: Library) -> Look:
    """Return how the top is shown; one whose material is not given has the colour of a pale softwood."""
    look = _look(design.top_material_id, design.top_material, library)
    return Look(look.name, tones_of(TOP_NEUTRAL), is_shell=False) if look.name == _UNKNOWN else look


def _band(design: Design, index: int, library: Library) -> Band:
    ring, inner = design.rings[index], design.inner_radius_mm(index)
    motif = motif_of(ring, inner)
    is_segmented = ring.construction is Construction.SEGMENTED and motif is None
    return Band(
        index=index,
        ring=ring,
        inner_radius_mm=inner,
        look=_look(ring.material_id, ring.material, library),
        motif=motif,
        strip_radii_mm=_strip_radii(ring, inner) if ring.pattern is Pattern.STRIP else (),
        segments=(ring.segments or 0) if is_segmented else 0,
    )


def _strip_radii(ring: Ring, inner: float) -> tuple[float, ...]:
    """Return the radii between strips of the given thickness, the last strip as thin as what is left of the width."""
    thickness = ring.strip_thickness_mm or ring.width_mm / _STRIPS_WHERE_NONE_ARE_GIVEN
    count = int((ring.width_mm - _ROUNDING_MM) / thickness)
    return tuple(inner + step * thickness for step in range(1, count + 1))


def _look(material_id: str | None, material: Material | None, library: Library) -> Look:
    if material_id is not None:
        row = library.material(material_id)
        values = row.values if row is not None else None
        name, colour = row.label if row is not None else material_id, reference_colour(material_id)
    else:
        values, colour = material, None
        name = (material.label or material.material_class.capitalize()) if material is not None else _UNKNOWN
    kind = values.material_class if values is not None else None
    return Look(name, tones_of(colour or neutral_colour(material_id or name, kind)), kind is MaterialClass.SHELL)
