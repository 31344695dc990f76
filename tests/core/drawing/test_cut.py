"""The outlines that a laser or CAM program imports."""

import re

import pytest
from rmos.design.rosette import Design
from rmos.drawing.cut import MAX_CELLS
from rmos.drawing.request import Layer
from rmos.drawing.rosette import draw_rosette

from tests.support.drawings import PATTERNS, SVG, by_id, desc, design_of, ids, paths, read, tags
from tests.support.rosettes import body_of

SPANISH = Design.model_validate(body_of("spanish-rosette")["design"])


def cut(design):
    return draw_rosette(design, layer=Layer.CUT)


def test_only_unfilled_hairline_paths_are_drawn():
    svg = cut(SPANISH)
    assert tags(svg) == {"svg", "title", "desc", "g", "path"}
    groups = [element for element in read(svg).iter() if element.get("stroke") is not None]
    assert groups
    for element in groups:
        assert element.get("fill") == "none"
        assert float(element.get("stroke-width")) <= 0.0254
    assert {element.get("fill") for element in read(svg).iter()} == {"none", None}


def test_the_origin_is_the_middle_of_the_soundhole():
    root = read(cut(SPANISH))
    left, top, width, height = (float(each) for each in root.get("viewBox").split())
    assert (left, top) == (-width / 2, -height / 2)
    assert root.get("width") == f"{width:g}mm"


def test_no_circle_is_drawn_twice():
    rings = [{"width_mm": 2, "pattern": "STRIP", "strip_thickness_mm": 0.5}, {"width_mm": 6}]
    svg = cut(design_of(*rings, glue_line_mm=0, outer_diameter_mm=105))
    radii = [radius for path in paths(read(svg)) for radius in re.findall(r"z?M[^a]*a([\d.]+) ", path)]
    assert len(radii) == len(set(radii))
    assert {"42.5", "44.5", "46.5", "52.5", "45", "45.5", "46"} == set(radii)
    assert "rmos-ring-2-inside" not in ids(svg)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_lines_of_a_pattern_are_as_many_as_its_cells(pattern):
    ring = {"width_mm": 8, "pattern": pattern, "tile_length_mm": 4, "strip_thickness_mm": 2}
    svg = cut(design_of(ring))
    if pattern == "SOLID":
        assert "rmos-ring-1-pattern" not in ids(svg)
        return
    lines = by_id(svg, "rmos-ring-1-pattern").get("d").count("M")
    around = 2 * 3.141592653589793 * 48.55 / 4
    expected = {
        "STRIP": 3,
        "MOSAIC": 2 * int(2 * 3.141592653589793 * 44.55 / 4.001),
        "HERRINGBONE": round(around / 2) * 2 + 1,
        "ROPE": round(around / 2) * 2,
        "DOTS": round(around),
    }
    assert abs(lines - expected[pattern]) <= 2


def test_segments_are_parted_by_radial_lines():
    svg = cut(design_of({"width_mm": 8, "construction": "SEGMENTED", "segments": 12}))
    lines = by_id(svg, "rmos-ring-1-pattern").get("d").split("M")[1:]
    assert len(lines) == 12
    assert lines[0] == "0 -44.55L0 -52.55"


def test_a_ring_is_cut_in_full_or_plain_and_the_plain_ones_are_named():
    rings = [{"width_mm": 1, "pattern": "DOTS", "tile_length_mm": 0.1}] * 5
    svg = cut(design_of(*rings))
    assert f"Over {MAX_CELLS} pattern lines: without those of rings" in desc(svg)
    plain = desc(svg).split("rings ")[-1].rstrip(".").split(", ")
    assert plain
    for index in range(5):
        has_lines = f"rmos-ring-{index + 1}-pattern" in ids(svg)
        assert has_lines is (str(index + 1) not in plain)
        assert f"rmos-ring-{index + 1}-inside" in ids(svg)


def test_every_path_is_within_the_sheet():
    svg = cut(SPANISH)
    reach = float(read(svg).get("viewBox").split()[2]) / 2
    for element in read(svg).iter(f"{SVG}path"):
        starts = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d"))
        assert all(abs(float(x)) < reach and abs(float(y)) < reach for x, y in starts)
