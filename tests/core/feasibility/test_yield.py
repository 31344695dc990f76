"""The material: yields of the reference, and stock that runs out."""

import pytest
from rmos.feasibility.physics import yields
from rmos.runs.acknowledgement import acknowledged

from tests.support.rosettes import body_of, changed, judged


def test_a_ring_from_a_sheet_uses_a_sixth_of_it():
    blanks = yields.whole_ring(50, 3.175, 1.0)
    net = yields.ring_volume_mm3(42.5, 50, 1.0)
    assert net == pytest.approx(2180, abs=1)
    assert blanks.volume_mm3 == pytest.approx(12_622, abs=1)
    assert net / blanks.volume_mm3 == pytest.approx(0.17, abs=0.005)


@pytest.mark.parametrize(("kerf", "share"), [(0.4, 0.80), (0.8, 0.67), (1.2, 0.57)])
def test_log_slices_lose_their_kerf(kerf, share):
    blanks = yields.log_slices(177, 8, 1.6, kerf, 1.6)
    assert 177 * 1.6 * 8 * 1.6 / blanks.volume_mm3 == pytest.approx(share, abs=0.005)
    assert blanks.count * blanks.length + blanks.clamp == pytest.approx(177 * (1.6 + kerf) + 25)


def test_twelve_segments_yield_about_half():
    body = body_of()
    (ring,) = [each for each in judged(body).material_yield.rings if each.ring_index == 1]
    assert 45 <= ring.yield_pct <= 65
    assert ring.pieces == 12


def test_a_sawn_strip_needs_to_be_thicker_than_its_kerf():
    knife = judged(body_of()).material_yield.rings[0].yield_pct
    sawn = judged(changed(body_of(), rings__0__kerf_mm=0.8)).material_yield.rings[0].yield_pct
    assert sawn == pytest.approx(knife * 0.4 / 1.2, abs=0.1)


def test_a_poor_yield_costs_score_but_never_blocks():
    body = changed(body_of(), rings__1__construction="ANNULUS", rings__1__segments=...)
    result = judged(body)
    assert result.material_yield.rings[1].yield_pct < 25
    assert (result.material_yield.risk_level, result.risk_level) == ("YELLOW", "GREEN")
    assert result.overall_score < judged(body_of()).overall_score


def test_a_poor_yield_is_yellow_for_its_ring_and_can_be_acknowledged():
    result = judged(changed(body_of(), rings__1__construction="ANNULUS", rings__1__segments=...))
    shares = {check.ring_index: check for check in result.material_yield.details.checks}
    assert (shares[1].value < shares[1].limit_yellow, shares[1].risk_level, shares[1].score) == (True, "YELLOW", 40)
    assert acknowledged(["YIELD_SHARE"], result) == ("YIELD_SHARE",)


def test_stock_that_runs_out_blocks_and_says_how_much_is_missing():
    stock = {"ring_index": 1, "length_mm": 100, "width_mm": 40, "thickness_mm": 3}
    short = judged(changed(body_of(), stock=[stock]))
    assert (short.risk_level, short.material_yield.decides) == ("RED", True)
    assert short.material_yield.rings[1].pieces_from_stock == 6
    assert (short.binding.cut, short.binding.category, short.binding.ring_index) == (None, "bom_efficiency", 1)
    assert any("6 of 12 pieces" in reason for reason in short.reasons)
    enough = judged(changed(body_of(), stock=[stock | {"count": 2}]))
    assert (enough.risk_level, enough.material_yield.decides) == ("GREEN", False)


def test_stock_too_thin_gives_nothing():
    stock = {"ring_index": 1, "length_mm": 1000, "width_mm": 400, "thickness_mm": 1.0}
    assert judged(changed(body_of(), stock=[stock])).material_yield.rings[1].pieces_from_stock == 0


def test_strips_are_ripped_from_a_thick_board_on_edge_or_cut_from_a_veneer():
    """Strips of 0.4 mm and 0.8 mm kerf stand 2.2 mm high: 8 across 10 mm; of a veneer 4 lie side by side."""
    body = changed(body_of(), rings__0__kerf_mm=0.8)
    board = {"ring_index": 0, "length_mm": 300, "width_mm": 10, "thickness_mm": 2.2}
    for stock, pieces in ((board, 8), (board | {"thickness_mm": 4.4}, 16), (board | {"thickness_mm": 1.2}, 4)):
        found = judged(changed(body, stock=[stock])).material_yield.rings[0]
        assert found.pieces_from_stock == pieces


def test_a_ring_whose_making_is_not_told_is_left_out_and_named():
    result = judged(changed(body_of(), rings__1__segments=...))
    assert [each.ring_index for each in result.material_yield.rings] == [0, 2]
    assert "ring.segments" in result.material_yield.details.missing


def test_a_yield_of_nothing_known_is_unknown_and_decides_nothing():
    body = body_of()
    body["design"]["rings"] = [{"width_mm": 15.9, "material_id": "maple_hard", "construction": "LOG"}]
    result = judged(body)
    assert (result.material_yield.risk_level, result.material_yield.value) == ("UNKNOWN", None)
    assert result.risk_level == "GREEN"
