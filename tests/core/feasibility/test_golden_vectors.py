"""The golden vectors V1 to V8 of the reference, to the precision in which their table is printed."""

import pytest

from tests.support.rosettes import VECTORS, categories_of, checks_of, facts_of, judged

# chip, low, high, kc, power, force, deflection, stress, burn: each with half of its last printed digit
PRINTED = {
    "V1": (0.0417, 0.0159, 0.1167, 82, 4.9, 3.38, 2.5, 29, 0.26),
    "V2": (0.0333, 0.0159, 0.0946, 151, 14.4, 10.0, 21.8, 125, 0.39),
    "V3": (0.0083, 0.030, 0.179, 302, 24.2, 6.7, 2.2, 15, 4.93),
    "V4": (0.0063, 0.0064, 0.0153, 464, 0.5, 1.08, 15.7, 251, 0.57),
    "V5": (0.0333, 0.0159, 0.0946, 151, 28.8, 20.0, 147, 374, 0.39),
    "V6": (0.0175, 0.0127, 0.0394, 246, 2.3, 2.85, 9.0, 127, 0.49),
    "V7": (0.050, 0.030, 0.179, 123, 66.7, 24.5, 8.2, 56, 0.71),
    "V8": (0.222, 0.0159, 0.0946, 59, 37.2, 25.9, 28.8, 257, 0.06),
}
DIGITS = {
    "V1": (4, 4, 4, 0, 1, 2, 1, 0, 2),
    "V2": (4, 4, 4, 0, 1, 1, 1, 0, 2),
    "V3": (4, 3, 3, 0, 1, 1, 1, 0, 2),
    "V4": (4, 4, 4, 0, 1, 2, 1, 0, 2),
    "V5": (4, 4, 4, 0, 1, 1, 0, 0, 2),
    "V6": (4, 4, 4, 0, 1, 2, 1, 0, 2),
    "V7": (3, 3, 3, 0, 1, 1, 1, 0, 2),
    "V8": (3, 4, 4, 0, 1, 1, 1, 0, 2),
}
COLOURS = {
    "V1": {},
    "V2": {"deflection": "YELLOW"},
    "V3": {"chipload": "RED", "heat": "RED"},
    "V4": {"chipload": "YELLOW", "deflection": "YELLOW"},
    "V5": {"deflection": "RED", "geometry": "YELLOW"},  # the table judges no pass depth: 3 mm is 0.94 of the diameter
    "V6": {},
    "V7": {},
    "V8": {"chipload": "RED", "deflection": "RED"},
}


@pytest.mark.parametrize("name", VECTORS)
def test_the_figures_of_a_golden_vector_are_those_of_the_table(name):
    facts = facts_of(VECTORS[name])
    burn = checks_of(judged(VECTORS[name]))["HEAT_BURN"].value
    found = (
        facts.feed_per_tooth,
        facts.chip_band.low,
        facts.chip_band.high,
        facts.specific_energy,
        facts.power,
        facts.tooth_force,
        1000 * facts.deflection,
        facts.stress,
        burn,
    )
    # The table is rounded: half of its last digit is the tolerance.
    for value, printed, digits in zip(found, PRINTED[name], DIGITS[name], strict=True):
        assert value == pytest.approx(printed, abs=0.51 * 10**-digits), (value, printed)


@pytest.mark.parametrize("name", VECTORS)
def test_a_golden_vector_has_the_colours_of_the_table(name):
    colours = {category: str(each.risk_level) for category, each in categories_of(judged(VECTORS[name])).items()}
    assert {category: colour for category, colour in colours.items() if colour != "GREEN"} == COLOURS[name]


def test_rubbing_and_overload_are_told_apart():
    assert categories_of(judged(VECTORS["V3"]))["chipload"].rule_ids == ("CHIP_RUBBING",)
    assert categories_of(judged(VECTORS["V8"]))["chipload"].rule_ids == ("CHIP_OVERLOAD",)
