"""Numbers at the edge of what is taken: a verdict all the same, never a fault."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rmos.canonical import sha256_of_json

from tests.support.rosettes import body_of, changed, judged, saw_cut

TOOL = {
    "diameter_mm": (0.05, 3.175, 600),
    "flutes": (1, 12),
    "flute_length_mm": (0.1, 200),
    "stickout_mm": (0.5, 300),
    "shank_diameter_mm": (0.05, 50),
    "runout_mm": (0, 1),
    "max_rpm": (1, 300_000),
    "type": ("FLAT", "BALL", "VBIT", "COMPRESSION"),
    "edge": ("NEW", "DULL"),
    "material": ("CARBIDE", "HSS"),
}
CUT = {
    "spindle_rpm": (1, 300_000),
    "feed_mm_per_min": (0.1, 100_000),
    "plunge_mm_per_min": (0.1, 100_000),
    "depth_per_pass_mm": (0.005, 200),
    "stepover_mm": (0.005, 200),
    "operation": ("ROUGH", "FINISH"),
    "entry": ("PLUNGE", "RAMP", "HELIX"),
}
MACHINE = {
    "spindle_power_w": (1, 100_000),
    "min_rpm": (0, 1),
    "max_rpm": (1, 300_000),
    "max_feed_mm_per_min": (1, 200_000),
    "acceleration_mm_per_s2": (1, 50_000),
    "axis_force_n": (0.1, 50_000),
}
BLADE = {
    "diameter_mm": (0.05, 600),
    "teeth": (2, 1000),
    "kerf_mm": (1, 20),
    "plate_mm": (0.02, 1),
    "max_rpm": (1, 300_000),
}
MATERIALS = st.fixed_dictionaries(
    {
        "class": st.sampled_from(["WOOD", "SHELL", "METAL", "SHEET"]),
        "density_kg_per_m3": st.sampled_from([50, 25_000]),
        "burn_tendency": st.sampled_from([0, 1]),
    }
)
RING = {
    "construction": ("ANNULUS", "SEGMENTED", "LOG", "VENEER"),
    "pattern": ("SOLID", "MOSAIC", "STRIP"),
    "segments": (2, 360),
    "strip_thickness_mm": (0.05, 20),
    "tile_length_mm": (0.1, 100),
    "slice_thickness_mm": (0.1, 20),
    "kerf_mm": (0, 10),
}


def choices(bounds):
    return st.fixed_dictionaries({name: st.sampled_from(values) for name, values in bounds.items()})


def is_sound(result):
    assert result.risk_level != "ERROR", result.reasons
    assert result.result_sha256 == sha256_of_json(result.model_dump(mode="json", exclude={"result_sha256"}))


@settings(max_examples=300)
@given(choices(TOOL), choices(CUT), choices(MACHINE), choices(RING), MATERIALS, st.sampled_from([0.05, 20]))
def test_a_bit_at_the_edge_of_every_range_gets_a_verdict(tool, cut, machine, ring, material, depth):  # noqa: PLR0913, PLR0917  # one for each part of a request
    body = body_of()
    body["context"]["cuts"][0] |= cut | {"tool": tool}
    body["context"]["machine"] |= machine
    body["design"] |= {"channel_depth_mm": depth, "top_thickness_mm": 50, "finished_top_thickness_mm": 0.5}
    body["design"]["rings"][1] |= ring
    body = changed(body, top_material_id=...)
    body["design"]["top_material"] = material
    is_sound(judged(body))


@given(choices(BLADE), choices(CUT), MATERIALS, st.sampled_from(["RING", "BLANK", "CHANNEL", "SOUNDHOLE"]))
def test_a_blade_at_the_edge_of_every_range_gets_a_verdict(tool, cut, material, target):
    body = saw_cut()
    body["context"]["cuts"][0] |= cut | {"target": target, "tool": tool | {"type": "SAW_BLADE"}}
    body["design"]["rings"][0]["material"] = body["design"]["top_material"] = material
    if target in {"CHANNEL", "SOUNDHOLE"}:
        del body["context"]["cuts"][0]["ring_index"]
    is_sound(judged(body))


def test_the_most_rings_and_cuts_are_judged():
    body = body_of()
    ring = {"width_mm": 0.1, "material_id": "koa", "pattern": "MOSAIC", "tile_length_mm": 5, "construction": "LOG"}
    body["design"] |= {"outer_diameter_mm": 108.9, "rings": [ring] * 64}
    body["context"]["cuts"] *= 12
    result = judged(body)
    assert len(result.cuts) == 12
    assert len(result.material_yield.rings) == 64
    assert result.risk_level == "RED"


@pytest.mark.parametrize("pieces", [0, 64])
def test_stock_beside_anything_is_judged(pieces):
    stock = {"ring_index": 1, "length_mm": 10_000, "width_mm": 0.1, "thickness_mm": 0.05, "count": 10_000}
    is_sound(judged(changed(body_of(), stock=[stock] * pieces)))
