"""What is not given: required, assumed, or read cautiously."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rmos.design.library import tools
from rmos.feasibility.fields import ASSUMABLE, FIELD_BY_NAME, FIELDS, FieldNeed
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.resolution import UnknownDefault, UnknownRow
from rmos.feasibility.rules.table import RULES

from tests.support.rosettes import body_of, categories_of, changed, judged


def test_without_a_stickout_deflection_and_breakage_are_unknown_and_block():
    result = judged(changed(body_of(), cuts__0__tool__stickout_mm=...))
    found = categories_of(result)
    assert {name for name, each in found.items() if each.risk_level == "UNKNOWN"} == {
        "deflection",
        "breakage",
        "geometry",
    }
    assert (result.risk_level, result.is_feasible) == ("UNKNOWN", False)
    assert [(each.pointer, each.field) for each in result.missing_inputs] == [
        ("/context/cuts/0/tool/stickout_mm", "tool.stickout_mm")
    ]
    assert [each.label for each in result.missing_inputs] == ["how far the bit stands out of the collet"]
    assert "tool.stickout_mm" in found["deflection"].why
    assert found["deflection"].score == 0


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("cuts__0__spindle_rpm", "/context/cuts/0/spindle_rpm"),
        ("cuts__0__tool", "/context/cuts/0/tool"),
        ("machine", "/context/machine"),
        ("top_material_id", "/design/top_material_id"),
        ("channel_depth_mm", "/design/channel_depth_mm"),
        ("top_thickness_mm", "/design/top_thickness_mm"),
    ],
)
def test_a_missing_input_is_named_by_its_pointer(path, pointer):
    body = changed(body_of(), finished_top_thickness_mm=...)
    result = judged(changed(body, **{path: ...}))
    assert result.risk_level == "UNKNOWN"
    assert pointer in [each.pointer for each in result.missing_inputs]


def test_a_red_known_for_sure_stays_red_beside_something_missing():
    body = changed(body_of("classical-red"), cuts__0__feed_mm_per_min=9000, machine__spindle_power_w=...)
    assert judged(body).risk_level == "RED"


def test_a_default_is_listed_and_keeps_its_categories_at_yellow():
    result = judged(changed(body_of(), cuts__0__tool__edge=...))
    (default,) = result.assumed_defaults
    assert (default.pointer, default.value, default.confirmed) == ("/context/cuts/0/tool/edge", "USED", False)
    assert (default.field, default.label) == ("tool.edge", "sharpness of the edges")
    assert set(default.categories) == {"heat", "deflection", "power", "breakage"}
    found = categories_of(result)
    assert {str(found[name].risk_level) for name in default.categories} == {"YELLOW"}
    assert (result.risk_level, found["chipload"].risk_level) == ("YELLOW", "GREEN")


@pytest.mark.parametrize("name", ["tool.edge", "/context/cuts/0/tool/edge"])
def test_a_confirmed_default_no_longer_caps_but_stays_listed(name):
    result = judged(changed(body_of(), cuts__0__tool__edge=..., confirmed_defaults=[name]))
    assert result.risk_level == "GREEN"
    assert [each.confirmed for each in result.assumed_defaults] == [True]


@pytest.mark.parametrize(("field", "value"), [("operation", "FINISH"), ("stepover_mm", 1.27)])
def test_a_confirmed_default_judges_a_finishing_cut_as_if_it_had_been_given(field, value):
    given = changed(body_of(), cuts__0__stepover_mm=1.27)
    given["context"]["cuts"].insert(0, dict(given["context"]["cuts"][0]) | {"operation": "ROUGH"})
    given["context"]["cuts"][1][field] = value
    told = judged(given).cuts[1]
    for name in (f"cut.{field}", f"/context/cuts/1/{field}"):
        left_out = changed(given, **{f"cuts__1__{field}": ...})
        confirmed = judged(changed(left_out, confirmed_defaults=[name])).cuts[1]
        assert checks_of_cut(confirmed) == checks_of_cut(told)
        assert confirmed.risk_level == told.risk_level
        assert checks_of_cut(judged(left_out).cuts[1]) != checks_of_cut(told), "a guess must not make a cut lighter"


def checks_of_cut(cut):
    return [each.details.checks for each in cut.assessments]


@pytest.mark.parametrize(
    "name", ["tool.egde", "tool.diameter_mm", "ring.bending", "/context/cuts/1/tool/edge", "/context/cuts/0/tool/egde"]
)
def test_confirming_something_that_is_no_default_is_refused(name):
    with pytest.raises(UnknownDefault) as refusal:
        judged(changed(body_of(), confirmed_defaults=["tool.edge", name]))
    (problem,) = refusal.value.problems
    assert problem.pointer == "/context/confirmed_defaults/1"
    assert "tool.stickout_mm" in problem.detail


def test_all_that_reference_rows_assume_can_be_confirmed():
    assert {name for row in tools().rows.values() for name in row.assumed} == {
        name.removeprefix("tool.") for name in ASSUMABLE if FIELD_BY_NAME[name].need is not FieldNeed.DEFAULTED
    }


def test_the_stickout_of_a_reference_tool_is_an_assumption():
    body = changed(body_of(), cuts__0__tool=..., cuts__0__tool_id="flat_3175")
    assumed = {each.field for each in judged(body).assumed_defaults}
    assert {"tool.stickout_mm", "tool.edge"} == assumed
    assert judged(changed(body, confirmed_defaults=sorted(assumed))).risk_level == "GREEN"


def test_a_finished_thickness_not_given_is_said_but_changes_no_colour():
    result = judged(changed(body_of(), finished_top_thickness_mm=...))
    assert result.risk_level == "GREEN"
    assert any("finished_top_thickness_mm" in each for each in result.not_checked)


def test_ids_that_stand_for_nothing_are_refused_with_what_was_probably_meant():
    body = changed(body_of(), top_material_id="spruce_sitca", rings__1__material_id="Indian_rosewood")
    with pytest.raises(UnknownRow) as refusal:
        judged(body)
    pointers = {each.pointer: each.detail for each in refusal.value.problems}
    assert "did you mean spruce_sitka?" in pointers["/design/top_material_id"]
    assert "did you mean rosewood_east_indian?" in pointers["/design/rings/1/material_id"]


def _leaves(node, path=()):
    for step, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, step)
        if isinstance(value, dict | list):
            yield from _leaves(value, (*path, step))


LEAVES = [path for path in _leaves(body_of()) if isinstance(path[-1], str)]


@given(st.sets(st.sampled_from(LEAVES), max_size=6))
def test_whatever_is_left_out_the_answer_is_a_verdict_or_a_refusal(paths):
    body = copy.deepcopy(body_of())
    for path in sorted(paths, key=len, reverse=True):
        node = body
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]
    try:
        FeasibilityInput.model_validate(body)
    except ValidationError:
        return
    assert judged(body).risk_level in {"GREEN", "YELLOW", "RED", "UNKNOWN"}


def test_every_field_is_known_to_a_rule_and_every_need_is_a_field():
    fields = {each.name: each for each in FIELDS}
    asked = {name for rule in RULES.values() for name in rule.needs | rule.uses}
    assert asked - {"depth", "law", "law.force"} <= fields.keys()
    unasked = fields.keys() - asked
    assert unasked <= {"material.janka_n"}  # shown beside the material, no law uses it
    needed = {name for rule in RULES.values() for name in rule.needs} - {"depth", "law", "law.force", "tool.max_rpm"}
    assert all(fields[name].need is not FieldNeed.OPTIONAL for name in needed)


@pytest.mark.parametrize("cut", [{"mode": "ROUTER", "target": "CHANNEL"}, {"mode": "SAW", "target": "BLANK"}])
def test_whatever_is_unknown_says_what_it_lacks(cut):
    body = changed(body_of(), top_material_id=...)
    del body["design"]["rings"][0]["material_id"]
    alone = cut | ({"ring_index": 0} if cut["mode"] == "SAW" else {})
    for context in ({"cuts": [alone]}, {"cuts": [body["context"]["cuts"][0]]}):
        result = judged(body | {"context": context})
        for each in result.cuts[0].assessments:
            if each.risk_level == "UNKNOWN":
                assert "cannot be judged without" in each.why
        heat = [each for each in result.missing_inputs if each.field == "material"]
        assert all("heat" in each.categories for each in heat)
        assert heat


def test_every_field_has_a_name_of_its_own_in_a_makers_words():
    labels = [each.label for each in FIELDS]
    assert len(set(labels)) == len(labels)
    assert not [label for label in labels if "_" in label or label.endswith(".") or label.startswith(("the ", "a "))]
