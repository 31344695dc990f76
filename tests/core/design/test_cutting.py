"""Tools, machines and cuts."""

import pytest
from pydantic import ValidationError
from rmos.design.cutting import Context, Cut, Machine, Tool
from rmos.feasibility.inputs import FeasibilityInput

from tests.support.rosettes import body_of, changed

CUT = {"mode": "ROUTER", "target": "CHANNEL"}


def wrong_places(model, value):
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(value)
    return {".".join(str(step) for step in each["loc"]): each["msg"] for each in refusal.value.errors()}


def test_a_bit_has_no_teeth_and_a_blade_no_flutes():
    assert set(wrong_places(Tool, {"type": "FLAT", "teeth": 24, "kerf_mm": 3})) == {"teeth", "kerf_mm"}
    assert set(wrong_places(Tool, {"type": "SAW_BLADE", "flutes": 2, "stickout_mm": 20})) == {"flutes", "stickout_mm"}


def test_a_plate_thicker_than_its_kerf_is_refused():
    assert "plate_mm" in wrong_places(Tool, {"type": "SAW_BLADE", "kerf_mm": 0.8, "plate_mm": 1})


@pytest.mark.parametrize(
    ("field", "value"),
    [("flutes", 0), ("flutes", -2), ("diameter_mm", 0), ("diameter_mm", -1), ("max_rpm", 0), ("runout_mm", -0.1)],
)
def test_numbers_outside_their_range_are_refused(field, value):
    assert field in wrong_places(Tool, {"type": "FLAT", field: value})


def test_a_cut_has_a_ring_exactly_when_it_is_made_in_one():
    assert "ring_index" in wrong_places(Cut, CUT | {"target": "RING"})
    assert "ring_index" in wrong_places(Cut, CUT | {"ring_index": 0})
    assert Cut.model_validate(CUT | {"target": "BLANK", "ring_index": 3}).ring_index == 3


def test_a_tool_or_machine_by_id_and_inline_at_once_is_refused():
    assert "not both" in wrong_places(Cut, CUT | {"tool_id": "flat_3175", "tool": {"type": "FLAT"}})["tool"]
    context = {"cuts": [CUT], "machine_id": "x", "machine": {}}
    assert "not both" in wrong_places(Context, context)["machine"]


def test_a_machine_needs_a_range_that_is_one():
    assert "min_rpm" in wrong_places(Machine, {"min_rpm": 30000, "max_rpm": 10000})


def test_between_one_and_twelve_cuts_are_taken():
    assert list(wrong_places(Context, {"cuts": []})) == ["cuts"]
    assert list(wrong_places(Context, {"cuts": [CUT] * 13})) == ["cuts"]


def test_rings_that_the_design_does_not_have_are_refused_where_they_are_named():
    body = changed(body_of(), cuts__0__target="RING", stock=[])
    body["context"]["cuts"][0]["ring_index"] = 3
    body["context"]["stock"] = [{"ring_index": 9, "length_mm": 1, "width_mm": 1, "thickness_mm": 1}]
    places = wrong_places(FeasibilityInput, body)
    assert set(places) == {"context.cuts.0.ring_index", "context.stock.0.ring_index"}
