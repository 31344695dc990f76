"""Limits and factors that no golden vector reaches, each by a number worked out by hand."""

import pytest

from tests.support.rosettes import body_of, categories_of, changed, checks_of, facts_of, judged, one_cut, saw_cut, wood


@pytest.mark.parametrize(("axis_force", "colour"), [(5.5, "GREEN"), (5.0, "YELLOW"), (3.0, "RED")])
def test_the_axes_keep_half_of_their_force_in_hand(axis_force, colour):
    """The example pushes with 2.70 N: half of 5.5 is 2.75, 0.8 of 5.0 is 4.0, 0.8 of 3.0 is 2.4."""
    result = judged(changed(body_of(), machine__axis_force_n=axis_force))
    assert checks_of(result)["POWER_AXIS_FORCE"].risk_level == colour


def test_a_runout_that_drowns_the_chip_lowers_the_confidence_and_no_colour():
    """0.3 of a chip of 0.0417 mm is 0.0125 mm."""
    fine, coarse = (
        categories_of(judged(changed(body_of(), cuts__0__tool__runout_mm=runout)))["chipload"]
        for runout in (0.0125, 0.013)
    )
    assert coarse.confidence < fine.confidence
    assert coarse.risk_level == fine.risk_level == "GREEN"
    assert coarse.details.figures["feed_that_drowns_runout"] == pytest.approx(0.013 / 0.3 * 18000 * 2)


def test_a_runout_not_given_is_taken_as_a_usual_collets():
    body = changed(body_of(), cuts__0__tool__runout_mm=..., machine__runout_mm=...)
    assert facts_of(body).runout == 0.025


def test_an_uncertain_material_makes_what_follows_from_it_uncertain():
    body = changed(body_of(), top_material_id="plywood_baltic_birch")
    assert categories_of(judged(body))["deflection"].confidence == 0.5
    assert categories_of(judged(body_of()))["deflection"].confidence == 0.6


def test_an_estimated_force_cannot_be_confirmed_away():
    shell = {"class": "SHELL", "density_kg_per_m3": 2700, "burn_tendency": 0}
    body = one_cut(
        shell,
        diameter=0.396,
        rpm=60000,
        feed=203,
        depth=0.127,
        stickout=9,
        flute_length_mm=1.5,
        shank_diameter_mm=3.175,
    )
    result = judged(body)
    assert result.assumed_defaults == ()
    assert categories_of(result)["power"].risk_level == "YELLOW"


def test_segments_have_fifteen_percent_to_spare():
    """By hand: 12 of (30.23 + 2.4) x (13.39 + 2.4) mm, and 15 % of that again; 3,892 mm2 end in the ring."""
    ring = judged(body_of()).material_yield.rings[1]
    assert ring.gross_mm3 / 1.2 == pytest.approx(12 * 32.63 * 15.79 * 1.15, rel=2e-3)
    assert ring.yield_pct == pytest.approx(54.8, abs=0.1)


@pytest.mark.parametrize(("width", "colour"), [(1.5, "GREEN"), (1.4, "YELLOW"), (0.7, "RED")])
def test_a_ring_routed_free_must_be_wide_enough(width, colour):
    body = body_of()
    body["design"]["rings"] = [{"width_mm": width, "material_id": "maple_hard"}]
    body["context"]["cuts"][0] |= {"target": "RING", "ring_index": 0}
    assert checks_of(judged(body))["RING_FREE_WIDTH"].risk_level == colour


@pytest.mark.parametrize(("tile", "colour"), [(5.0, "GREEN"), (30.0, "RED")])
def test_whole_tiles_must_close_the_ring(tile, colour):
    """At 45.55 mm the ring is 286.2 mm around: 57 tiles of 5 leave 0.02 mm to each joint, 10 of 30 miss by 1.4."""
    body = body_of()
    body["design"]["rings"][0] = {
        "width_mm": 2,
        "material_id": "koa",
        "pattern": "MOSAIC",
        "construction": "LOG",
        "tile_length_mm": tile,
        "tile_profile": "TAPERED",
    }
    assert checks_of(judged(body))["TILE_CLOSURE"].risk_level == colour


@pytest.mark.parametrize(("density", "limit"), [(425, 80), (705, 70), (830, 65)])
def test_a_saws_rim_is_slower_in_harder_wood(density, limit):
    assert checks_of(judged(saw_cut(density)))["SAW_SPEED_RIM"].limit_green == limit


def test_a_missing_ring_material_is_pointed_at_in_its_ring():
    body = body_of()
    del body["design"]["rings"][1]["material_id"]
    body["context"]["cuts"][0] |= {"target": "RING", "ring_index": 1}
    assert "/design/rings/1/material_id" in [each.pointer for each in judged(body).missing_inputs]


def test_the_time_of_a_cut_is_good_to_fifteen_percent():
    time = judged(body_of()).cuts[0].estimates.cut_time_s
    assert time.high / time.low == pytest.approx(1.15 / 0.85, rel=2e-3)


def test_a_worn_edge_pushes_in_proportion():
    new, used, dull = (
        facts_of(changed(body_of(), cuts__0__tool__edge=edge)).tooth_force for edge in ("NEW", "USED", "DULL")
    )
    assert (used / new, dull / new) == (pytest.approx(1.3), pytest.approx(2.0))


def test_steel_bends_more_than_carbide_and_bears_half_as_much():
    carbide, steel = (judged(changed(body_of(), cuts__0__tool__material=name)) for name in ("CARBIDE", "HSS"))
    assert categories_of(steel)["deflection"].value == pytest.approx(
        categories_of(carbide)["deflection"].value * 600 / 210, rel=1e-6
    )
    assert categories_of(steel)["breakage"].details.figures["allowed"] == 500


@pytest.mark.parametrize(("density", "limit"), [(425, 1.5), (705, 1.0)])
def test_the_land_to_the_soundhole_may_be_narrower_in_hard_wood(density, limit):
    body = one_cut(wood(density, 0.5), diameter=3.175, rpm=18000, feed=1500, depth=0.6, stickout=14)
    assert checks_of(judged(body))["LAND_TO_SOUNDHOLE"].limit_green == limit
