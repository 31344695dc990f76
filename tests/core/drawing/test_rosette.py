"""The rosette to look at and measure."""

import math
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rmos.design.library import BuiltInLibrary, materials
from rmos.design.rosette import Construction, Design, Pattern, TileProfile
from rmos.design.units import DisplayUnits
from rmos.drawing.colours import reference_colour
from rmos.drawing.request import Layer
from rmos.drawing.rosette import MOST_CELLS, draw_rosette

from tests.support.drawings import (
    DRAWN,
    PATTERNS,
    SVG,
    by_id,
    desc,
    design_of,
    ids,
    paths,
    radius,
    read,
    tags,
    text_boxes,
    texts,
)
from tests.support.rosettes import body_of

SPANISH = Design.model_validate(body_of("spanish-rosette")["design"])
TINY = [
    {"width_mm": 1.1, "pattern": PATTERNS[i % 6], "tile_length_mm": 0.1, "strip_thickness_mm": 0.05} for i in range(64)
]
MANY = design_of(*TINY, outer_diameter_mm=260)
HOSTILE = st.text(min_size=1, max_size=200) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "]]><svg onload=alert(1)>",
        "\" onload='x' &amp; &#0; <!-- --> <?xml?>",
        "\x00\x01\x08\x0b\x1f\ufffe\uffff",
        "\u202egnp.exe\u2066",
        "W" * 200,
        "https://example.org/x.png",
        "a\tb\nc\r\nd  ",
    ]
)
ring_bodies = st.fixed_dictionaries(
    {"width_mm": st.floats(0.1, 3)},
    optional={
        "pattern": st.sampled_from(list(Pattern)),
        "construction": st.sampled_from(list(Construction)),
        "segments": st.integers(2, 360),
        "strip_thickness_mm": st.floats(0.05, 20),
        "tile_length_mm": st.floats(0.1, 100),
        "slice_thickness_mm": st.floats(0.1, 20),
        "tile_profile": st.sampled_from(list(TileProfile)),
        "material_id": st.sampled_from(["maple_hard", "abalone", "own:mine", "ebony_gaboon"]),
    },
)
# 5 mm wide rings always find room between the diameters.
design_bodies = st.fixed_dictionaries(
    {"rings": st.lists(ring_bodies, min_size=1, max_size=5), "outer_diameter_mm": st.floats(122, 600)},
    optional={
        "soundhole_diameter_mm": st.floats(20, 89),
        "channel_depth_mm": st.floats(0.05, 20),
        "top_thickness_mm": st.floats(0.5, 50),
        "glue_line_mm": st.floats(0, 0.1),
    },
)


def drawn(design, **how):
    return draw_rosette(design, **how)


@settings(max_examples=60, deadline=None)
@given(body=design_bodies, units=st.sampled_from(DisplayUnits), layer=st.sampled_from(Layer))
def test_every_possible_design_is_drawn_as_plain_svg(body, units, layer):
    design = design_of(**body)
    svg = drawn(design, layer=layer, display_units=units, binding_ring=0)
    assert tags(svg) <= DRAWN
    assert "NaN" not in svg
    assert "inf" not in svg.replace("information", "")


@settings(max_examples=60, deadline=None)
@given(label=HOSTILE, material=HOSTILE, layer=st.sampled_from(Layer))
def test_labels_stay_text(label, material, layer):
    design = Design.model_construct(
        **dict(design_of({"width_mm": 8, "material": {"label": material, "class": "SHELL"}})) | {"label": label}
    )
    svg = drawn(design, layer=layer)
    assert tags(svg) <= DRAWN
    for element in read(svg).iter():
        assert not [name for name in element.attrib if name.startswith("on") or name.endswith(("href", "style"))]
        for name, value in element.attrib.items():
            if name != "xmlns":
                assert "//" not in value
                assert not value.startswith("url(") or value.startswith("url(#rmos-")
    assert "\n" not in by_id(svg, "rmos-title").text


