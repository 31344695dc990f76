"""A design as a picture on request, with the ring that limits its cuts marked."""

from typing import Self

from pydantic import model_validator

from rmos.design.cutting import Context
from rmos.design.library import BuiltInLibrary, Library, materials
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.drawing.rosette import Layer, draw_rosette
from rmos.errors import FieldProblem
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.models import FeasibilityInput
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.resolution import UnknownRow
from rmos.models import InputModel

_BUILT_IN = BuiltInLibrary()


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


def draw_preview(
    request: PreviewRequest, registry: EngineRegistry, engine_id: str, library: Library = _BUILT_IN
) -> str:
    """Return the SVG picture that was asked for; the same request gives the same bytes.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing, with a pointer to each.
    """
    _refuse_unknown_materials(request.design, library)
    judged = request.judged()
    binding = None if judged is None else evaluate_feasibility(judged, registry, engine_id, library).binding
    units = request.display_units or (request.context.display_units if request.context else DisplayUnits.MM)
    ring = None if binding is None else binding.ring_index
    return draw_rosette(request.design, request.layer, ring, units, library)


def _refuse_unknown_materials(design: Design, library: Library) -> None:
    named = [("/design/top_material_id", design.top_material_id)]
    named += [(f"/design/rings/{index}/material_id", ring.material_id) for index, ring in enumerate(design.rings)]
    problems = [
        FieldProblem(pointer, f"unknown material {row_id!r}; {_hint(row_id)}")
        for pointer, row_id in named
        if row_id is not None and library.material(row_id) is None
    ]
    if problems:
        raise UnknownRow("an id stands for nothing that is known", problems=problems)


def _hint(row_id: str) -> str:
    nearest = materials().nearest(row_id)
    return f"did you mean {nearest}?" if nearest else "GET /api/rmos/feasibility/materials lists what is known"
