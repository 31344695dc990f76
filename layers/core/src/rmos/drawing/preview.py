"""A design as a picture on request, with the ring that limits its cuts marked.

A function imports this when it is first asked for a picture: 20 ms that its cold start does without.
"""

from rmos.design.library import BuiltInLibrary, Library, RowKind
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.drawing.request import PreviewRequest
from rmos.drawing.rosette import draw_rosette
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.resolution import UnknownRow, unknown_row

_BUILT_IN = BuiltInLibrary()


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
        unknown_row(pointer, RowKind.MATERIALS, row_id, library)
        for pointer, row_id in named
        if row_id is not None and library.material(row_id) is None
    ]
    if problems:
        raise UnknownRow("an id stands for nothing that is known", problems=problems)
