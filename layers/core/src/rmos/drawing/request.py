"""What a picture is asked for with. It knows nothing of drawing, which costs a cold start that only pictures need."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from rmos.design.cutting import Context
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.feasibility.inputs import FeasibilityInput
from rmos.models import InputModel


class Layer(StrEnum):
    """LOOK: coloured, with dimensions and legend. CUT: outlines only."""

    LOOK = "LOOK"
    CUT = "CUT"


class PreviewRequest(InputModel):
    """A design to draw. With a context it is judged, and LOOK marks the ring whose limit binds.

    `display_units` are those of the context when absent, and MM without one.
    """

    design: Design
    context: Context | None = None
    layer: Layer = Layer.LOOK
    display_units: DisplayUnits | None = None

    @model_validator(mode="after")
    def _names_rings_that_exist(self) -> Self:
        self.judged()
        return self

    def judged(self) -> FeasibilityInput | None:
        """Return what an engine is asked, or None where there is nothing to judge."""
        if self.context is None:
            return None
        return FeasibilityInput(design=self.design, context=self.context)
