"""Published feeds and cutting forces beside the engine's bands, worked out by hand.

GREEN is where a belt-driven or small machine cuts well. A vendor's figure is the upper productive target on a stiff
machine: where it passes GREEN it is still YELLOW up to 1/4 in, and docs/FEASIBILITY_MODEL.md says why not beyond.
"""

import pytest
from rmos.design.materials import MaterialClass
from rmos.feasibility.laws import LAWS

from tests.support.rosettes import categories_of, judged, one_cut

HARD, SOFT = {"class": "WOOD", "density_kg_per_m3": 700}, {"class": "WOOD", "density_kg_per_m3": 425}
MDF = {"class": "SHEET", "density_kg_per_m3": 720}
SIXTEENTH, EIGHTH, THREE_SIXTEENTHS, QUARTER, THREE_EIGHTHS, HALF = 1.5875, 3.175, 4.7625, 6.35, 9.525, 12.7
RPM = 18_000

# (source, material, diameter in mm, chip in mm, colour); by hand for 700 kg/m3: low max(floor, 0.005 D) and high
# min(0.03 D, 0.19 + 0.006 (D - 6.35)) are .0127-.0476, .0159-.0953, .0254*-.1429, .0318-.19, .0476-.2091, .0635-.2281
# (* interpolated .0207, but .005 D = .0238 rules); for 425 kg/m3 the high end is 1.225 times that, for MDF 1.25 times.
CHIPS = [
    ("Amana, solid wood, low", HARD, EIGHTH, 0.076, "GREEN"),
    ("Amana, solid wood, high", HARD, EIGHTH, 0.127, "YELLOW"),
    ("Amana, solid wood, low", HARD, THREE_SIXTEENTHS, 0.102, "GREEN"),
    ("Amana, solid wood, high", HARD, THREE_SIXTEENTHS, 0.152, "YELLOW"),
    ("Amana, solid wood, low", HARD, QUARTER, 0.127, "GREEN"),
    ("Amana, solid wood, high", HARD, QUARTER, 0.178, "GREEN"),
    ("Amana, solid wood, low", HARD, THREE_EIGHTHS, 0.152, "GREEN"),
    ("Amana, solid wood, high", HARD, THREE_EIGHTHS, 0.203, "GREEN"),
    ("Amana, solid wood, low", HARD, HALF, 0.178, "GREEN"),
    ("Amana, solid wood, high", HARD, HALF, 0.229, "YELLOW"),
    ("AST, hardwood, low", HARD, EIGHTH, 0.051, "GREEN"),
    ("AST, hardwood, high", HARD, EIGHTH, 0.102, "YELLOW"),
    ("AST, hardwood, low", HARD, QUARTER, 0.127, "GREEN"),
    ("AST, hardwood, high", HARD, QUARTER, 0.178, "GREEN"),
    ("AST, hardwood, low: a stiff machine only", HARD, THREE_EIGHTHS, 0.330, "RED"),
    ("AST, softwood, low", SOFT, EIGHTH, 0.076, "GREEN"),
    ("AST, softwood, high", SOFT, EIGHTH, 0.127, "YELLOW"),
    ("AST, softwood, low", SOFT, QUARTER, 0.152, "GREEN"),
    ("AST, softwood, high", SOFT, QUARTER, 0.203, "GREEN"),
    ("AST, MDF, low", MDF, EIGHTH, 0.102, "GREEN"),
    ("AST, MDF, high", MDF, EIGHTH, 0.178, "YELLOW"),
    ("AST, MDF, low", MDF, QUARTER, 0.305, "YELLOW"),
    ("AST, MDF, high: a stiff machine only", MDF, QUARTER, 0.381, "RED"),
    ("cutter-shop, hardwood, low", HARD, EIGHTH, 0.076, "GREEN"),
    ("cutter-shop, hardwood, high", HARD, EIGHTH, 0.127, "YELLOW"),
    ("cutter-shop, hardwood, low", HARD, QUARTER, 0.229, "YELLOW"),
    ("cutter-shop, hardwood, high", HARD, QUARTER, 0.279, "YELLOW"),
    ("Shapeoko guide, hardwood, low", HARD, SIXTEENTH, 0.013, "GREEN"),
    ("Shapeoko guide, hardwood, high", HARD, SIXTEENTH, 0.025, "GREEN"),
    ("Shapeoko guide, softwood, high", SOFT, SIXTEENTH, 0.040, "GREEN"),
    ("Shapeoko guide, hardwood, low: already near rubbing", HARD, EIGHTH, 0.013, "YELLOW"),
    ("Shapeoko guide, hardwood, high", HARD, EIGHTH, 0.025, "GREEN"),
    ("Shapeoko guide, softwood, low", SOFT, EIGHTH, 0.025, "GREEN"),
    ("Shapeoko guide, softwood, high", SOFT, EIGHTH, 0.063, "GREEN"),
    ("Shapeoko guide, hardwood, low: already near rubbing", HARD, QUARTER, 0.025, "YELLOW"),
    ("Shapeoko guide, hardwood, high", HARD, QUARTER, 0.050, "GREEN"),
    ("Shapeoko guide, softwood, high", SOFT, QUARTER, 0.127, "GREEN"),
]


@pytest.mark.parametrize(("source", "material", "diameter", "chip", "colour"), CHIPS)
def test_a_published_chip_load_has_the_colour_worked_out_by_hand(source, material, diameter, chip, colour):
    body = one_cut(
        material | {"burn_tendency": 0.5},
        diameter=diameter,
        rpm=RPM,
        feed=2 * RPM * chip,
        depth=0.3,
        stickout=20,
    )
    assert categories_of(judged(body))["chipload"].risk_level == colour, source


@pytest.mark.parametrize(("depths", "factor"), [(1, 1.0), (2, 0.75), (3, 0.5)])
def test_the_chip_is_derated_with_depth_as_amana_and_ast_say(depths, factor):
    law = LAWS[MaterialClass.WOOD]
    assert law.chip_band(QUARTER, 700, depths).high == pytest.approx(0.19 * factor)


@pytest.mark.parametrize(
    ("wood", "grams", "least", "most"),
    [("beech", 0.72, 26, 40), ("oak", 0.69, 22, 44), ("pine", 0.51, 14, 31), ("spruce", 0.45, 15, 28)],
)
def test_the_force_across_the_grain_lies_in_the_textbooks_range(wood, grams, least, most):
    """Zerspanung von Holz und Holzwerkstoffen, 2nd ed. 2023, p. 120: direction A, in N/mm^1.5."""
    assert least <= LAWS[MaterialClass.WOOD].across_c(grams) <= most, wood


def test_the_force_in_mdf_lies_in_the_textbooks_range():
    law = LAWS[MaterialClass.SHEET]
    assert 20 <= law.face_c(0.72) <= law.across_c(0.72) <= 25
