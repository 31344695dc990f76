"""From value and limits to colour and score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.feasibility.models import Category, Direction, RiskLevel
from rmos.feasibility.rules.table import WEIGHTS
from rmos.feasibility.scoring import held, judged, overall, worst


@pytest.mark.parametrize(
    ("value", "risk", "score"),
    [
        (0, "GREEN", 100),
        (5, "GREEN", 100),
        (7.5, "GREEN", 85),
        (10, "GREEN", 70),
        (10.000001, "YELLOW", 69.99),
        (21.8, "YELLOW", 46.4),
        (25, "YELLOW", 40),
        (25.000001, "RED", 39.99),
        (31.25, "RED", 20),
        (37.5, "RED", 0),
        (1000, "RED", 0),
    ],
)
def test_a_maximum_scores_as_the_reference_says(value, risk, score):
    assert judged(value, 10, 25, Direction.MAX) == (risk, pytest.approx(score))


@pytest.mark.parametrize(
    ("value", "risk", "score"),
    [
        (3, "GREEN", 100),
        (2.4, "GREEN", 100),
        (1.2, "GREEN", 70),
        (1.0, "YELLOW", 55),
        (0.8, "YELLOW", 40),
        (0, "RED", 0),
    ],
)
def test_a_minimum_is_its_mirror(value, risk, score):
    assert judged(value, 1.2, 0.8, Direction.MIN) == (risk, pytest.approx(score))


@given(st.floats(0, 1e6), st.floats(1e-3, 1e5), st.floats(1, 10), st.sampled_from([Direction.MAX, Direction.MIN]))
def test_score_and_colour_never_contradict(value, green, factor, direction):
    yellow = green * factor if direction is Direction.MAX else green / factor
    risk, score = judged(value, green, yellow, direction)
    assert (score >= 70, score >= 40) == (risk is RiskLevel.GREEN, risk is not RiskLevel.RED)


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_worse_value_never_scores_better(a, b):
    low, high = sorted((a, b))
    assert judged(low, 10, 25, Direction.MAX)[1] >= judged(high, 10, 25, Direction.MAX)[1]
    assert judged(low, 25, 10, Direction.MIN)[1] <= judged(high, 25, 10, Direction.MIN)[1]


def test_the_overall_score_is_half_the_least_and_half_the_weighted_mean():
    scores = [(Category.CHIPLOAD, 100), (Category.HEAT, 50)]
    mean = (0.25 * 100 + 0.20 * 50) / 0.45
    assert overall(scores, [100, 50], WEIGHTS) == pytest.approx(0.5 * 50 + 0.5 * mean)
    assert held(84, RiskLevel.YELLOW) == 69.99
    assert held(84, RiskLevel.RED) == 39.99


def test_what_is_known_to_be_wrong_is_worse_than_what_is_not_known():
    assert worst([RiskLevel.UNKNOWN, RiskLevel.RED, RiskLevel.YELLOW]) is RiskLevel.RED
    assert worst([RiskLevel.UNKNOWN, RiskLevel.YELLOW]) is RiskLevel.UNKNOWN
    assert worst([RiskLevel.RED, RiskLevel.ERROR]) is RiskLevel.ERROR
