"""How fast a bit may go straight down, whatever its feed."""

import pytest
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.suggestions.advice import advise

from tests.core.feasibility.test_vendor_figures import CHIPS, RPM
from tests.support.json_patch import patched
from tests.support.rosettes import REGISTRY, VECTORS, changed, checks_of, judged, one_cut


def plunged(plunge, **changes):
    """Return V7, 6 mm in maple, going straight down at `plunge` mm/min: its thickest good chip is 0.179 mm."""
    return changed(VECTORS["V7"], cuts__0__entry="PLUNGE", cuts__0__plunge_mm_per_min=plunge, **changes)


@pytest.mark.parametrize(
    ("plunge", "colour"), [(600, "GREEN"), (2570, "GREEN"), (2590, "YELLOW"), (3860, "YELLOW"), (3880, "RED")]
)
def test_each_edge_drills_no_more_than_a_share_of_the_thickest_good_chip(plunge, colour):
    # 0.4 and 0.6 of 0.1791 mm (0.18 mm x 0.9967 for 705 kg/m3) are 2578 and 3868 mm/min at 18,000 rpm with 2 flutes
    check = checks_of(judged(plunged(plunge, cuts__0__feed_mm_per_min=10_000)))["BREAKAGE_PLUNGE_CHIP"]
    assert check.risk_level == colour
    assert check.value == pytest.approx(plunge / 36_000)


def test_a_fast_plunge_is_not_made_good_by_feeding_faster():
    body = plunged(3000, cuts__0__feed_mm_per_min=2900)
    offers = advise(FeasibilityInput.model_validate(body), REGISTRY, "baseline_v1").suggestions
    assert offers
    for offer in offers:
        (cut,) = patched(body, offer.changes)["context"]["cuts"]
        assert cut["plunge_mm_per_min"] < 3000


def test_the_remedy_of_both_limits_of_a_plunge_is_told_once():
    (reason,) = [each for each in judged(plunged(3900)).reasons if "breakage" in each]
    assert reason.count("lower the plunge feed") == 1


def test_a_ramp_or_helix_is_judged_by_the_feed_along_it_alone():
    for entry in ("RAMP", "HELIX"):
        assert "BREAKAGE_PLUNGE_CHIP" not in checks_of(judged(changed(plunged(3000), cuts__0__entry=entry)))


@pytest.mark.parametrize(("source", "material", "diameter", "chip", "colour"), CHIPS)
def test_a_vendors_feed_with_the_plunge_usual_for_it_passes_wherever_its_chip_does(
    source, material, diameter, chip, colour
):
    body = one_cut(
        material | {"burn_tendency": 0.5}, diameter=diameter, rpm=RPM, feed=2 * RPM * chip, depth=0.3, stickout=20
    )
    for changes in ({"cuts__0__plunge_mm_per_min": ...}, {"cuts__0__plunge_mm_per_min": 0.4 * 2 * RPM * chip}):
        found = judged(changed(body, cuts__0__entry="PLUNGE", **changes))
        checks = checks_of(found)
        assert checks["BREAKAGE_PLUNGE_CHIP"].risk_level.severity <= checks["CHIP_OVERLOAD"].risk_level.severity, source