def test_a_label_is_shown_as_it_was_written():
    label = "<script>alert('1')</script> & \"]]>\""
    svg = drawn(design_of(label=label))
    assert label in texts(svg)
    assert by_id(svg, "rmos-title").text == label
    assert "<script" not in svg


def test_characters_that_xml_cannot_hold_are_replaced_and_lines_joined():
    assert "a\ufffdb c" in texts(drawn(design_of(label="a\x00b\n c")))


def test_text_cannot_be_turned_around():
    assert "\u202e" not in drawn(design_of(label="a\u202eb"))


def test_a_label_too_long_for_its_place_is_shortened_and_whole_when_pointed_at():
    svg = drawn(design_of(label="wide " * 40))
    heading = next(element for element in read(svg).iter(f"{SVG}text") if element.get("font-weight") == "bold")
    assert heading.find(f"{SVG}title").text == ("wide " * 40).strip()
    assert heading.find(f"{SVG}title").tail.endswith("\u2026")


def test_one_unit_is_one_millimetre():
    root = read(drawn(SPANISH))
    _, _, width, height = (float(each) for each in root.get("viewBox").split())
    assert root.get("width") == f"{width:g}mm"
    assert root.get("height") == f"{height:g}mm"


@pytest.mark.parametrize("layer", list(Layer))
def test_every_circle_has_the_radius_of_the_design(layer):
    svg = drawn(SPANISH, layer=layer)
    assert radius(svg, "rmos-soundhole") == SPANISH.soundhole_diameter_mm / 2
    assert radius(svg, "rmos-channel-inside") == SPANISH.inner_diameter_mm / 2
    assert radius(svg, "rmos-channel-outside") == SPANISH.outer_diameter_mm / 2
    for index, ring in enumerate(SPANISH.rings):
        inside = radius(svg, f"rmos-ring-{index + 1}-inside")
        assert inside == pytest.approx(SPANISH.inner_radius_mm(index), abs=5e-5)
        assert radius(svg, f"rmos-ring-{index + 1}-outside") == pytest.approx(inside + ring.width_mm, abs=1e-4)


@pytest.mark.parametrize("layer", list(Layer))
def test_a_design_in_inches_is_the_same_picture(layer):
    ring = {"pattern": "MOSAIC", "material_id": "koa"}
    metric = design_of(
        {**ring, "width_mm": 6.35, "tile_length_mm": 3.175}, outer_diameter_mm=127, channel_depth_mm=1.27
    )
    inches = design_of(
        {**ring, "width_mm": "1/4 in", "tile_length_mm": "1/8 in"}, outer_diameter_mm="5 in", channel_depth_mm="0.05 in"
    )
    assert drawn(metric, layer=layer) == drawn(inches, layer=layer)


def test_inches_change_the_texts_and_not_the_plan():
    metric, inches = drawn(SPANISH), drawn(SPANISH, display_units=DisplayUnits.INCH)
    assert "\u2300 126 mm channel outside" in texts(metric)
    assert "\u2300 4.961 in channel outside" in texts(inches)
    assert not [each for each in texts(inches) if " mm" in each]
    plans = [by_id(svg, "rmos-plan") for svg in (metric, inches)]
    assert paths(plans[0]) == paths(plans[1])


def test_the_dimensions_are_written():
    said = texts(drawn(SPANISH))
    assert "\u2300 86 mm soundhole" in said
    assert "\u2300 90 mm channel inside" in said
    assert "channel 1.2 mm deep" in said
    assert "1.6 mm left, 1.3 finished" in said
    assert [each for each in said if each == "7.5"]  # over its ring, in the section


def test_the_section_is_to_its_scale():
    svg = drawn(design_of({"width_mm": 8}, channel_depth_mm=1.5, top_thickness_mm=3))
    (scale,) = [float(each.split(", ")[1].split(" :")[0]) for each in texts(svg) if each.startswith("Section")]
    (inlay,) = by_id(svg, "rmos-section").iter(f"{SVG}rect")
    assert float(inlay.get("width")) == 8 * scale
    assert float(inlay.get("height")) == 1.5 * scale


