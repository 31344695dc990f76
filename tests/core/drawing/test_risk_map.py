"""The map of feed and speed."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rmos.design.units import DisplayUnits
from rmos.drawing.risk_map import MapCell, MapPoint, RiskMap, draw_map
from rmos.feasibility.models import RiskLevel

from tests.support.drawings import DRAWN, SVG, by_id, desc, ids, read, tags, text_boxes, texts

values = st.lists(st.floats(0.1, 200_000), min_size=1, max_size=12, unique_by=lambda value: round(value, 3)).map(sorted)


def of(rows, feeds=(500.0, 1000.0), speeds=(10_000.0, 20_000.0, 30_000.0), **more):
    cells = tuple(tuple(MapCell(level, 50) for level in row) for row in rows)
    return RiskMap("Channel", feeds, speeds, cells, **more)


G, Y, R, U, E = (RiskLevel[name] for name in ("GREEN", "YELLOW", "RED", "UNKNOWN", "ERROR"))
ROWS = ((G, G, Y), (R, U, E))


@settings(max_examples=50, deadline=None)
@given(feeds=values, speeds=values, title=st.text(max_size=200), data=st.data())
def test_every_map_is_drawn_as_plain_svg(feeds, speeds, title, data):
    level = st.sampled_from(list(RiskLevel))
    cells = tuple(tuple(MapCell(data.draw(level), 1.0) for _ in speeds) for _ in feeds)
    present = MapPoint(data.draw(st.floats(0.1, 1e5)), data.draw(st.floats(1, 3e5)))
    units = data.draw(st.sampled_from(DisplayUnits))
    svg = draw_map(RiskMap(title, tuple(feeds), tuple(speeds), cells, present, title, units))
    assert tags(svg) <= DRAWN
    assert "nan" not in svg.replace("RiskLevel", "").lower().replace(title.lower(), "") or "nan" in title.lower()


def test_a_hostile_title_stays_text():
    svg = draw_map(of(ROWS, subtitle="]]><script>alert(1)</script>\x00"))
    assert tags(svg) <= DRAWN
    assert "]]><script>alert(1)</script>\ufffd" in texts(svg)


def test_cells_stand_where_their_feed_and_speed_are():
    svg = draw_map(of(ROWS))
    frame = next(each for each in read(svg).findall(f"{SVG}rect") if each.get("fill") == "none")
    left, top, wide, high = (float(frame.get(name)) for name in ("x", "y", "width", "height"))
    third, middle = wide / 3, top + high / 2
    green = by_id(svg, "rmos-cells-GREEN").find(f"{SVG}path").get("d")
    assert green == f"M{left:g} {middle:g}H{left + 2 * third:.4f}V{top + high:g}H{left:g}z"
    red = by_id(svg, "rmos-cells-RED").find(f"{SVG}path").get("d")
    assert red == f"M{left:g} {top:g}H{left + third:.4f}V{middle:g}H{left:g}z"


def test_levels_are_told_apart_without_colour():
    svg = draw_map(of(ROWS))
    fills = {level: [each.get("fill") for each in by_id(svg, f"rmos-cells-{level}")] for level in RiskLevel}
    assert len(fills[G]) == 1
    for level in (Y, R, U, E):
        assert fills[level][1] == f"url(#rmos-{level})"
    hatches = [by_id(svg, f"rmos-{level}").find(f"{SVG}path").get("d") for level in (Y, R, U, E)]
    assert len(set(hatches)) == 4


def luminance(colour):
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_green_and_red_differ_in_lightness():
    svg = draw_map(of(ROWS))
    light = {level: luminance(by_id(svg, f"rmos-cells-{level}").find(f"{SVG}path").get("fill")) for level in (G, Y, R)}
    assert (light[G] + 0.05) / (light[R] + 0.05) > 3
    assert light[Y] > light[G]


def test_the_present_point_stands_at_its_place():
    svg = draw_map(of(ROWS, present=MapPoint(750, 20_000)))
    mark = by_id(svg, "rmos-present").find(f"{SVG}circle")
    assert (float(mark.get("cx")), float(mark.get("cy"))) == (24 + 65, 20 + 45)
    assert "now" in texts(svg)


def test_a_present_point_beyond_the_map_is_named_and_not_drawn_on_it():
    svg = draw_map(of(ROWS, present=MapPoint(5_000, 20_000)))
    assert "now (off this map)" in texts(svg)
    marks = {each.get("cx") for each in by_id(svg, "rmos-present").iter(f"{SVG}circle")}
    assert len(marks) == 1
    assert "rmos-present" not in ids(draw_map(of(ROWS)))


def test_axes_have_units_and_round_ticks():
    said = texts(draw_map(of(ROWS)))
    assert "spindle speed (rpm)" in said
    assert "feed (mm/min)" in said
    assert "20 000" in said
    said = texts(draw_map(of(ROWS, display_units=DisplayUnits.INCH)))
    assert "feed (in/min)" in said
    assert "20" in said


def test_a_tick_stands_at_its_value_in_inches_too():
    svg = draw_map(of(ROWS, display_units=DisplayUnits.INCH))
    tick = next(each for each in read(svg).iter(f"{SVG}text") if each.text == "20" and each.get("text-anchor") == "end")
    share = (20 * 25.4 - 250) / (1250 - 250)
    assert float(tick.get("y")) - 0.33 * 3.4 == pytest.approx(110 - 90 * share, abs=1e-3)


def test_the_description_counts_the_cells():
    assert "Cells: 2 GREEN, 1 YELLOW, 1 RED, 1 UNKNOWN, 1 ERROR." in desc(draw_map(of(ROWS)))


def test_the_legend_shows_only_what_is_there():
    said = texts(draw_map(of(((G, G, G), (G, G, Y)))))
    assert "GREEN 83 %" in said
    assert not [each for each in said if each.startswith("RED")]


def test_a_grid_of_2500_cells_is_small_and_the_same_each_time():
    levels = tuple(tuple(list(RiskLevel)[(row * column) % 5] for column in range(50)) for row in range(50))
    feeds, speeds = tuple(float(10 + i) for i in range(50)), tuple(float(1000 + i) for i in range(50))
    svg = draw_map(of(levels, feeds, speeds))
    assert len(svg) < 150_000
    assert svg == draw_map(of(levels, feeds, speeds))


@pytest.mark.parametrize("units", list(DisplayUnits))
@pytest.mark.parametrize("top", [0.2, 9.0, 777.0, 100_000.0])
def test_no_text_touches_another_or_leaves_the_picture(top, units):
    feeds, speeds = (top / 2, top), (1_000.0, 150_000.0, 300_000.0)
    levels = ((G, Y, R), (U, E, G))
    svg = draw_map(of(levels, feeds, speeds, subtitle="M" * 200, present=MapPoint(99_999.0, 1.0), display_units=units))
    boxes = text_boxes(svg)
    _, _, width, height = (float(each) for each in read(svg).get("viewBox").split())
    assert all(box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height for box in boxes), boxes
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": ROWS, "feeds": (500.0,)},
        {"rows": ROWS, "speeds": (1.0, 2.0)},
        {"rows": ROWS, "feeds": (1000.0, 500.0)},
        {"rows": (), "feeds": ()},
        {"rows": ((G, G, G), (G, G))},
    ],
)
def test_a_map_whose_cells_do_not_fit_its_axes_is_refused(wrong):
    with pytest.raises(ValueError, match=r"map of|ascend"):
        of(**wrong)
