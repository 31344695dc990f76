"""What a suggestion costs, in words that a person at the machine uses."""

import pytest
from rmos.feasibility.models import CutTime
from rmos.feasibility.suggestions.tradeoffs import time_sentence

from tests.core.feasibility.test_suggestions import GREEN, RED, advice_on
from tests.support.rosettes import changed, checks_of, judged, saw_cut


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((100, 120), (100.2, 120.3), "Cutting takes as long as before (100 to 120 s)."),
        ((100, 120), (150, 180), "Cutting takes 50 % longer (150 to 180 s)."),
        ((100, 120), (80, 96), "Cutting takes 20 % less (80 to 96 s)."),
        ((136.3, 184.5), (2712.9, 3670.3), "Cutting takes 20 times as long (45 to 61 min)."),
        ((10, 12), (20, 24), "Cutting takes twice as long (20 to 24 s)."),
        ((10, 12), (25.4, 31.2), "Cutting takes 2.6 times as long (25 to 31 s)."),
        ((2.51, 3.4), (3.77, 5.1), "Cutting takes 50 % longer (3.8 to 5.1 s)."),
    ],
)
def test_the_time_is_told_in_the_coarsest_words_that_say_it(before, after, said):
    spans = ({"low": low, "high": high} for low, high in (before, after))
    assert time_sentence(*(CutTime(**span) for span in spans)) == said


def settings_of(suggestion):
    return {each["path"]: each["value"] for each in suggestion.changes if "/tool" not in each["path"]}


def test_another_tool_is_no_way_out_where_the_present_one_does_it_with_the_same_settings():
    for body in (RED, changed(GREEN, cuts__0__feed_mm_per_min=20000), changed(GREEN, cuts__0__tool__stickout_mm=8)):
        suggestions = advice_on(body).suggestions
        assert suggestions
        kept = [settings_of(each) for each in suggestions if "another tool" not in each.trade_off]
        for each in suggestions:
            assert "another tool" not in each.trade_off or settings_of(each) not in kept


@pytest.mark.parametrize(("power_w", "is_faster"), [(6, True), (10, False)])
def test_another_tool_is_offered_only_where_it_is_faster_or_better_than_the_present_one(power_w, is_faster):
    weak = changed(GREEN, machine__spindle_power_w=power_w, cuts__0__depth_per_pass_mm=1.2)
    first, *others = advice_on(weak).suggestions
    assert "another tool" not in first.trade_off
    assert [each.cut_time_s.high < first.cut_time_s.high for each in others] == [True] * is_faster


@pytest.mark.parametrize(("kind", "name"), [("VBIT", "A V-bit leaves"), ("BALL", "A ball nose leaves")])
def test_bits_are_called_as_in_the_workshop(kind, name):
    result = judged(changed(GREEN, cuts__0__tool__type=kind))
    assert checks_of(result)["WALL_CORNER"].risk_level == "RED"
    assert name in result.reasons[0]


def test_a_saw_that_would_go_less_deep_says_so_and_one_with_stock_goes_through_it():
    body = changed(saw_cut(705, diameter=80, teeth=30, kerf=0.8, plate=0.6, rpm=6000, feed=3600, depth=25))
    first = advice_on(body).suggestions[0]
    depth = next(each["value"] for each in first.changes if each["path"].endswith("depth_per_pass_mm"))
    said = f"The blade of cut 1 goes {depth} mm deep instead of 25 mm; declare the stock if it is thicker."
    assert said in first.trade_off
    stock = {"ring_index": 0, "length_mm": 300, "width_mm": 300, "thickness_mm": 19}
    kept = advice_on(changed(body, stock=[stock], cuts__0__feed_mm_per_min=900)).suggestions
    assert kept
    assert all(" deep" not in each.trade_off for each in kept)
