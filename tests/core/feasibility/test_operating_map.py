"""A map's cells are what evaluating the same cut at the cell's feed and speed would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.design.library import BuiltInLibrary
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.models import FeasibilityInput
from rmos.feasibility.operating_map import Grid, judged_grid
from rmos.feasibility.resolution import resolve
from rmos.feasibility.rules.table import READS_OF_MODE
from rmos.feasibility.suggestions.bench import Bench

from tests.support.rosettes import REGISTRY, body_of, changed, judged, saw_cut

LIBRARY = BuiltInLibrary()
FEEDS, RPMS = [200, 900, 1500, 4000], [4000, 11000, 18000, 29000]


def roughed_before_it_is_finished():
    body = body_of()
    finish = body["context"]["cuts"][0] | {"stepover_mm": 0.3}
    body["context"]["cuts"] = [finish | {"operation": "ROUGH", "stepover_mm": 1.5}, finish]
    return body


def sawn_from_stock_thinner_than_its_pass():
    body = saw_cut(diameter=80, teeth=30, kerf=0.8, plate=0.6, depth=24, strip=0.6)
    body["context"]["stock"] = [{"ring_index": 0, "length_mm": 400, "width_mm": 60, "thickness_mm": 3, "count": 4}]
    return body


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        (body_of(), 0),
        (roughed_before_it_is_finished(), 1),
        (saw_cut(), 0),
        (sawn_from_stock_thinner_than_its_pass(), 0),
    ],
)
def test_every_cell_is_what_an_evaluation_says(body, cut):
    rows = judged_grid(FeasibilityInput.model_validate(body), REGISTRY, "baseline_v1", Grid(cut, FEEDS, RPMS))
    place = f"cuts__{cut}__"
    for feed, row in zip(FEEDS, rows, strict=True):
        for rpm, cell in zip(RPMS, row, strict=True):
            settings = {f"{place}feed_mm_per_min": feed, f"{place}spindle_rpm": rpm}
            result = judged(changed(body, **settings)).cuts[cut]
            worst = min(result.assessments, key=lambda each: each.score)
            assert (cell.risk_level, cell.score) == (result.risk_level, result.overall_score)
            assert worst.risk_level == result.risk_level
            assert cell.binding in {each.category for each in result.assessments if each.score == worst.score}


SETTINGS = {
    "cuts__0__feed_mm_per_min": st.integers(2, 600).map(lambda tens: 10.0 * tens),
    "cuts__0__spindle_rpm": st.integers(40, 350).map(lambda hundreds: 100.0 * hundreds),
    "cuts__0__plunge_mm_per_min": st.integers(5, 200).map(lambda tens: 10.0 * tens),
    "cuts__0__depth_per_pass_mm": st.integers(5, 60).map(lambda twentieths: twentieths / 20),
    "cuts__0__tool__stickout_mm": st.integers(24, 80).map(lambda halves: halves / 2),
    "cuts__0__tool__diameter_mm": st.sampled_from([1.5, 3.175, 6.0]),
    "cuts__0__operation": st.sampled_from(["ROUGH", "FINISH"]),
}
LEFT_OUT = [(), ("cuts__0__plunge_mm_per_min",), ("cuts__0__stepover_mm", "cuts__0__tool__edge")]


def setups():
    """Yield a router's cut, some of it assumed, with other settings."""
    return st.sets(st.sampled_from(sorted(SETTINGS))).flatmap(
        lambda names: st.fixed_dictionaries({name: SETTINGS[name] for name in sorted(names)})
    )


@given(st.sampled_from(LEFT_OUT), st.lists(setups(), min_size=2, max_size=4))
def test_what_a_bench_keeps_from_its_first_trial_is_what_a_trial_by_itself_finds(left_out, tried):
    base = changed(body_of(), **dict.fromkeys(left_out, ...))
    requests = [FeasibilityInput.model_validate(changed(base, **settings)) for settings in tried]
    bench = Bench(REGISTRY.get("baseline_v1"), resolve(requests[0], LIBRARY), 0)
    for request in requests:
        cut, (tool,) = request.context.cuts[0], resolve(request, LIBRARY).tools
        (alone,) = evaluate_feasibility(request, REGISTRY, "baseline_v1").cuts
        assert bench.judge_cut(cut, tool) == alone


@given(st.lists(st.tuples(*list(SETTINGS.values())[:2]), min_size=2, max_size=4))
def test_a_blade_fed_and_turned_otherwise_is_judged_as_by_itself(tried):
    base = saw_cut(diameter=80, teeth=30, kerf=0.8, plate=0.6, depth=2)
    bench = Bench(REGISTRY.get("baseline_v1"), resolve(FeasibilityInput.model_validate(base), LIBRARY), 0)
    for feed, rpm in tried:
        request = FeasibilityInput.model_validate(
            changed(base, cuts__0__feed_mm_per_min=feed, cuts__0__spindle_rpm=rpm)
        )
        (alone,) = evaluate_feasibility(request, REGISTRY, "baseline_v1").cuts
        assert bench.judge_cut(request.context.cuts[0], resolve(request, LIBRARY).tools[0]) == alone


def test_a_stickout_told_as_it_was_assumed_is_assumed_no_longer():
    body = changed(body_of(), cuts__0__tool=...)
    body["context"]["cuts"][0]["tool_id"] = "flat_3175"
    bench = Bench(REGISTRY.get("baseline_v1"), resolve(FeasibilityInput.model_validate(body), LIBRARY), 0)
    told = bench.setup.with_stickout(bench.setup.tool.values.stickout_mm)
    found = [
        {each.category: each.details.assumed for each in bench.judge(setup).assessments}
        for setup in (bench.setup, told)
    ]
    assert [("tool.stickout_mm" in assumed["deflection"]) for assumed in found] == [True, False]


def test_what_reads_the_plunge_reads_the_feed_too_which_a_plunge_that_is_not_told_follows():
    for categories in READS_OF_MODE.values():
        for reads in categories.values():
            assert "cut.plunge_mm_per_min" not in reads or "cut.feed_mm_per_min" in reads
