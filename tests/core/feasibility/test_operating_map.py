"""A map's cells are what evaluating the same cut at the cell's feed and speed would say."""

import pytest
from rmos.design.library import BuiltInLibrary
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.operating_map import Grid, judged_grid
from rmos.feasibility.resolution import resolve
from rmos.feasibility.suggestions.bench import Bench

from tests.support.rosettes import REGISTRY, body_of, changed, judged, saw_cut

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


def test_a_stickout_told_as_it_was_assumed_is_assumed_no_longer():
    body = changed(body_of(), cuts__0__tool=...)
    body["context"]["cuts"][0]["tool_id"] = "flat_3175"
    resolved = resolve(FeasibilityInput.model_validate(body), BuiltInLibrary())
    bench = Bench(REGISTRY.get("baseline_v1"), resolved, 0)
    told = bench.setup.with_stickout(bench.setup.tool.values.stickout_mm)
    found = [
        {each.category: each.details.assumed for each in bench.judge(setup).assessments}
        for setup in (bench.setup, told)
    ]
    assert [("tool.stickout_mm" in assumed["deflection"]) for assumed in found] == [True, False]
