"""What a LOOK picture shows, handed to each of its parts."""

from dataclasses import dataclass

from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.drawing.bands import Band, Look
from rmos.drawing.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of the patterns is drawn: this share of each ring of cells, and at most so many strips in a ring."""

    arc_share: float
    strips: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A design with its bands, on its sheet, its texts in `units`; the ring `binding_ring` (from 0) is to be marked."""

    sheet: Sheet
    design: Design
    bands: tuple[Band, ...]
    top: Look
    units: DisplayUnits
    binding_ring: int | None
    detail: Detail
