"""The one table of rules."""

import json
import re

import pytest
from rmos.canonical import sha256_of_json
from rmos.design.library import machines, materials, tools
from rmos.design.units import FORMATS, DisplayUnits
from rmos.feasibility.models import Category
from rmos.feasibility.rules.rule import Rule
from rmos.feasibility.rules.table import RULES, RULESET_VERSION, WEIGHTS

from tests.support.rosettes import FIXTURES, VECTORS, body_of, changed, judged, saw_cut


def test_every_rule_explains_itself():
    for rule in RULES.values():
        assert re.fullmatch(r"[A-Z][A-Z_]+", rule.rule_id)
        assert rule.title
        assert rule.limits
        assert rule.why.endswith(".")
        assert rule.hint
        assert rule.sources
        assert 0 < rule.confidence <= 1
        assert rule.unit in FORMATS[DisplayUnits.MM]


def test_a_rule_without_a_check_cannot_exist():
    some = next(iter(RULES.values()))
    values = {name: getattr(some, name) for name in Rule.__slots__ if name not in {"template", "ring_attributes"}}
    with pytest.raises(ValueError, match="exactly one check"):
        Rule(**values | {"check": None, "ring_check": None, "yield_check": None})


def test_the_weights_are_those_of_the_reference_and_sum_to_one():
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert set(WEIGHTS) == set(Category)
    assert (WEIGHTS[Category.CHIPLOAD], WEIGHTS[Category.HEAT], WEIGHTS[Category.RIMSPEED]) == (0.25, 0.20, 0.15)


def test_every_category_has_rules_and_both_ends_of_a_band_know_each_other():
    assert {rule.category for rule in RULES.values()} == set(Category)
    for rule in RULES.values():
        if rule.pairs_with is not None:
            assert RULES[rule.pairs_with].pairs_with == rule.rule_id


def test_changing_a_rule_or_a_reference_row_needs_a_new_ruleset_version():
    texts = [
        [rule.rule_id, rule.limits, rule.why, rule.hint, list(rule.sources), rule.confidence, sorted(rule.needs)]
        for rule in RULES.values()
    ]
    rows = [
        row.values.model_dump(mode="json") for table in (materials, tools, machines) for row in table().rows.values()
    ]
    saw = changed(saw_cut(), cuts__0__feed_mm_per_min=2000)
    results = [judged(body).result_sha256 for body in (*VECTORS.values(), body_of(), body_of("classical-red"), saw)]
    now = {"ruleset_version": RULESET_VERSION, "sha256": sha256_of_json([texts, rows, results])}
    recorded = json.loads((FIXTURES / "ruleset.json").read_text())
    assert now == recorded, "results changed: raise RULESET_VERSION and record this in tests/fixtures/ruleset.json"


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        ({"cuts__0__feed_mm_per_min": 100}, "CHIP_RUBBING"),
        ({"cuts__0__feed_mm_per_min": 9000}, "CHIP_OVERLOAD"),
        ({"cuts__0__feed_mm_per_min": 60}, "HEAT_BURN"),
        ({"cuts__0__tool__stickout_mm": 40}, "DEFLECTION_TIP"),
        ({"cuts__0__spindle_rpm": 31000, "machine__max_rpm": 40000}, "SPEED_MARKED"),
        ({"cuts__0__spindle_rpm": 9000}, "SPEED_MACHINE_MIN"),
        ({"cuts__0__spindle_rpm": 30500, "cuts__0__tool__max_rpm": 40000}, "SPEED_MACHINE_MAX"),
        ({"machine__rpm_steps": [12000, 24000]}, "SPEED_STEP"),
        ({"machine__spindle_power_w": 3}, "POWER_SPINDLE"),
        ({"machine__axis_force_n": 3}, "POWER_AXIS_FORCE"),
        ({"machine__max_feed_mm_per_min": 1000}, "POWER_FEED"),
        ({"cuts__0__tool__stickout_mm": 300}, "BREAKAGE_STRESS"),
        ({"cuts__0__plunge_mm_per_min": 4000}, "BREAKAGE_PLUNGE"),
        ({"cuts__0__tool__diameter_mm": 15, "cuts__0__tool__shank_diameter_mm": 12}, "CHANNEL_VS_BIT"),
        ({"cuts__0__depth_per_pass_mm": 1.2, "cuts__0__tool__diameter_mm": 0.8}, "PASS_DEPTH"),
        ({"cuts__0__tool__diameter_mm": 0.3}, "TOTAL_DEPTH"),
        ({"cuts__0__tool__flute_length_mm": 1.5}, "FLUTE_REACH"),
        ({"cuts__0__tool__flute_length_mm": 15}, "STICKOUT_CLAMPING"),
        ({"cuts__0__tool__stickout_mm": 3, "cuts__0__tool__flute_length_mm": 2}, "STICKOUT_REACH"),
        ({"top_thickness_mm": 1.9, "finished_top_thickness_mm": ...}, "TOP_REMAINING"),
        ({"top_thickness_mm": 1.5, "finished_top_thickness_mm": ...}, "TOP_SHARE"),
        ({"finished_top_thickness_mm": 2.2}, "TOP_REMAINING_FINISHED"),
        ({"soundhole_diameter_mm": 88}, "LAND_TO_SOUNDHOLE"),
        ({"outer_diameter_mm": 122}, "RING_GAP"),
        ({"cuts__0__stepover_mm": 3.2}, "STEPOVER_RIDGES"),
        ({"cuts__0__tool__type": "BALL"}, "WALL_CORNER"),
        ({"cuts__0__tool__type": "VBIT", "cuts__0__tool__tip_angle_deg": 60}, "WALL_CORNER"),
        ({"rings__0__strip_thickness_mm": 1.0}, "STRIP_STRAIN"),
        ({"rings__1__segments": 350}, "SEGMENT_ARC"),
        ({"rings__1__slice_thickness_mm": 1.0}, "INLAY_DEPTH"),
    ],
)
def test_a_rule_speaks_when_its_limit_is_passed(changes, rule_id):
    result = judged(changed(body_of(), **changes))
    named = {name for each in result.cuts[0].assessments for name in each.rule_ids if each.risk_level != "GREEN"}
    assert rule_id in named
    assert any(RULES[rule_id].hint in reason for reason in result.reasons)


def test_the_reference_limits_of_unmarked_bits_are_kept():
    for diameter, limit in ((12.7, 24000), (40, 18000), (60, 16000), (80, 12000)):
        body = changed(
            body_of(), cuts__0__tool__max_rpm=..., cuts__0__tool__diameter_mm=diameter, machine__max_rpm=60000
        )
        for rpm, colour in ((limit, "GREEN"), (limit + 100, "RED")):
            checks = judged(changed(body, cuts__0__spindle_rpm=rpm)).cuts[0].assessments
            (check,) = [c for each in checks for c in each.details.checks if c.rule_id == "SPEED_UNMARKED"]
            assert check.risk_level == colour


def test_an_unmarked_bit_under_6_mm_is_limited_by_the_spindle_alone():
    body = changed(body_of(), cuts__0__tool__max_rpm=..., cuts__0__spindle_rpm=60000, machine__max_rpm=60000)
    rules = {c.rule_id: c for each in judged(body).cuts[0].assessments for c in each.details.checks}
    assert "SPEED_UNMARKED" not in rules
    assert rules["SPEED_MACHINE_MAX"].risk_level == "GREEN"
