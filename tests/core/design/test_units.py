"""Quantities as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from rmos.design.units import (
    FEED_UNITS,
    LENGTH_UNITS,
    POWER_UNITS,
    SPINDLE_UNITS,
    Count,
    Feed,
    Length,
    Power,
    nine_digits,
    parsed_quantity,
    plain_number,
)


@pytest.mark.parametrize(
    ("text", "mm"),
    [
        ("1/8 in", 3.175),
        ("3-11/32 in", 84.93125),
        ("3 11/32 in", 84.93125),
        ("85 mm", 85),
        ("85mm", 85),
        ("8.5 cm", 85),
        ('1/4"', 6.35),
        (".5 inch", 12.7),
        ("5 thou", 0.127),
        ("25 µm", 0.025),
        ("1/3 in", 8.46666667),
    ],
)
def test_lengths_are_read_exactly(text, mm):
    assert parsed_quantity(text, LENGTH_UNITS) == mm


def test_feeds_and_powers_have_their_own_units():
    assert parsed_quantity("60 ipm", FEED_UNITS) == 1524
    assert parsed_quantity("1.5 m/min", FEED_UNITS) == 1500
    assert parsed_quantity("1.25 hp", POWER_UNITS) == 932.124839
    assert TypeAdapter(Feed).validate_python("60 IPM") == 1524
    assert parsed_quantity("18 krpm", SPINDLE_UNITS) == parsed_quantity("18000 1/min", SPINDLE_UNITS) == 18000
    assert TypeAdapter(Power).validate_python("2.2 kW") == 2200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("85 furlongs", "unknown unit 'furlongs'"),
        ("60 ipm", "unknown unit 'ipm'"),
        ("85", "number and a unit"),
        ("1/8", "number and a unit"),
        ("", "number and a unit"),
        ("mm", "number and a unit"),
        ("-3 mm", "number and a unit"),
        ("1/0 in", "denominator"),
        ("3 1.5 in", "only a fraction"),
        ("1e3 mm", "number and a unit"),
        ("nan mm", "number and a unit"),
        ("9" * 200 + " mm", "number and a unit"),
    ],
)
def test_what_is_no_quantity_is_refused_with_what_would_be_one(text, said):
    with pytest.raises(ValueError, match=said):
        parsed_quantity(text, LENGTH_UNITS)


@pytest.mark.parametrize("value", [True, False, None, [], {}, float("nan"), float("inf"), 10**400])
def test_what_is_no_number_is_no_length(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Length, config={"allow_inf_nan": False}).validate_python(value)


@pytest.mark.parametrize("value", [True, "2", 2.5])
def test_a_count_is_a_whole_number(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Count).validate_python(value)
    assert TypeAdapter(Count).validate_python(2.0) == 2


@given(st.integers(1, 10_000), st.integers(1, 1000))
def test_a_fraction_of_an_inch_is_its_millimetres_to_nine_digits(top, bottom):
    exact = top * 25.4 / bottom
    assert parsed_quantity(f"{top}/{bottom} in", LENGTH_UNITS) == pytest.approx(exact, rel=5e-9)


@given(st.floats(1e-4, 1e9))
def test_rounding_keeps_nine_digits_and_is_stable(value):
    rounded = nine_digits(value)
    assert rounded == pytest.approx(value, rel=1e-8)
    assert nine_digits(rounded) == rounded
    assert plain_number(value) == rounded


def test_whole_numbers_become_ints_and_endless_ones_are_refused():
    assert repr(plain_number(70.0)) == "70"
    assert (plain_number(1e-9), plain_number(-1e20)) == (0, -(10**12))
    with pytest.raises(ArithmeticError):
        plain_number(float("nan"))
