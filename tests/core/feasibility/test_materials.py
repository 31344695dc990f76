"""What is cut: wood by the wood laws, shell by its own band, the rest by none."""

import pytest
from rmos.design.library import presets

from tests.core.feasibility.test_suggestions import advice_on
from tests.support.rosettes import body_of, categories_of, changed, checks_of, judged, one_cut, saw_cut

SHELL = {"class": "SHELL", "density_kg_per_m3": 2700, "label": "mother-of-pearl"}


PEARL_RECIPE = {"diameter": 0.396, "rpm": 60000, "feed": 203, "depth": 0.127, "stickout": 9}


def in_shell(**cut):
    return one_cut(SHELL, flute_length_mm=1.5, shank_diameter_mm=3.175, **cut)


def test_abalone_at_wood_feeds_is_not_green():
    result = judged(one_cut(SHELL, diameter=3.175, rpm=18000, feed=1500, depth=0.6, stickout=14))
    assert categories_of(result)["chipload"].risk_level == "RED"
    assert result.risk_level == "RED"


@pytest.mark.parametrize("flutes", [2, 3])
def test_the_cited_pearl_recipe_is_not_red(flutes):
    result = judged(in_shell(**PEARL_RECIPE, flutes=flutes))
    assert result.risk_level == "YELLOW"
    assert categories_of(result)["chipload"].risk_level == "GREEN"


def test_shell_is_yellow_at_best_and_says_why():
    found = categories_of(judged(in_shell(**PEARL_RECIPE)))
    for name in ("heat", "deflection", "power", "breakage"):
        assert found[name].risk_level == "YELLOW"
        assert found[name].why.endswith("by an estimate this is YELLOW at best.")


def test_what_holds_shell_back_is_told_as_what_rules_green_out():
    body = in_shell(**PEARL_RECIPE)
    advice = advice_on(body)
    assert advice.suggestions == ()
    assert [(each.pointer, each.reason) for each in advice.ruled_out] == [
        (
            "/design/top_material",
            "For shell no law of force or heat is published; by an estimate this is YELLOW at best.",
        )
    ]


def test_neither_shell_nor_metal_is_sawn_by_the_band_of_wood():
    for material_class in ("SHELL", "METAL"):
        body = saw_cut(feed=2000)
        body["design"]["rings"][0]["material"]["class"] = material_class
        result = judged(body)
        found = categories_of(result)
        assert result.risk_level == "UNKNOWN"
        unknown = {name for name, each in found.items() if each.risk_level == "UNKNOWN"}
        assert unknown == {"chipload", "heat", "deflection", "power"}
        assert f"There is no law for sawing {material_class}" in found["chipload"].why
        assert f"There is no law for sawing {material_class}." in [each.reason for each in advice_on(body).ruled_out]
    body["design"]["rings"][0]["material"]["class"] = "SHEET"
    assert judged(body).risk_level == "GREEN"


def test_metal_has_no_law_and_blocks():
    metal = {"class": "METAL", "density_kg_per_m3": 8500, "label": "brass"}
    result = judged(one_cut(metal, diameter=3.175, rpm=18000, feed=1500, depth=0.6, stickout=14))
    found = categories_of(result)
    assert {name for name, each in found.items() if each.risk_level == "UNKNOWN"} == {
        "chipload",
        "heat",
        "deflection",
        "power",
        "breakage",
        "geometry",
    }
    assert "no cutting law for METAL" in found["chipload"].why
    assert result.missing_inputs == ()


def test_sheet_is_softer_across_the_grain_than_wood_of_its_density():
    cut = {"diameter": 6.35, "rpm": 18000, "feed": 3000, "depth": 3, "stickout": 25}
    sheet = judged(one_cut({"class": "SHEET", "density_kg_per_m3": 720, "burn_tendency": 0.6}, **cut))
    wood = judged(one_cut({"class": "WOOD", "density_kg_per_m3": 720, "burn_tendency": 0.6}, **cut))
    assert categories_of(sheet)["deflection"].value < categories_of(wood)["deflection"].value
    assert checks_of(sheet)["POWER_SPINDLE"].value == checks_of(wood)["POWER_SPINDLE"].value


def test_a_cut_is_judged_in_the_material_of_its_target():
    body = one_cut(
        {"class": "WOOD", "density_kg_per_m3": 425, "burn_tendency": 0.3},
        diameter=3.175,
        rpm=18000,
        feed=1500,
        depth=0.75,
        stickout=14,
    )
    body["design"]["rings"][0]["material"] = {"class": "WOOD", "density_kg_per_m3": 1050, "burn_tendency": 0.5}
    ring = dict(body["context"]["cuts"][0]) | {"target": "RING", "ring_index": 0}
    body["context"]["cuts"].append(ring)
    channel, cut_out = (categories_of(judged(body), cut) for cut in (0, 1))
    ratio = cut_out["deflection"].value / channel["deflection"].value
    assert ratio == pytest.approx(1050 / 425, rel=1e-6)


def test_hazards_name_dust_sensitisers_and_trade_law():
    body = changed(
        in_shell(**PEARL_RECIPE),
        design__rings__0__material=...,
        design__rings__0__material_id="rosewood_east_indian",
    )
    hazards = judged(body).hazards
    assert {(each.kind, each.material) for each in hazards} == {
        ("DUST", "mother-of-pearl"),
        ("DUST", "East Indian rosewood"),
        ("SENSITISER", "East Indian rosewood"),
        ("CITES", "East Indian rosewood"),
    }
    assert len(judged(body).not_checked) >= 5


def test_the_preset_of_the_pearl_recipe_is_not_red_in_a_ring_of_usual_thickness():
    body = changed(body_of(), rings__1__material_id="mother_of_pearl", rings__1__construction="ANNULUS")
    del body["design"]["rings"][1]["segments"]
    body["design"]["rings"][1]["slice_thickness_mm"] = 1.2
    recipe = presets().rows["pearl_inlay_0400"].values.model_dump(mode="json", exclude_none=True)
    recipe["cuts"][0]["ring_index"] = 1
    result = judged(body | {"context": recipe})
    assert result.risk_level == "YELLOW"
    assert checks_of(result)["FLUTE_REACH"].limit_green == pytest.approx(1.524 - 0.198)


@pytest.mark.parametrize(("diameter", "reach"), [(0.4, 9.8), (1.0, 9.5), (3.175, 9.5)])
def test_the_flutes_of_a_fine_bit_may_be_used_to_half_its_diameter_from_their_end(diameter, reach):
    wood = {"class": "WOOD", "density_kg_per_m3": 425, "burn_tendency": 0.3}
    cut = {"diameter": diameter, "rpm": 18000, "feed": 300, "depth": 1, "stickout": 14}
    result = judged(one_cut(wood, flute_length_mm=10, shank_diameter_mm=3.175, **cut))
    assert checks_of(result)["FLUTE_REACH"].limit_green == pytest.approx(reach)
