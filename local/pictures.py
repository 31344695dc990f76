"""The pictures of `rmos evaluate`: a rosette, and one of its cuts over feed and speed."""

from pathlib import Path

from rmos.design.cutting import Machine
from rmos.design.library import Library
from rmos.design.numbering import cut_name
from rmos.design.units import nine_digits
from rmos.drawing.request import Layer
from rmos.drawing.risk_map import MapCell, MapPoint, RiskMap, draw_map
from rmos.drawing.rosette import draw_rosette
from rmos.errors import FieldProblem, Invalid
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Feasibility
from rmos.feasibility.operating_map import Grid, judged_grid
from rmos.feasibility.registry import default_registry
from rmos.feasibility.resolution import resolve
from rmos.settings import Settings

from local.place import CannotStart

_STEPS = 40
_FEED_REACH = 4.0
_RPM_REACH = 2.0


def write_map(file: Path, request: FeasibilityInput, result: Feasibility, library: Library, settings: Settings) -> None:
    """Draw the cut that binds (else the first) over what its machine can do, up to four times its feed.

    Raises:
        CannotStart: the file cannot be written.
        Invalid: the cut has no feed or no speed to draw around.
    """
    index = 0 if result.binding is None or result.binding.cut is None else result.binding.cut
    cut = request.context.cuts[index]
    feed, rpm = cut.feed_mm_per_min, cut.spindle_rpm
    if feed is None or rpm is None:
        names = [name for name in ("feed_mm_per_min", "spindle_rpm") if getattr(cut, name) is None]
        problems = [FieldProblem(f"/context/cuts/{index}/{name}", "required for a map") for name in names]
        raise Invalid("there is nothing to draw a map around", problems=problems)
    machine = resolve(request, library).machine or Machine()
    feeds = _values(feed / _FEED_REACH, min(_FEED_REACH * feed, machine.max_feed_mm_per_min or _FEED_REACH * feed))
    rpms = _values(machine.min_rpm or rpm / _RPM_REACH, machine.max_rpm or _RPM_REACH * rpm)
    registry = default_registry(allow_stub=settings.allow_stub_engine)
    cells = judged_grid(request, registry, result.engine_id, Grid(index, feeds, rpms), library)
    picture = RiskMap(
        title=f"{cut.name or cut_name(index).capitalize()}: risk over feed and spindle speed",
        subtitle=request.design.label or "",
        feeds_mm_per_min=feeds,
        spindle_rpms=rpms,
        cells=tuple(tuple(MapCell(cell.risk_level, cell.score) for cell in row) for row in cells),
        present=MapPoint(feed, rpm),
        display_units=request.context.display_units,
    )
    _write(file, draw_map(picture))


def write_preview(file: Path, request: FeasibilityInput, result: Feasibility, library: Library) -> None:
    """Draw the rosette with its binding ring marked.

    Raises:
        CannotStart: the file cannot be written.
    """
    ring = None if result.binding is None else result.binding.ring_index
    _write(file, draw_rosette(request.design, Layer.LOOK, ring, request.context.display_units, library))


def _values(least: float, most: float) -> tuple[float, ...]:
    if least >= most:
        least, most = most, least + 1
    width = (most - least) / (_STEPS - 1)
    return tuple(nine_digits(least + i * width) for i in range(_STEPS))


def _write(file: Path, svg: str) -> None:
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"{file} cannot be written: {error.strerror}") from error
