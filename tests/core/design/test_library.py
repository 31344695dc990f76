"""The reference rows that ship with RMOS."""

import re

import pytest
from rmos.design.library import BuiltInLibrary, machines, materials, tools

WOODS = [row for row in materials().rows.values() if row.values.material_class == "WOOD"]
EXPECTED = {
    "spruce_sitka": 425,
    "spruce_engelmann": 385,
    "cedar_western_red": 370,
    "maple_hard": 705,
    "walnut_black": 610,
    "mahogany_honduran": 590,
    "rosewood_east_indian": 830,
    "ebony_gaboon": 955,
    "ebony_macassar": 1120,
    "koa": 610,
    "cherry_black": 560,
    "holly_american": 640,
    "padauk_african": 745,
    "wenge": 870,
    "mother_of_pearl": 2700,
    "abalone": 2700,
}


@pytest.mark.parametrize(("row_id", "density"), EXPECTED.items())
def test_densities_are_those_of_the_reference(row_id, density):
    assert BuiltInLibrary().material(row_id).values.density_kg_per_m3 == density


@pytest.mark.parametrize(
    ("table", "query", "row_id"),
    [
        (materials, "indian ROSEWOOD", "rosewood_east_indian"),
        (materials, "mop", "mother_of_pearl"),
        (materials, "maple hard", "maple_hard"),
        (materials, "paua", "abalone"),
        (tools, "1/8 in", "flat_3175"),
        (machines, "shapeoko", "shapeoko_4_xxl"),
    ],
)
def test_rows_are_found_by_id_label_and_alias(table, query, row_id):
    assert row_id in [row.id for row in table().matching(query)]


def test_an_empty_search_finds_all_and_a_strange_one_nothing():
    assert len(materials().matching("")) == len(materials().rows)
    assert materials().matching("plutonium") == []


@pytest.mark.parametrize("table", [materials, tools, machines])
def test_every_row_has_a_source_a_confidence_and_names_of_its_own(table):
    labels = [row.label.casefold() for row in table().rows.values()]
    assert len(labels) == len(set(labels))
    for row in table().rows.values():
        assert row.source
        assert 0 < row.confidence < 1
        for name in getattr(row, "assumed", ()):
            assert getattr(row.values, name) is not None


def test_what_is_probably_meant_is_found_by_a_near_spelling_or_an_alias():
    assert materials().nearest("spruce_stika") == "spruce_sitka"
    assert materials().nearest("Indian_Rosewood") == "rosewood_east_indian"
    assert materials().nearest("xqzzy") is None
    assert materials().nearest(" ") is None


def test_a_part_of_a_name_finds_its_row():
    assert materials().nearest("sitka") == "spruce_sitka"
    assert tools().nearest("24T") == "saw_254_24t"


def test_every_dusty_row_says_so():
    assert all(any(hazard.kind == "DUST" for hazard in row.hazards) for row in materials().rows.values())


@pytest.mark.parametrize("row", WOODS, ids=lambda row: row.id)
def test_a_wood_has_the_density_and_hardness_that_its_source_is_quoted_with(row):
    publication, page, figures = re.fullmatch(r"([^,:]+), ([^:]+): (.+)", row.source).groups()
    assert publication[0].isupper()
    assert page
    newtons_per_pound, half_a_step = 4.448, 25
    pounds = _first(r"([\d,]+) lbf", figures)
    assert row.values.janka_n == pytest.approx(pounds * newtons_per_pound, abs=half_a_step)
    assert row.values.density_kg_per_m3 == pytest.approx(_first(r"\(([\d,]+) kg/m3\)", figures), rel=0.05)
    assert 90 <= row.values.density_kg_per_m3 <= 1400


def _first(pattern, text):
    return _number(re.search(pattern, text)[1])


def _number(text):
    return float(text.replace(",", ""))