def test_the_legend_names_each_ring():
    svg = drawn(SPANISH)
    rows = [[each.text for each in row.iter(f"{SVG}text")] for row in by_id(svg, "rmos-legend").findall(f"{SVG}g")]
    assert rows[3] == ["4", "7.5 mm", "mosaic, 77 square tiles of 4 mm", "East Indian rosewood", "sliced log"]
    assert rows[5] == ["6", "1.6 mm", "mosaic, 52 tapered tiles of 7 mm", "Abalone", "52 segments"]
    assert len(rows) == 9


def test_the_binding_ring_is_marked_by_shape_and_word_in_plan_section_and_legend():
    plain, marked = drawn(SPANISH), drawn(SPANISH, binding_ring=3)
    assert "rmos-binding-ring" not in ids(plain)
    mark = by_id(marked, "rmos-binding-ring")
    dashed = [each for each in mark.iter(f"{SVG}circle") if each.get("stroke-dasharray")]
    inside, outside = radius(marked, "rmos-ring-4-inside"), radius(marked, "rmos-ring-4-outside")
    low, high = (float(each.get("r")) for each in dashed)
    assert low < inside
    assert outside < high
    assert inside - low < 0.5
    assert high - outside < 0.5
    assert "binding: ring 4" in texts(marked)
    assert "ring 4" in desc(marked).split("From inside out")[1].split("binds")[1]
    for part in ("rmos-section", "rmos-legend"):
        assert len(list(by_id(marked, part).iter())) > len(list(by_id(plain, part).iter()))


def test_every_pattern_has_a_geometry_of_its_own():
    def geometry(pattern):
        svg = drawn(design_of({"width_mm": 8, "material_id": "maple_hard", "pattern": pattern}))
        return tuple(paths(by_id(svg, "rmos-ring-1")))

    found = {geometry(pattern) for pattern in PATTERNS}
    assert len(found) == len(PATTERNS)


def test_strips_are_as_thick_as_given():
    svg = drawn(design_of({"width_mm": 2, "pattern": "STRIP", "strip_thickness_mm": 0.4}))
    strips = paths(by_id(svg, "rmos-ring-1"))[1]
    radii = [float(each.split(" ")[0]) for each in strips.split("a")[1::2]]
    assert radii == pytest.approx([44.55 + 0.4 * step for step in (1, 2, 3, 4)], abs=1e-4)


def corners(svg):
    """Return (radius, angle) of the four corners of the first tile of ring 1."""
    first = paths(by_id(svg, "rmos-ring-1"))[1].split("z")[0]
    places = [
        part.split(" ")[-2:] for part in first.replace("M", "|").replace("A", "|").replace("L", "|").split("|")[1:]
    ]
    return [(math.hypot(float(x), float(y)), math.atan2(float(x), -float(y))) for x, y in places]


def test_square_tiles_have_parallel_sides_and_gape_outside():
    ring = {"width_mm": 8, "pattern": "MOSAIC", "tile_length_mm": 4, "tile_profile": "SQUARE"}
    svg = drawn(design_of(ring))
    (r0, a0), (_, a1), (r1, b1), (_, b0) = corners(svg)
    assert 2 * r0 * math.sin((a1 - a0) / 2) == pytest.approx(4, abs=1e-3)
    assert 2 * r1 * math.sin((b1 - b0) / 2) == pytest.approx(4, abs=1e-3)
    count = math.floor(math.pi / math.asin(2 / 44.55))
    gap = 2 * math.pi / count * r1 - 2 * r1 * math.asin(2 / r1)
    assert gap == pytest.approx(4 * 8 / r0, rel=0.1)
    assert f"mosaic, {count} square tiles of 4 mm" in texts(svg)


def test_tapered_tiles_close_the_ring():
    ring = {"width_mm": 8, "pattern": "MOSAIC", "tile_length_mm": 4, "tile_profile": "TAPERED"}
    (_, a0), (_, a1), (_, b1), (_, b0) = corners(drawn(design_of(ring)))
    assert (a0, a1) == pytest.approx((b0, b1), abs=1e-4)
    assert a1 - a0 == pytest.approx(2 * math.pi / round(2 * math.pi * 48.55 / 4), abs=1e-4)


