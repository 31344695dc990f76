"""Mosaics, strips, rings and the ways a cut is placed."""

import math

import pytest
from rmos.feasibility.physics import bending, shapes, times

from tests.support.rosettes import (
    SPRUCE,
    body_of,
    categories_of,
    changed,
    checks_of,
    facts_of,
    judged,
    one_cut,
    saw_cut,
)


def mosaic(width, tile, profile="SQUARE"):
    body = body_of()
    rest = round(15.8 - width, 6)
    body["design"]["rings"] = [
        {
            "width_mm": width,
            "material_id": "maple_hard",
            "pattern": "MOSAIC",
            "construction": "LOG",
            "tile_length_mm": tile,
            "tile_profile": profile,
        },
        {"width_mm": rest, "material_id": "maple_hard", "construction": "SEGMENTED", "segments": 12},
    ]
    body["design"]["glue_line_mm"] = 0.2 / 3
    return body


def test_an_eight_millimetre_band_of_square_tiles_says_taper():
    result = judged(mosaic(8, 5))
    check = checks_of(result)["TILE_GAP"]
    assert (check.risk_level, check.ring_index) == ("RED", 0)
    assert result.binding.ring_index == 0
    assert any("taper" in reason for reason in result.reasons)
    tapered = judged(mosaic(8, 5, "TAPERED"))
    assert "TILE_GAP" not in checks_of(tapered)
    assert not any("taper" in reason for reason in tapered.reasons)


def test_the_wedge_of_square_tiles_is_that_of_the_reference():
    assert shapes.tile_gap_mm(8, 5, 52.5) == pytest.approx(0.76, abs=0.005)
    assert shapes.tile_gap_mm(3.5, 1.5, 52.5) == pytest.approx(0.1)
    assert shapes.tiles_around(45, 1.6) == 177


@pytest.mark.parametrize(
    ("thickness", "bending_how", "colour"),
    [
        (0.44, "DRY", "GREEN"),
        (0.8, "DRY", "YELLOW"),
        (0.8, "HOT", "GREEN"),
        (1.0, "DRY", "RED"),
        (1.0, "HOT", "YELLOW"),
    ],
)
def test_strips_bend_as_far_as_their_wood_lets_them(thickness, bending_how, colour):
    body = changed(body_of(), rings__0__strip_thickness_mm=thickness, rings__0__bending=bending_how)
    body["design"]["rings"] = body["design"]["rings"][:1]
    body = changed(body, outer_diameter_mm=93.2)
    body = changed(body, cuts__0__tool__diameter_mm=1, cuts__0__tool__shank_diameter_mm=3.175)
    assert checks_of(judged(body))["STRIP_STRAIN"].risk_level == colour


def test_a_stepped_shank_bends_as_the_reference_computed():
    thin = bending.Bit(stickout=25, flute_length=13, diameter=3.175, shank_diameter=3.175)
    stepped = thin._replace(shank_diameter=6.35)
    assert 1000 * bending.tip_deflection_mm(4, thin, 600_000) == pytest.approx(17.0, abs=0.05)
    assert 1000 * bending.tip_deflection_mm(4, stepped, 600_000) == pytest.approx(2.8, abs=0.05)


def test_a_bit_thicker_than_its_shank_bends_with_its_shank():
    stout = bending.Bit(stickout=30, flute_length=10, diameter=12.7, shank_diameter=12.7)
    necked = stout._replace(shank_diameter=6.35)
    assert bending.tip_deflection_mm(20, necked, 600_000) > bending.tip_deflection_mm(20, stout, 600_000)


def test_a_lap_takes_the_seconds_of_the_reference():
    motion = times.Motion(feed=1200, plunge=400, acceleration=250)
    assert times.circle_time_s(50, motion) == pytest.approx(15.8, abs=0.05)
    assert times.lap_count(16, 3.175, 3.175) == 6
    assert times.pass_depths_mm(1.2, 0.5) == pytest.approx((0.5, 1.0, 1.2))
    assert times.pass_count(0.3, 0.1) == 3


def test_the_first_lap_is_a_slot_unless_the_channel_was_roughed():
    finishing = changed(body_of(), cuts__0__stepover_mm=0.3)
    assert (facts_of(finishing).widest_engagement, facts_of(finishing).narrowest_engagement < 0.1) == (1.0, True)
    roughed = changed(finishing)
    roughed["context"]["cuts"].insert(0, dict(body_of()["context"]["cuts"][0]) | {"operation": "ROUGH"})
    assert facts_of(roughed, 1).widest_engagement < 0.1
    assert facts_of(roughed, 1).tooth_force < facts_of(finishing).tooth_force


def test_the_last_lap_takes_only_what_is_left_of_the_channel():
    """A 15.5 mm bit leaves 0.5 mm of a 16 mm channel, whatever its stepover; of 12.825 mm 5 laps take 2.565 each."""
    wide = one_cut(SPRUCE, diameter=15.5, rpm=12000, feed=1500, depth=1.0, stickout=20)
    assert facts_of(wide).narrowest_engagement == pytest.approx(0.5 / 15.5)
    assert facts_of(wide).thinnest_chip == pytest.approx(0.0625 * 2 * math.sqrt(0.5 / 15.5 * 15.0 / 15.5))
    assert checks_of(judged(wide))["CHIP_RUBBING"].risk_level == "YELLOW"
    assert facts_of(body_of()).narrowest_engagement == pytest.approx(2.565 / 3.175)


