"""The rosette: rings from inside out, laid into one channel around the soundhole."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from rmos.design.located import Located, refuse
from rmos.design.materials import Material
from rmos.design.row_ids import MaterialId
from rmos.design.sized import Sized
from rmos.design.text_enum import TextEnum
from rmos.design.units import Count, Length, nine_digits
from rmos.models import InputModel, Label

MAX_RINGS = 64
LOOKS_LIKE_INCHES_BELOW_MM = 20.0
FIT_TOLERANCE_MM = 0.05
DEFAULT_GLUE_LINE_MM = 0.05


class Pattern(TextEnum):
    SOLID = "SOLID"
    STRIP = "STRIP"
    MOSAIC = "MOSAIC"
    HERRINGBONE = "HERRINGBONE"
    ROPE = "ROPE"
    DOTS = "DOTS"


class Construction(TextEnum):
    """How a ring is made: routed whole, from segments, sliced from a log, or bent from veneer strips."""

    ANNULUS = "ANNULUS"
    SEGMENTED = "SEGMENTED"
    LOG = "LOG"
    VENEER = "VENEER"


class TileProfile(TextEnum):
    """SQUARE tiles gap at the outside of a ring; TAPERED ones (sliced from a tapered log) close."""

    SQUARE = "SQUARE"
    TAPERED = "TAPERED"


class Bending(TextEnum):
    DRY = "DRY"
    HOT = "HOT"


class Ring(InputModel):
    """One ring. `slice_thickness_mm` is its depth as an inlay, `tile_length_mm` runs along the arc."""

    width_mm: Annotated[Length, Field(ge=0.1, le=100)]
    material_id: MaterialId | None = None
    material: Material | None = None
    pattern: Pattern = Pattern.SOLID
    construction: Construction = Construction.ANNULUS
    segments: Annotated[Count | None, Field(ge=2, le=360)] = None
    strip_thickness_mm: Annotated[Length | None, Field(ge=0.05, le=20)] = None
    tile_length_mm: Annotated[Length | None, Field(ge=0.1, le=100)] = None
    slice_thickness_mm: Annotated[Length | None, Field(ge=0.1, le=20)] = None
    tile_profile: TileProfile | None = None
    kerf_mm: Annotated[Length | None, Field(ge=0, le=10)] = None
    bending: Bending | None = None

    @model_validator(mode="after")
    def _has_one_material(self) -> Self:
        if self.material is not None and self.material_id is not None:
            refuse("Ring", [Located(("material",), "give material_id or material, not both")])
        return self


class Design(InputModel):
    """A rosette in its top. Lengths are in mm, or text with a unit.

    `top_thickness_mm` is the top's when it is routed, `finished_top_thickness_mm` after thinning. Between and beside
    n rings lie n + 1 glue lines.
    """

    label: Label | None = None
    soundhole_diameter_mm: Annotated[Length, Field(gt=0, le=300)]
    inner_diameter_mm: Annotated[Length, Field(gt=0, le=500)]
    outer_diameter_mm: Annotated[Length, Field(gt=0, le=600)]
    channel_depth_mm: Annotated[Length | None, Field(ge=0.05, le=20)] = None
    top_thickness_mm: Annotated[Length | None, Field(ge=0.5, le=50)] = None
    finished_top_thickness_mm: Annotated[Length | None, Field(ge=0.5, le=50)] = None
    top_material_id: MaterialId | None = None
    top_material: Material | None = None
    glue_line_mm: Annotated[Length | None, Field(ge=0, le=1)] = None
    rings: Annotated[tuple[Ring, ...], Sized(1, MAX_RINGS)]

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse("Design", list(self._inches()) or list(self._impossibilities()))
        return self

    @property
    def channel_width_mm(self) -> float:
        return nine_digits((self.outer_diameter_mm - self.inner_diameter_mm) / 2)

    @property
    def effective_glue_line_mm(self) -> float:
        return DEFAULT_GLUE_LINE_MM if self.glue_line_mm is None else self.glue_line_mm

    @property
    def rings_and_glue_mm(self) -> float:
        """The width that all rings and their glue lines take, in mm: n rings have n + 1 lines."""
        glue = (len(self.rings) + 1) * self.effective_glue_line_mm
        return nine_digits(sum(ring.width_mm for ring in self.rings) + glue)

    def inner_radius_mm(self, ring_index: int) -> float:
        """Return the inner radius of a ring, in mm, counted out from the channel's inner wall."""
        return self.inner_radii_mm()[ring_index]

    def inner_radii_mm(self) -> list[float]:
        """Return the inner radius of each ring, in mm."""
        glue = self.effective_glue_line_mm
        radius, radii = self.inner_diameter_mm / 2, []
        for ring in self.rings:
            radius += glue
            radii.append(nine_digits(radius))
            radius += ring.width_mm
        return radii

    def _impossibilities(self) -> Iterator[Located]:
        if self.top_material is not None and self.top_material_id is not None:
            yield Located(("top_material",), "give top_material_id or top_material, not both")
        if self.inner_diameter_mm >= self.outer_diameter_mm:
            yield Located(("inner_diameter_mm",), f"must be less than outer_diameter_mm ({self.outer_diameter_mm:g})")
        elif self.rings_and_glue_mm > self.channel_width_mm + FIT_TOLERANCE_MM:
            yield Located(
                ("rings",),
                f"rings and glue lines take {self.rings_and_glue_mm:g} mm, "
                f"the channel between the diameters is {self.channel_width_mm:g} mm wide: narrow a ring or widen it",
            )
        if self.inner_diameter_mm < self.soundhole_diameter_mm:
            yield Located(
                ("inner_diameter_mm",),
                f"lies inside the soundhole (soundhole_diameter_mm {self.soundhole_diameter_mm:g})",
            )
        thickness, finished = self.top_thickness_mm, self.finished_top_thickness_mm
        if thickness is not None and finished is not None and finished > thickness:
            yield Located(("finished_top_thickness_mm",), f"thicker than the top when routed ({thickness:g} mm)")

    def _inches(self) -> Iterator[Located]:
        for name in ("soundhole_diameter_mm", "inner_diameter_mm", "outer_diameter_mm"):
            value = getattr(self, name)
            if value < LOOKS_LIKE_INCHES_BELOW_MM:
                yield Located((name,), f'{value:g} mm looks like inches; write it with its unit, "{value:g} in"')
