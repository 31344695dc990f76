"""What an engine keeps of earlier cuts never shows: it answers as one that has judged nothing before."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.feasibility.baseline import BaselineFeasibilityEngineV1
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Category
from rmos.feasibility.outcomes import applied
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.rules.table import RULES_OF_MODE

from tests.support.rosettes import body_of, changed, facts_of, saw_cut

SETTINGS = {
    "cuts__0__feed_mm_per_min": st.integers(2, 600).map(lambda tens: 10.0 * tens),
    "cuts__0__spindle_rpm": st.integers(40, 350).map(lambda hundreds: 100.0 * hundreds),
}
OF_A_BIT = {
    "cuts__0__plunge_mm_per_min": st.integers(5, 200).map(lambda tens: 10.0 * tens),
    "cuts__0__tool__stickout_mm": st.integers(24, 80).map(lambda halves: halves / 2),
}
SETUP = {
    "cuts__0__depth_per_pass_mm": st.integers(5, 60).map(lambda twentieths: twentieths / 20),
    "cuts__0__stepover_mm": st.sampled_from([0.5, 3.0]),
    "cuts__0__tool__diameter_mm": st.sampled_from([1.5, 3.175, 6.0]),
    "cuts__0__tool__edge": st.sampled_from(["NEW", "DULL", ...]),
    "cuts__0__tool__type": st.sampled_from(["FLAT", "BALL"]),
    "cuts__0__operation": st.sampled_from(["ROUGH", "FINISH", ...]),
    "cuts__0__target": st.sampled_from(["CHANNEL", "SOUNDHOLE"]),
    "design__channel_depth_mm": st.sampled_from([1.2, 2.0]),
    "design__outer_diameter_mm": st.sampled_from([121.0, 124.0]),
    "design__inner_diameter_mm": st.sampled_from([88.0, 89.0]),
    "design__soundhole_diameter_mm": st.sampled_from([84.0, 85.0]),
    "design__top_thickness_mm": st.sampled_from([2.6, 2.8]),
    "design__finished_top_thickness_mm": st.sampled_from([2.3, ...]),
    "design__glue_line_mm": st.sampled_from([0.04, ...]),
    "design__top_material_id": st.sampled_from(["spruce_sitka", "maple_hard", "abalone"]),
    "design__rings__0__width_mm": st.sampled_from([1.9, 2.0]),
    "context__machine__spindle_power_w": st.sampled_from([100.0, 700.0]),
    "context__display_units": st.sampled_from(["MM", "INCH"]),
}
SLOWED = changed(body_of(), context__machine__acceleration_mm_per_s2=2)
"""By a machine too slow to reach its feed on the radius that it cuts."""
LEFT_OUT = [(), ("cuts__0__plunge_mm_per_min",), ("cuts__0__feed_mm_per_min",), ("cuts__0__stepover_mm",)]


def some_of(values):
    """Yield some of the fields, each with a value."""
    return st.sets(st.sampled_from(sorted(values))).flatmap(
        lambda names: st.fixed_dictionaries({name: values[name] for name in sorted(names)})
    )


def assert_nothing_kept_shows(bodies):
    used = EngineRegistry([BaselineFeasibilityEngineV1()])
    for body in bodies:
        request = FeasibilityInput.model_validate(body)
        fresh = EngineRegistry([BaselineFeasibilityEngineV1()])
        alone = evaluate_feasibility(request, fresh, "baseline_v1")
        assert evaluate_feasibility(request, used, "baseline_v1").model_dump_json() == alone.model_dump_json()


@given(st.sampled_from(LEFT_OUT), st.lists(some_of(SETTINGS | OF_A_BIT), min_size=2, max_size=5))
def test_a_bit_with_other_settings_is_judged_as_if_nothing_was_before(left_out, tried):
    base = changed(body_of(), **dict.fromkeys(left_out, ...))
    assert_nothing_kept_shows([base, *(changed(base, **settings) for settings in tried)])


OF_A_RING = {
    "design__glue_line_mm": st.sampled_from([0.04, ...]),
    "design__rings__0__width_mm": st.sampled_from([1.5, 1.9]),
    "design__rings__1__width_mm": st.sampled_from([8.0, 9.0]),
    "design__rings__1__segments": st.sampled_from([10, 14]),
    "design__rings__1__strip_thickness_mm": st.just(0.6),
    "design__rings__1__slice_thickness_mm": st.sampled_from([1.0, 1.4]),
    "design__rings__1__material_id": st.sampled_from(["maple_hard", "abalone"]),
    "cuts__0__ring_index": st.sampled_from([0, 1, 2]),
    "cuts__0__target": st.sampled_from(["RING", "BLANK"]),
}


@given(st.lists(some_of(OF_A_RING), min_size=2, max_size=5))
def test_a_ring_of_another_make_is_judged_as_if_nothing_was_before(tried):
    base = changed(SLOWED, cuts__0__target="RING", cuts__0__ring_index=1)
    assert_nothing_kept_shows([base, *(changed(base, **makes) for makes in tried)])


@given(st.lists(some_of(SETTINGS), min_size=2, max_size=5))
def test_a_blade_with_other_settings_is_judged_as_if_nothing_was_before(tried):
    base = saw_cut(diameter=80, teeth=30, kerf=0.8, plate=0.6, depth=2)
    assert_nothing_kept_shows([base, *(changed(base, **settings) for settings in tried)])


@given(st.lists(some_of(SETUP), min_size=2, max_size=5))
def test_another_setup_is_judged_as_if_nothing_was_before(tried):
    assert_nothing_kept_shows([SLOWED, *(changed(SLOWED, **setup) for setup in tried)])


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (SLOWED, {"design__inner_diameter_mm": 88.0}),
        (changed(SLOWED, cuts__0__target="SOUNDHOLE"), {"design__soundhole_diameter_mm": 70.0}),
        (changed(SLOWED, cuts__0__target="RING", cuts__0__ring_index=1), {"design__rings__0__width_mm": 1.0}),
        (changed(SLOWED, cuts__0__target="RING", cuts__0__ring_index=0), {"design__inner_diameter_mm": 88.0}),
        (saw_cut(strip=0.6), {"design__rings__0__strip_thickness_mm": ...}),
    ],
)
def test_what_the_rosette_changes_outside_its_geometry_is_judged_anew(base, change):
    assert_nothing_kept_shows([base, changed(base, **change)])


def test_a_channel_of_one_lap_is_not_taken_for_one_of_many():
    narrow = changed(body_of(), design__rings=[{"width_mm": 2.5, "material_id": "maple_hard"}])
    narrow = changed(narrow, cuts__0__stepover_mm=0.5, design__outer_diameter_mm=95.0)
    assert_nothing_kept_shows([narrow, changed(narrow, design__outer_diameter_mm=97.0)])


class Rosette:
    """A design that shows what the path of a tool follows from, and of its rings only the one that is cut."""

    SHOWN = frozenset({"soundhole_diameter_mm", "inner_diameter_mm", "outer_diameter_mm", "channel_width_mm"})

    def __init__(self, design, ring_index):
        self._design, self._ring_index = design, ring_index

    def __getattr__(self, name):
        if name in self.SHOWN:
            return getattr(self._design, name)
        raise AttributeError(f"a rule beside the geometry reads design.{name}: what is kept must follow from it")

    def inner_radius_mm(self, index):
        assert index == self._ring_index
        return self._design.inner_radius_mm(index)

    @property
    def rings(self):
        return {self._ring_index: self._design.rings[self._ring_index]}


@pytest.mark.parametrize(
    "body",
    [
        body_of(),
        changed(body_of(), cuts__0__target="SOUNDHOLE"),
        changed(body_of(), cuts__0__target="RING", cuts__0__ring_index=1),
        changed(body_of(), cuts__0__stepover_mm=0.4, cuts__0__operation="ROUGH"),
        changed(body_of(), design__top_material_id="abalone"),
        saw_cut(strip=0.6),
    ],
)
def test_rules_beside_the_geometry_read_no_more_of_a_design_than_where_the_tool_goes(body):
    facts = facts_of(body)
    facts = replace(facts, design=Rosette(facts.design, facts.cut.ring_index))
    for category, rules in RULES_OF_MODE[facts.cut.mode].items():
        if category is not Category.GEOMETRY:
            assert applied(rules, facts).outcomes


def test_a_default_that_was_confirmed_once_is_not_confirmed_for_the_next():
    assumed = changed(body_of(), cuts__0__plunge_mm_per_min=...)
    confirmed = changed(assumed, context__confirmed_defaults=["cut.plunge_mm_per_min"])
    assert_nothing_kept_shows([assumed, confirmed, assumed])


def test_a_soundhole_is_not_taken_for_a_channel_as_deep_as_the_top():
    channel = changed(body_of(), design__channel_depth_mm=2.8)
    assert_nothing_kept_shows([channel, changed(channel, cuts__0__target="SOUNDHOLE")])


def test_a_finishing_cut_is_judged_anew_when_nothing_was_roughed_before_it():
    finish = body_of()["context"]["cuts"][0] | {"stepover_mm": 0.3}
    before = [
        finish | {"operation": "ROUGH", "stepover_mm": 1.5, "target": target} for target in ("CHANNEL", "SOUNDHOLE")
    ]
    assert_nothing_kept_shows([changed(body_of(), context__cuts=[first, finish]) for first in before])
