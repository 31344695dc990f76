"""What an engine keeps of earlier cuts never shows: it answers as one that has judged nothing before."""

from hypothesis import given
from hypothesis import strategies as st
from rmos.feasibility.baseline import BaselineFeasibilityEngineV1
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.models import FeasibilityInput
from rmos.feasibility.registry import EngineRegistry

from tests.support.rosettes import body_of, changed, saw_cut

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
    "design__top_material_id": st.sampled_from(["spruce_sitka", "maple_hard", "abalone"]),
    "design__rings__0__width_mm": st.sampled_from([1.9, 2.0]),
    "context__machine__spindle_power_w": st.sampled_from([100.0, 700.0]),
    "context__display_units": st.sampled_from(["MM", "INCH"]),
}
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


@given(st.lists(some_of(SETTINGS), min_size=2, max_size=5))
def test_a_blade_with_other_settings_is_judged_as_if_nothing_was_before(tried):
    base = saw_cut(diameter=80, teeth=30, kerf=0.8, plate=0.6, depth=2)
    assert_nothing_kept_shows([base, *(changed(base, **settings) for settings in tried)])


@given(st.lists(some_of(SETUP), min_size=2, max_size=5))
def test_another_setup_is_judged_as_if_nothing_was_before(tried):
    assert_nothing_kept_shows([body_of(), *(changed(body_of(), **setup) for setup in tried)])


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
