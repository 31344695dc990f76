"""The README's rosette and its RED twin, with the figures of the reference."""

import pytest

from tests.support.rosettes import FIXTURES, body_of, categories_of, checks_of, facts_of, judged


@pytest.fixture(scope="module")
def green():
    return judged(body_of("classical-green"))


@pytest.fixture(scope="module")
def red():
    return judged(body_of("classical-red"))


def test_the_green_rosette_is_green_in_all_but_yield(green):
    assert {str(each.risk_level) for each in green.cuts[0].assessments} == {"GREEN"}
    assert (green.risk_level, green.is_feasible, green.needs_review) == ("GREEN", True, False)
    assert green.material_yield.risk_level == "YELLOW"
    assert not green.material_yield.decides
    assert green.overall_score >= 70
    assert green.assumed_defaults == ()
    assert green.missing_inputs == ()


def test_the_green_rosette_has_the_figures_of_the_reference(green):
    found, checks = categories_of(green), checks_of(green)
    assert found["chipload"].value == pytest.approx(0.0417, abs=5e-5)
    assert found["chipload"].limit_green == pytest.approx((0.0159, 0.1167), abs=5e-5)
    assert found["chipload"].direction == "BAND"
    assert found["heat"].value == pytest.approx(0.26, abs=5e-3)
    assert (found["deflection"].value, found["deflection"].unit) == (pytest.approx(2.0, abs=0.05), "um")
    assert found["breakage"].value == pytest.approx(23, abs=0.5)
    assert found["breakage"].details.figures["allowed"] == 1000
    assert (found["rimspeed"].value, found["rimspeed"].unit) == (pytest.approx(3.0, abs=0.01), "m/s")
    assert found["power"].value == pytest.approx(3.9, abs=0.05)
    assert found["power"].details.figures["usable"] == 360
    assert checks["POWER_AXIS_FORCE"].value == pytest.approx(2.7, abs=0.05)
    assert checks["TOP_REMAINING"].value == pytest.approx(1.6)
    assert checks["TOP_SHARE"].value == pytest.approx(43, abs=0.5)
    assert checks["TOP_REMAINING_FINISHED"].value == pytest.approx(1.3)


def test_the_green_rosette_is_cut_in_two_passes(green):
    estimates = green.cuts[0].estimates
    assert estimates.passes == (-0.6, -1.2)
    assert estimates.effective_depth_per_pass_mm == 0.6
    assert estimates.cut_time_s.low < estimates.cut_time_s.high


def test_the_red_twin_is_red_by_its_deflection_alone(red):
    found = categories_of(red)
    assert found.pop("deflection").value == pytest.approx(65.8, abs=0.05)
    assert {str(each.risk_level) for each in found.values()} == {"GREEN"}
    assert (red.risk_level, red.is_feasible, red.overall_score < 40) == ("RED", False, True)
    assert (red.binding.cut, red.binding.category, red.binding.pass_index) == (0, "deflection", 0)
    assert "65.8 µm" in red.reasons[0]
    assert "shorten the stickout" in red.reasons[0]


def test_the_effective_pass_is_no_deeper_than_the_channel():
    body = body_of("classical-red")
    body["context"]["cuts"][0]["depth_per_pass_mm"] = 3
    assert facts_of(body).effective_pass == 1.2
    assert categories_of(judged(body))["deflection"].value == pytest.approx(65.8, abs=0.05)


def test_the_documented_examples_are_the_tested_ones():
    docs = FIXTURES.parents[1] / "docs" / "examples"
    for name in ("classical-green.json", "classical-red.json"):
        assert (docs / name).read_bytes() == (FIXTURES / name).read_bytes()