@pytest.mark.parametrize("wider_mm", [0.0, 0.00001, 0.005, 0.025, 0.05])
def test_a_channel_as_wide_as_its_bit_within_what_fits_is_one_lap_and_does_not_rub(wider_mm):
    """An 1/8 in bit in a channel that was rounded to 3.18 or 3.2 mm."""
    narrow = changed(body_of(), design__rings=[{"width_mm": 2.5, "material_id": "maple_hard"}])
    narrow = changed(narrow, design__outer_diameter_mm=95.35 + 2 * wider_mm)
    assert facts_of(narrow).laps == 1
    assert checks_of(judged(narrow))["CHIP_RUBBING"].risk_level == "GREEN"


def test_heat_is_judged_in_the_slot_where_its_mean_chip_is_thinner_than_in_the_laps_after_it():
    slot, half, most, little = (
        facts_of(changed(body_of(), cuts__0__stepover_mm=share * 3.175)).least_mean_chip
        for share in (1.0, 0.5, 0.8, 0.3)
    )
    assert slot == most == pytest.approx(2 / math.pi * 0.0416666667)
    assert little < half < slot


def test_a_blade_opens_no_channel_for_a_finishing_bit():
    body = saw_cut()
    finish = body_of()["context"]["cuts"][0] | {"target": "BLANK", "ring_index": 0, "stepover_mm": 0.3}
    body["context"]["cuts"].append(finish)
    assert facts_of(body, 1).widest_engagement == 1.0


def test_laps_further_apart_than_the_bit_is_wide_take_no_more_power_than_a_slot():
    slot = changed(body_of(), cuts__0__stepover_mm=3.175)
    slot["context"]["cuts"].insert(0, dict(slot["context"]["cuts"][0]) | {"operation": "ROUGH"})
    wide = changed(slot, cuts__1__stepover_mm=6)
    assert checks_of(judged(wide), 1)["STEPOVER_RIDGES"].risk_level == "RED"
    assert checks_of(judged(wide), 1)["POWER_SPINDLE"].value == checks_of(judged(slot), 1)["POWER_SPINDLE"].value


def test_a_thin_lap_rubs_before_a_slot_does():
    thin = categories_of(judged(changed(body_of(), cuts__0__stepover_mm=0.1)))["chipload"]
    assert thin.value < categories_of(judged(body_of()))["chipload"].value


def test_a_feed_that_the_axes_cannot_hold_on_the_arc_burns_first():
    body = changed(body_of(), cuts__0__feed_mm_per_min=9000)
    slow = changed(body, machine__acceleration_mm_per_s2=10)
    assert facts_of(slow).arc_feed < 0.6 * 9000
    assert checks_of(judged(slow))["HEAT_BURN"].value > checks_of(judged(body))["HEAT_BURN"].value


def test_a_deep_slot_burns_more_unless_its_chips_are_thrown_out():
    deep = changed(
        body_of(),
        cuts__0__tool__diameter_mm=1,
        cuts__0__tool__shank_diameter_mm=3.175,
        cuts__0__depth_per_pass_mm=0.5,
        cuts__0__stepover_mm=1,
    )
    packed = checks_of(judged(deep))["HEAT_BURN"]
    cleared = checks_of(judged(changed(deep, cuts__0__tool__helix="UPCUT")))["HEAT_BURN"]
    assert packed.value == pytest.approx(1.2 * cleared.value)
    assert (packed.pass_index, cleared.pass_index) == (2, 0)


def test_a_deep_channel_that_was_roughed_is_no_slot_in_which_chips_pack():
    deep = changed(
        body_of(),
        cuts__0__tool__diameter_mm=1,
        cuts__0__tool__shank_diameter_mm=3.175,
        cuts__0__depth_per_pass_mm=0.5,
        cuts__0__stepover_mm=0.2,
    )
    deep["context"]["cuts"].insert(0, dict(deep["context"]["cuts"][0]) | {"operation": "ROUGH"})
    roughing, finishing = (checks_of(judged(deep), cut)["HEAT_BURN"] for cut in (0, 1))
    assert roughing.value == pytest.approx(1.2 * finishing.value)
    assert (roughing.pass_index, finishing.pass_index) == (2, 0)


def test_many_bad_rings_are_each_named_and_good_ones_only_once():
    body = body_of()
    strip = body["design"]["rings"][0] | {"strip_thickness_mm": 1.0}
    body["design"]["rings"] = [strip, body["design"]["rings"][1], strip]
    checks = [c for each in judged(body).cuts[0].assessments for c in each.details.checks]
    assert [c.ring_index for c in checks if c.rule_id == "STRIP_STRAIN"] == [0, 2]
    assert len([c for c in checks if c.rule_id == "RING_LAID_WIDTH"]) == 1


@pytest.mark.parametrize("target", ["RING", "SOUNDHOLE", "BLANK"])
def test_other_targets_are_judged_too(target):
    body = body_of()
    cut = body["context"]["cuts"][0] | {"target": target}
    if target != "SOUNDHOLE":
        cut["ring_index"] = 1
    body["context"]["cuts"] = [cut]
    result = judged(body)
    assert result.cuts[0].target == target
    depth = 2.8 if target == "SOUNDHOLE" else 1.2
    assert result.cuts[0].estimates.passes[-1] == -depth
    expected = "Sitka spruce" if target == "SOUNDHOLE" else "East Indian rosewood"
    assert result.cuts[0].material_label == expected


def test_inch_sentences_carry_the_same_numbers():
    metric, inch = judged(body_of()), judged(changed(body_of(), display_units="INCH"))
    assert "3.175 mm" in categories_of(metric)["deflection"].why
    assert "0.125 in" in categories_of(inch)["deflection"].why
    assert [each.value for each in categories_of(metric).values()] == [
        each.value for each in categories_of(inch).values()
    ]
