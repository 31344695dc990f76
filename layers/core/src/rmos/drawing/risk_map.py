"""A grid of feed and spindle speed as a picture: where a cut is safe, where it is not, and where it stands now."""

from dataclasses import dataclass
from itertools import groupby, pairwise
from xml.etree import ElementTree as ET

from rmos.design.units import MM_PER_INCH, DisplayUnits
from rmos.drawing.axes import Axis, add_axis_below, add_axis_beside, edges_of, thousands_apart
from rmos.drawing.colours import BLACK, FAINT_INK, INK, PAPER
from rmos.drawing.sheet import Type, add_fitted_text, add_text
from rmos.drawing.svg import Attributes, add, document, number, polyline, stroke, write
from rmos.feasibility.models import RiskLevel

_TEXT = 3.4
_LEFT, _TOP, _WIDE, _HIGH = 24.0, 20.0, 130.0, 90.0
_BELOW, _LEGEND = 15.0, 46.0
_HATCH = 3.0
_FEED_UNITS = {DisplayUnits.MM: ("mm/min", 1.0), DisplayUnits.INCH: ("in/min", MM_PER_INCH)}


@dataclass(frozen=True, slots=True)
class MapCell:
    """How one feed at one speed was judged; `score` from 0 to 100."""

    risk_level: RiskLevel
    score: float


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A feed in mm/min and a speed in rpm."""

    feed_mm_per_min: float
    spindle_rpm: float


@dataclass(frozen=True, slots=True)
class RiskMap:
    """Judged feeds (rows) and speeds (columns), both ascending, and `present`, where the cut stands now.

    `title` and `subtitle` say which cut it is.

    Raises:
        ValueError: the cells are not as many as feeds and speeds, or these do not ascend.
    """

    title: str
    feeds_mm_per_min: tuple[float, ...]
    spindle_rpms: tuple[float, ...]
    cells: tuple[tuple[MapCell, ...], ...]
    present: MapPoint | None = None
    subtitle: str = ""
    display_units: DisplayUnits = DisplayUnits.MM

    def __post_init__(self) -> None:
        rows, columns = len(self.feeds_mm_per_min), len(self.spindle_rpms)
        if not rows or not columns or [len(row) for row in self.cells] != [columns] * rows:
            raise ValueError(f"a map of {rows} feeds and {columns} speeds needs as many rows and columns of cells")
        for values in (self.feeds_mm_per_min, self.spindle_rpms):
            if any(low >= high for low, high in pairwise(values)):
                raise ValueError("feeds and speeds ascend")

    @property
    def levels(self) -> list[RiskLevel]:
        """Return the risk levels of all cells, row by row."""
        return [cell.risk_level for row in self.cells for cell in row]


@dataclass(frozen=True, slots=True)
class _Shade:
    """How a risk level looks, told apart by lightness and hatch alone: without red and green, and in black and white.

    `hatch` is drawn in `ink` over each square of 3 mm.
    """

    colour: str
    hatch: str
    ink: str
    meaning: str


_SHADES = {
    RiskLevel.GREEN: _Shade("#9bd8c0", "", INK, "may be cut"),
    RiskLevel.YELLOW: _Shade("#f7e58b", "M0 3L3 0", "#a5860f", "needs review"),
    RiskLevel.RED: _Shade("#b5402f", "M0 0L3 3M0 3L3 0", "#eec0b4", "blocked"),
    RiskLevel.UNKNOWN: _Shade("#e3e3e3", "M.6 1.5H2.4", "#6b6b6b", "input missing"),
    RiskLevel.ERROR: _Shade("#55555f", "M1.5 .6V2.4M.6 1.5H2.4", "#dcdce4", "engine failed"),
}


def draw_map(risk_map: RiskMap) -> str:
    """Return an SVG picture of a map, the same bytes for the same map."""
    feed_unit, per_unit = _FEED_UNITS[risk_map.display_units]
    across = Axis(edges_of(risk_map.spindle_rpms), _LEFT, _WIDE, "spindle speed (rpm)")
    up = Axis(edges_of(risk_map.feeds_mm_per_min), _TOP + _HIGH, -_HIGH, f"feed ({feed_unit})", per_unit)
    width, height = _LEFT + _WIDE + _LEGEND, _TOP + _HIGH + _BELOW
    root = document((0.0, 0.0, width, height), risk_map.title, _description(risk_map))
    shown = [level for level in _SHADES if level in risk_map.levels]
    _add_hatches(root, shown)
    add(root, "rect", x=0.0, y=0.0, width=width, height=height, fill=PAPER)
    room = width - _LEFT - _TEXT
    add_fitted_text(root, (_LEFT, 8), risk_map.title, Type(1.4 * _TEXT, weight="bold"), room)
    add_fitted_text(root, (_LEFT, 14.5), risk_map.subtitle, Type(_TEXT, FAINT_INK), room)
    for level in shown:
        _add_area(root, level, _area(risk_map, level, across, up))
    add(root, "rect", x=_LEFT, y=_TOP, width=_WIDE, height=_HIGH, **stroke(INK, 0.3))
    add_axis_below(root, across, _TOP + _HIGH, _TEXT)
    add_axis_beside(root, up, _LEFT, _TEXT)
    _add_legend(root, risk_map, shown)
    _add_present(root, risk_map, across, up)
    return write(root)


def _description(risk_map: RiskMap) -> str:
    levels, units = risk_map.levels, risk_map.display_units
    slowest, fastest = risk_map.feeds_mm_per_min[0], risk_map.feeds_mm_per_min[-1]
    said = (
        f"Risk by feed, {_feed_text(slowest, units)} to {_feed_text(fastest, units)}, and spindle speed, "
        f"{thousands_apart(risk_map.spindle_rpms[0])} to {thousands_apart(risk_map.spindle_rpms[-1])} rpm. "
        f"Cells: {', '.join(f'{levels.count(level)} {level}' for level in _SHADES if level in levels)}. "
        f"Best score: {max(cell.score for row in risk_map.cells for cell in row):g}."
    )
    return said if risk_map.present is None else f"{said} Now: {', '.join(_present_lines(risk_map.present, units))}."


def _feed_text(feed_mm_per_min: float, units: DisplayUnits) -> str:
    name, per_unit = _FEED_UNITS[units]
    return f"{thousands_apart(float(f'{feed_mm_per_min / per_unit:.4g}'))} {name}"


def _present_lines(present: MapPoint, units: DisplayUnits) -> tuple[str, str]:
    return _feed_text(present.feed_mm_per_min, units), f"{thousands_apart(present.spindle_rpm)} rpm"


def _add_hatches(root: ET.Element, shown: list[RiskLevel]) -> None:
    definitions = add(root, "defs")
    for level in shown:
        shade = _SHADES[level]
        if shade.hatch:
            place: Attributes = {"width": _HATCH, "height": _HATCH, "patternUnits": "userSpaceOnUse"}
            pattern = add(definitions, "pattern", id=f"rmos-{level}", **place)
            add(pattern, "path", d=shade.hatch, **stroke(shade.ink, 0.35))


def _area(risk_map: RiskMap, level: RiskLevel, across: Axis, up: Axis) -> str:
    """Return all cells of a level as one path, neighbours in a row together."""
    parts = []
    for row, cells in enumerate(risk_map.cells):
        top, bottom = up.place(up.edges[row + 1]), up.place(up.edges[row])
        column = 0
        for found, run in groupby(cells, key=lambda cell: cell.risk_level):
            first, column = column, column + len(list(run))
            if found is level:
                left, right = across.place(across.edges[first]), across.place(across.edges[column])
                parts.append(f"M{number(left)} {number(top)}H{number(right)}V{number(bottom)}H{number(left)}z")
    return "".join(parts)


def _add_area(root: ET.Element, level: RiskLevel, path: str) -> None:
    group = add(root, "g", id=f"rmos-cells-{level}")
    # A hairline in its own colour closes the seams that antialiasing leaves between rows.
    add(group, "path", d=path, fill=_SHADES[level].colour, stroke=_SHADES[level].colour, stroke_width=0.12)
    if _SHADES[level].hatch:
        add(group, "path", d=path, fill=f"url(#rmos-{level})")


def _add_legend(root: ET.Element, risk_map: RiskMap, shown: list[RiskLevel]) -> None:
    group = add(root, "g", id="rmos-legend")
    left, levels = _LEFT + _WIDE + 5, risk_map.levels
    for position, level in enumerate(shown):
        top = _TOP + position * 12
        box: Attributes = {"x": left, "y": top, "width": 8.0, "height": 8.0}
        add(group, "rect", **box, fill=_SHADES[level].colour)
        if _SHADES[level].hatch:
            add(group, "rect", **box, fill=f"url(#rmos-{level})")
        add(group, "rect", **box, **stroke(INK, 0.2))
        add_text(group, (left + 10, top + 3.4), f"{level} {_share(levels, level)}", Type(0.95 * _TEXT, weight="bold"))
        add_text(group, (left + 10, top + 7.6), _SHADES[level].meaning, Type(0.9 * _TEXT, FAINT_INK))


def _share(levels: list[RiskLevel], level: RiskLevel) -> str:
    percent = 100 * levels.count(level) / len(levels)
    return f"{percent:.0f} %" if percent >= 1 else "< 1 %"


def _add_present(root: ET.Element, risk_map: RiskMap, across: Axis, up: Axis) -> None:
    """Append the mark of the present setting, in the legend and, when the map reaches that far, on the map."""
    present = risk_map.present
    if present is None:
        return
    group = add(root, "g", id="rmos-present")
    is_inside = across.holds(present.spindle_rpm) and up.holds(present.feed_mm_per_min)
    if is_inside:
        _add_mark(group, across.place(present.spindle_rpm), up.place(present.feed_mm_per_min))
    left, top = _LEFT + _WIDE + 5, _TOP + _HIGH - 12
    _add_mark(group, left + 4, top)
    said = "now" if is_inside else "now (off this map)"
    add_text(group, (left + 10, top + 1.1), said, Type(0.95 * _TEXT, weight="bold"))
    for position, line in enumerate(_present_lines(present, risk_map.display_units)):
        add_text(group, (left + 10, top + 5.5 + 4.2 * position), line, Type(0.9 * _TEXT, FAINT_INK))


def _add_mark(group: ET.Element, x: float, y: float) -> None:
    cross = polyline([(x - 4, y), (x + 4, y)]) + polyline([(x, y - 4), (x, y + 4)])
    for colour, width in ((PAPER, 1.5), (BLACK, 0.5)):
        add(group, "path", d=cross, **stroke(colour, width))
        add(group, "circle", cx=x, cy=y, r=2.4, **stroke(colour, width))
