"""Sentences of a verdict, as a person at the bench reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.design.units import FORMATS, DisplayUnits
from rmos.feasibility.words import template

from tests.core.feasibility.test_suggestions import GREEN, RED, advice_on
from tests.support.rosettes import body_of, changed, checks_of, judged, saw_cut


def reason_of(body, category):
    return next(reason for reason in judged(body).reasons if f"{category} is" in reason)


def test_red_is_not_told_that_it_is_yellow_at_best():
    assert "assumed" not in reason_of(changed(RED, cuts__0__tool__edge=...), "deflection")


def test_what_is_only_assumed_is_told_once_for_all_that_it_holds_back():
    result = judged(changed(GREEN, cuts__0__tool__edge=...))
    (reason,) = [each for each in result.reasons if "assumed" in each]
    assert reason == (
        "channel: heat, deflection, power and breakage are YELLOW only while this is assumed: sharpness of the edges "
        "(tool.edge). Tell it, or confirm the default."
    )
    assert not [each for each in result.reasons if "heat is" in each]
    whys = [each.why for each in result.cuts[0].assessments if each.risk_level == "YELLOW"]
    assert len(whys) == 4
    assert all(
        why.endswith("YELLOW at best while this is assumed: sharpness of the edges (tool.edge).") for why in whys
    )


def test_cuts_that_assume_the_same_share_the_sentence_and_others_have_their_own():
    body = changed(GREEN, cuts__0__tool__edge=...)
    for values in ({"name": "second"}, {"name": "third", "plunge_mm_per_min": None}):
        body["context"]["cuts"].append({**changed(body)["context"]["cuts"][0], **values})
    del body["context"]["cuts"][2]["plunge_mm_per_min"]
    told = [each.partition(":")[0] for each in judged(body).reasons if "assumed" in each]
    assert told == ["channel and second", "third"]


def test_an_estimated_force_cannot_be_told_and_so_keeps_its_own_reason():
    reasons = judged(changed(GREEN, design__top_material_id="mother_of_pearl", cuts__0__tool__edge=...)).reasons
    assert not [each for each in reasons if "Tell it" in each and "deflection" in each]


def test_what_is_unknown_names_what_is_missing_and_no_default_beside_it():
    body = changed(GREEN, design__top_thickness_mm=..., design__glue_line_mm=...)
    said = "cannot be judged without: thickness of the top when it is routed (design.top_thickness_mm)."
    assert said in reason_of(body, "geometry")
    assert "assumed" not in reason_of(body, "geometry")


def test_what_is_judged_beside_something_missing_is_not_said_to_be_unjudged():
    whole = changed(GREEN, cuts__0__tool=...)
    assert ": chipload is UNKNOWN. It cannot be judged without: " in reason_of(whole, "chipload")
    assert ". The rest cannot be judged without: " in reason_of(whole, "breakage")


def test_limits_that_are_all_passed_need_all_their_remedies():
    body = changed(GREEN, cuts__0__tool__type="BALL", rings__0__strip_thickness_mm=0.8)
    assert "To do: take a flat end mill; and use thinner strips, or bend dry ones hot." in reason_of(body, "geometry")


def test_a_burn_index_names_all_that_it_follows_from():
    body = changed(GREEN, cuts__0__tool__edge="DULL", cuts__0__feed_mm_per_min=200)
    assert "burn tendency 0.3, dull edges); scorching becomes likely over 1." in reason_of(body, "heat")
    blade = reason_of(saw_cut(feed=600), "heat")
    assert "burn tendency 0.6, new teeth); scorching becomes likely over 1." in blade


def test_a_channel_through_the_top_is_red_in_each_rule():
    body = changed(GREEN, design__channel_depth_mm=2.8)
    assert checks_of(judged(body))["TOP_SHARE"].risk_level == "RED"


def test_poor_yield_beside_green_says_that_it_blocks_nothing():
    body = body_of()
    body["design"]["rings"] = [{"width_mm": 15.8, "material_id": "koa"}]
    verdict = judged(body)
    assert verdict.risk_level == "GREEN"
    assert "material is YELLOW, a matter of cost that blocks nothing." in verdict.reasons[-1]
    assert "(pieces: 1)" in verdict.reasons[-1]


def test_stock_that_runs_out_is_no_mere_matter_of_cost():
    body = changed(GREEN, stock=[{"ring_index": 1, "length_mm": 60, "width_mm": 30, "thickness_mm": 3}])
    assert "material is RED. " in reason_of(body, "material")


def test_a_remedy_that_helps_against_several_limits_is_told_once():
    reason = reason_of(changed(GREEN, design__channel_depth_mm=2.3), "geometry")
    assert reason.count("rout a shallower channel") == 1


def test_who_bends_hot_already_is_not_told_to():
    body = changed(GREEN, rings__0__strip_thickness_mm=1.5, rings__0__bending="HOT")
    assert "or bend them hot" not in reason_of(body, "geometry")


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (1.6, "The channel takes no more than its share of the top? Not quite: 57.1 %, where at most 55 % is good."),
        (2.3, "Enough of the top is left when it is thinned? No: 0.2 mm, where at least 1.2 mm is good."),
    ],
)
def test_a_rule_that_rules_a_way_out_is_asked_and_answered(depth, said):
    ruled_out = advice_on(changed(GREEN, design__channel_depth_mm=depth)).ruled_out
    assert said in [each.reason for each in ruled_out]


def test_the_middle_of_two_figures_is_rounded_up_as_on_a_ruler():
    written = FORMATS[DisplayUnits.MM]["mm"]
    assert [written(value) for value in (1.5875, 0.79375, 3.175)] == ["1.588 mm", "0.7938 mm", "3.175 mm"]


@given(st.floats(1e-5, 1e9), st.floats(1e-5, 1e9))
def test_a_sentence_writes_each_figure_as_its_unit_is_written_alone(first, second):
    for units, notations in FORMATS.items():
        for unit, notation in notations.items():
            sentence = template(f"{{a:{unit}}} is 100 % of {{b:mm}}, {{word}}").said(
                {"a": first, "b": second, "word": "told"}, units
            )
            assert sentence == f"{notation(first)} is 100 % of {notations['mm'](second)}, told"
            assert "e+" not in sentence
