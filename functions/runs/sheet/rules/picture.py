"""The rosette on the sheet: its plan at true scale where that fits on A4, so that a rule can be laid on it."""

from typing import Final

from rmos.design.library import Library
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.drawing.rosette import draw_plan, draw_rosette
from rmos.drawing.sheet import sheet_around

from runs.sheet.models import Picture

WIDTH_MM: Final = 184.0
"""What A4 leaves beside the margins of the page."""


def picture_of(design: Design, units: DisplayUnits, library: Library) -> Picture:
    """Return the plan alone at 1 : 1, or the whole drawing made smaller where the rosette is wider than the page."""
    if sheet_around(design.outer_diameter_mm).plan_width > WIDTH_MM:
        svg = draw_rosette(design, display_units=units, library=library)
        return Picture(svg, "Made smaller to fit this page: not 1 : 1.")
    svg = draw_plan(design, units, library)
    return Picture(svg, "True to scale when printed at 100 %; lay a rule on the bar.")
