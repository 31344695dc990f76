"""Designs that can be, and those that cannot, each with the place that is wrong."""

import pytest
from pydantic import ValidationError
from rmos.design.rosette import Design

DESIGN = {
    "soundhole_diameter_mm": 85,
    "inner_diameter_mm": 89,
    "outer_diameter_mm": 121,
    "rings": [{"width_mm": 2, "material_id": "maple_hard"}, {"width_mm": 13.85, "material_id": "koa"}],
}


def wrong_places(**changes):
    with pytest.raises(ValidationError) as refusal:
        Design.model_validate(DESIGN | changes)
    return {".".join(str(step) for step in each["loc"]): each["msg"] for each in refusal.value.errors()}


def test_rings_lie_from_inside_out_between_glue_lines():
    design = Design.model_validate(DESIGN)
    assert design.channel_width_mm == 16
    assert design.rings_and_glue_mm == 16
    assert design.inner_radius_mm(0) == 44.55
    assert design.inner_radius_mm(1) == 46.6


def test_a_channel_without_width_is_refused():
    assert "must be less than" in wrong_places(inner_diameter_mm=121)["inner_diameter_mm"]
    assert "inner_diameter_mm" in wrong_places(inner_diameter_mm=130)


def test_rings_wider_than_their_channel_are_refused():
    assert "take 16 mm" in wrong_places(outer_diameter_mm=120.8)["rings"]
    assert Design.model_validate(DESIGN | {"outer_diameter_mm": 120.9}).rings_and_glue_mm == 16


def test_a_channel_inside_the_soundhole_is_refused():
    assert "inside the soundhole" in wrong_places(soundhole_diameter_mm=90)["inner_diameter_mm"]


@pytest.mark.parametrize("field", ["soundhole_diameter_mm", "inner_diameter_mm", "outer_diameter_mm"])
def test_diameters_that_look_like_inches_are_refused(field):
    assert "looks like inches" in wrong_places(**{field: 3.5})[field]


def test_a_diameter_with_its_unit_is_understood():
    assert Design.model_validate(DESIGN | {"soundhole_diameter_mm": "3-11/32 in"}).soundhole_diameter_mm == 84.93125


def test_a_material_by_id_and_inline_at_once_is_refused():
    inline = {"class": "WOOD", "density_kg_per_m3": 600}
    ring = DESIGN["rings"][0] | {"material": inline}
    assert "not both" in wrong_places(rings=[ring])["rings.0.material"]
    assert "not both" in wrong_places(top_material_id="koa", top_material=inline)["top_material"]


def test_a_top_that_grows_when_thinned_is_refused():
    assert "thicker" in wrong_places(top_thickness_mm=2.5, finished_top_thickness_mm=2.8)["finished_top_thickness_mm"]


@pytest.mark.parametrize("count", [0, 65, 10_000])
def test_too_many_rings_are_one_problem(count):
    assert list(wrong_places(rings=[{"width_mm": -1}] * count)) == ["rings"]


def test_one_bad_ring_is_one_problem():
    assert list(wrong_places(rings=[{"width_mm": -1}])) == ["rings.0.width_mm"]


@pytest.mark.parametrize("name", ["ring_count", "Label", "channel_depth"])
def test_unknown_fields_are_refused(name):
    assert name in wrong_places(**{name: 1})