def test_each_reference_material_has_a_colour_of_its_own():
    colours = [reference_colour(row_id) for row_id in materials().rows]
    assert None not in colours
    assert len(set(colours)) == len(colours)


def test_an_own_material_has_the_same_neutral_colour_each_time_and_its_id_for_a_name():
    one, other = (drawn(design_of({"width_mm": 8, "material_id": "own:plum"}, label=name)) for name in ("a", "b"))
    grounds = [by_id(svg, "rmos-ring-1").find(f"{SVG}path").get("fill") for svg in (one, other)]
    assert grounds[0] == grounds[1]
    assert "own:plum" in texts(one)


def test_names_of_own_materials_come_from_the_library_given():
    class Workshop(BuiltInLibrary):
        def material(self, row_id):
            row = super().material("koa")
            return row.model_copy(update={"label": "Plum from the garden"}) if row_id == "own:plum" else row

    assert "Plum from the garden" in texts(
        drawn(design_of({"width_mm": 8, "material_id": "own:plum"}), library=Workshop())
    )


@pytest.mark.parametrize("units", list(DisplayUnits))
@pytest.mark.parametrize(
    "design",
    [
        SPANISH,
        MANY,
        design_of({"width_mm": 0.8}, soundhole_diameter_mm=20, inner_diameter_mm=20, outer_diameter_mm=22),
        design_of(label="W" * 200, channel_depth_mm=20, top_thickness_mm=3),
        design_of(
            {"width_mm": 50, "slice_thickness_mm": 20, "material": {"label": "M" * 200, "class": "WOOD"}},
            inner_diameter_mm=300,
            outer_diameter_mm=600,
            channel_depth_mm=0.05,
        ),
    ],
    ids=["spanish", "64 rings", "smallest", "long label", "largest"],
)
def test_no_text_touches_another_or_leaves_the_sheet(design, units):
    svg = drawn(design, display_units=units, binding_ring=0)
    boxes = text_boxes(svg)
    left, top, width, height = (float(each) for each in read(svg).get("viewBox").split())
    for box in boxes:
        assert left <= box[0], box
        assert box[2] <= left + width, box
        assert top <= box[1], box
        assert box[3] <= top + height, box
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def test_missing_depths_are_said_and_not_made_up():
    said = texts(drawn(design_of()))
    assert "channel depth not given" in said
    assert "rest of the top not known" in said
    assert any(each.startswith("Top thickness not given.") for each in said)


def test_a_channel_through_the_top_is_said():
    svg = drawn(design_of(channel_depth_mm=5, top_thickness_mm=3))
    assert any("The channel goes through." in each for each in texts(svg))


def test_the_same_design_gives_the_same_bytes():
    assert drawn(SPANISH, binding_ring=3) == drawn(SPANISH.model_copy(), binding_ring=3)


@pytest.mark.parametrize("layer", list(Layer))
def test_a_picture_of_64_rings_of_tiny_tiles_is_bounded_and_says_so(layer):
    svg = drawn(MANY, layer=layer, binding_ring=40)
    assert len(svg) < 1_000_000
    assert len(list(read(svg).iter())) < 3_000
    assert ("drawn on the first" in desc(svg)) if layer is Layer.LOOK else ("without those of rings" in desc(svg))


def test_patterns_are_drawn_over_the_same_part_of_each_ring():
    svg = drawn(MANY)
    plan = by_id(svg, "rmos-plan")
    dots = sum(path.count("z") for ring in plan for path in paths(ring))
    assert dots < MOST_CELLS + 2_000
    assert any(each.startswith("patterns drawn on") for each in texts(svg))


def test_a_picture_takes_milliseconds():
    drawn(SPANISH)
    took = []
    for _ in range(5):
        started = time.process_time()
        drawn(SPANISH)
        took.append(time.process_time() - started)
    assert min(took) < 0.05
