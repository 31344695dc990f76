"""The rosette on the sheet: its plan at true scale where that fits on A4, so that a rule can be laid on it."""

import re
from typing import Final

from rmos.design.library import Library
from rmos.design.rosette import Design
from rmos.design.units import DisplayUnits
from rmos.drawing.request import Layer
from rmos.drawing.rosette import draw_rosette
from rmos.drawing.sheet import sheet_around

from runs.sheet.models import Picture

WIDTH_MM: Final = 184.0
"""What A4 leaves beside the margins of the page."""

_FRAME: Final = re.compile(r'width="[\d.]+mm" height="([\d.]+)mm" viewBox="(-?[\d.]+ -?[\d.]+) [\d.]+ ([\d.]+)"')


def picture_of(design: Design, units: DisplayUnits, library: Library) -> Picture:
    """Return the plan alone at 1 : 1, or the whole drawing made smaller where the rosette is wider than the page."""
    svg = draw_rosette(design, Layer.LOOK, display_units=units, library=library)
    sheet = sheet_around(design.outer_diameter_mm)
    width = sheet.panel_left - sheet.left - sheet.text
    if width > WIDTH_MM:
        return Picture(svg, "Made smaller to fit this page: not 1 : 1.")
    frame = f'width="{width:g}mm" height="\\1mm" viewBox="\\2 {width:g} \\3"'
    return Picture(_FRAME.sub(frame, svg, count=1), "True to scale when printed at 100 %; lay a rule on the bar.")
