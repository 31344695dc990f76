"""Suggestions: nearest first, possible, and exactly what they promise."""

import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rmos.design.cutting import MAX_CUTS
from rmos.design.library import BuiltInLibrary
from rmos.feasibility.baseline import BaselineFeasibilityEngineV1
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.fields import FIELD_BY_NAME
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Category
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.resolution import resolve
from rmos.feasibility.rules.table import RULES
from rmos.feasibility.suggestions.advice import advise
from rmos.feasibility.suggestions.bench import Bench
from rmos.feasibility.suggestions.ruled_out import DECIDING_FIELD

from tests.core.feasibility.test_golden_vectors import VECTORS
from tests.support.json_patch import patched
from tests.support.rosettes import REGISTRY, body_of, changed, judged, saw_cut

GREEN, RED = body_of("classical-green"), body_of("classical-red")
LIBRARY, ENGINE = BuiltInLibrary(), BaselineFeasibilityEngineV1()


def advice_on(body):
    return advise(FeasibilityInput.model_validate(body), REGISTRY, "baseline_v1")


def values_of(suggestion):
    return {each["path"].rpartition("/")[2]: each.get("value") for each in suggestion.changes}


def vector(name, **tool):
    return changed(VECTORS[name], **{f"cuts__0__tool__{field}": value for field, value in tool.items()})


def with_tool_id(body, tool_id, *confirmed):
    body = changed(body, cuts__0__tool=...)
    body["context"]["cuts"][0]["tool_id"] = tool_id
    body["context"]["confirmed_defaults"] = list(confirmed)
    return body


def assert_kept(body, suggestion):
    """Assert that a suggestion does what it promises, and that it can be done."""
    after = patched(body, suggestion.changes)
    result = judged(after)
    assert (result.risk_level, result.overall_score) == (suggestion.risk_level, suggestion.overall_score)
    times = [cut.estimates.cut_time_s for cut in result.cuts]
    if suggestion.cut_time_s is None:
        assert None in times
    else:
        assert suggestion.cut_time_s.low == pytest.approx(sum(each.low for each in times))
        assert suggestion.cut_time_s.high == pytest.approx(sum(each.high for each in times))
    for index, (cut, resolved) in enumerate(zip(after["context"]["cuts"], result.resolved_context.cuts, strict=True)):
        touched = [each["path"] for each in suggestion.changes if each["path"].startswith(f"/context/cuts/{index}/")]
        assert_possible(cut, resolved, touched, result.resolved_context, after["design"])


def assert_possible(cut, resolved, touched, context, design):
    machine, tool = context.machine, resolved.tool
    assert ("tool" in cut) + ("tool_id" in cut) == 1
    if any("feed_mm_per_min" in path and "plunge" not in path for path in touched):
        assert math.isclose(resolved.feed_mm_per_min % 10, 0, abs_tol=1e-6)
        assert resolved.feed_mm_per_min <= machine.max_feed_mm_per_min
    if any("spindle_rpm" in path for path in touched):
        assert machine.min_rpm <= resolved.spindle_rpm <= machine.max_rpm
        assert machine.rpm_steps is None or resolved.spindle_rpm in machine.rpm_steps
    if cut["mode"] == "ROUTER" and any("/tool" in path and "tool_id" not in path for path in touched):
        depth = design["top_thickness_mm"] if resolved.target == "SOUNDHOLE" else design["channel_depth_mm"]
        assert tool.stickout_mm >= tool.flute_length_mm + 2 - 1e-9
        assert tool.stickout_mm >= depth + 2 - 1e-9


def assert_mends_part(body, suggestion):
    """Assert that the colour of the whole stays, one of a category gets better, and none worse; and that it says so."""
    before, after = judged(body), judged(patched(body, suggestion.changes))
    assert (suggestion.risk_level, after.risk_level) == (before.risk_level, before.risk_level)
    assert suggestion.overall_score >= before.overall_score
    assert f"The whole stays {before.risk_level}" in suggestion.trade_off
    changes = {
        new.risk_level.severity - old.risk_level.severity
        for cut, mended in zip(before.cuts, after.cuts, strict=True)
        for old, new in zip(cut.assessments, mended.assessments, strict=True)
    }
    assert min(changes) < 0
    assert max(changes) <= 0


def test_the_red_rosette_turns_green_by_a_shorter_stickout_or_by_shallower_passes():
    advice = advice_on(RED)
    assert [values_of(each) for each in advice.suggestions] == [{"stickout_mm": 16}, {"depth_per_pass_mm": 0.18}]
    assert advice.ruled_out == ()
    for suggestion in advice.suggestions:
        assert judged(patched(RED, suggestion.changes)).risk_level == "GREEN"
        assert_kept(RED, suggestion)


def test_a_green_request_needs_no_advice():
    advice = advice_on(GREEN)
    assert (advice.suggestions, advice.ruled_out) == ((), ())


def test_v2_offers_a_shorter_stickout_or_a_shallower_pass():
    first, second, *_ = advice_on(vector("V2", flute_length_mm=12)).suggestions
    assert (values_of(first), values_of(second)) == ({"stickout_mm": 15.4}, {"depth_per_pass_mm": 0.68})


def test_laps_too_far_apart_are_brought_together_before_another_bit_is_taken():
    body = changed(GREEN, cuts__0__stepover_mm=4)
    first = advice_on(body).suggestions[0]
    assert values_of(first) == {"stepover_mm": 3.17}
    assert_kept(body, first)


def test_v3_is_mended_by_the_feed_that_the_table_prints():
    offers = [values_of(each) for each in advice_on(VECTORS["V3"]).suggestions]
    assert {"feed_mm_per_min": 1980} in offers or {"feed_mm_per_min": 1990} in offers


def test_v4_takes_a_pair_of_changes():
    advice = advice_on(vector("V4", flute_length_mm=3))
    pairs = [values_of(each) for each in advice.suggestions]
    assert all(len(pair) == 2 for pair in pairs)
    assert any({"feed_mm_per_min", "stickout_mm"} == pair.keys() for pair in pairs)


DULL_IN_EBONY = changed(
    GREEN,
    design__top_material_id="ebony_gaboon",
    cuts__0__feed_mm_per_min=9000,
    cuts__0__spindle_rpm=32000,
    cuts__0__tool__edge="DULL",
    cuts__0__tool__stickout_mm=22,
    context__machine__max_feed_mm_per_min=1000,
    context__machine__min_rpm=3000,
)
THIN_IN_MAPLE = changed(
    GREEN,
    design__top_material_id="maple_hard",
    cuts__0__feed_mm_per_min=300,
    cuts__0__stepover_mm=3.175,
    cuts__0__plunge_mm_per_min=500,
    cuts__0__tool__diameter_mm=1,
    cuts__0__tool__flutes=3,
    cuts__0__tool__flute_length_mm=6,
    cuts__0__tool__stickout_mm=16,
)
THICK_AND_FAST = changed(
    GREEN,
    design__top_material_id="ebony_gaboon",
    cuts__0__feed_mm_per_min=300,
    cuts__0__spindle_rpm=32000,
    cuts__0__tool__diameter_mm=6.35,
    cuts__0__tool__shank_diameter_mm=6.35,
    cuts__0__tool__flute_length_mm=12,
    cuts__0__tool__stickout_mm=8,
    context__machine__min_rpm=8000,
)


@pytest.mark.parametrize("body", [DULL_IN_EBONY, THIN_IN_MAPLE, THICK_AND_FAST])
def test_faults_that_two_settings_do_not_mend_are_mended_by_as_many_as_it_takes_and_no_more(body):
    nearest = advice_on(body).suggestions[0]
    assert nearest.risk_level == "GREEN"
    assert len(nearest.changes) > 2
    assert_kept(body, nearest)
    for change in nearest.changes:
        assert judged(patched(body, [each for each in nearest.changes if each is not change])).risk_level != "GREEN"


def wild(chance):
    """Return a request for a cut that may be wrong in all it is set to."""
    diameter = chance.choice([1, 1.5, 2, 3.175, 6.35])
    return changed(
        GREEN,
        design__top_material_id=chance.choice(["spruce_sitka", "maple_hard", "ebony_gaboon"]),
        cuts__0__feed_mm_per_min=chance.choice([300, 1500, 4000, 9000]),
        cuts__0__spindle_rpm=chance.choice([12_000, 18_000, 32_000]),
        cuts__0__depth_per_pass_mm=chance.choice([0.3, 0.6, 1.2]),
        cuts__0__stepover_mm=chance.choice([0.4, 1, 1.5]) * diameter,
        cuts__0__plunge_mm_per_min=500,
        cuts__0__tool__diameter_mm=diameter,
        cuts__0__tool__shank_diameter_mm=max(3.175, diameter),
        cuts__0__tool__edge=chance.choice(["NEW", "USED", "DULL"]),
        cuts__0__tool__flute_length_mm=chance.choice([3, 6, 10]),
        cuts__0__tool__stickout_mm=chance.choice([8, 16, 30]),
        context__machine__min_rpm=chance.choice([3_000, 10_000]),
        context__machine__max_feed_mm_per_min=chance.choice([1_000, 6_000]),
    )


def set_at_random(body, chance):
    diameter = body["context"]["cuts"][0]["tool"]["diameter_mm"]
    return changed(
        body,
        cuts__0__feed_mm_per_min=round(10 ** chance.uniform(2, 3.8)),
        cuts__0__spindle_rpm=100 * chance.randrange(30, 300),
        cuts__0__depth_per_pass_mm=chance.uniform(0.05, 0.8),
        cuts__0__stepover_mm=chance.uniform(0.1, 1) * diameter,
        cuts__0__plunge_mm_per_min=round(10 ** chance.uniform(1, 2.7)),
        cuts__0__tool__stickout_mm=chance.uniform(5, 20),
    )


@pytest.mark.parametrize("seed", range(6))
def test_where_no_suggestion_is_green_settings_drawn_at_random_are_not_green_either(seed):
    chance = random.Random(seed)
    for body in [wild(chance) for _ in range(12)]:
        offered = [each.risk_level for each in advice_on(body).suggestions]
        if "GREEN" not in [judged(body).risk_level, *offered]:
            assert all(judged(set_at_random(body, chance)).risk_level != "GREEN" for _ in range(150))


def test_v5_with_half_an_inch_of_flutes_is_never_told_to_clamp_on_them():
    body = vector("V5", flute_length_mm=12.7)
    advice = advice_on(body)
    assert values_of(advice.suggestions[0]) == {"depth_per_pass_mm": 0.2}
    for suggestion in advice.suggestions:
        assert_kept(body, suggestion)


def test_v8_goes_to_960_and_its_plunge_follows():
    advice = advice_on(VECTORS["V8"])
    assert values_of(advice.suggestions[0]) == {"feed_mm_per_min": 960, "plunge_mm_per_min": 320}
    assert not any(values_of(each).keys() == {"feed_mm_per_min"} for each in advice.suggestions[1:])


def test_one_rung_less_would_not_do():
    for name, field, step in (("V3", "feed_mm_per_min", -10), ("V8", "feed_mm_per_min", 10)):
        best = next(each for each in advice_on(VECTORS[name]).suggestions if field in values_of(each))
        nearer = [
            each | {"value": each["value"] + step} if each["path"].endswith(field) else each for each in best.changes
        ]
        assert judged(patched(VECTORS[name], nearer)).risk_level != "GREEN"


def test_a_stepped_shank_is_clamped_where_its_limit_is_though_it_bends_by_no_power_law():
    body = vector("V2", flute_length_mm=8, stickout_mm=70, shank_diameter_mm=6.35)
    first = advice_on(body).suggestions[0]
    assert values_of(first) == {"stickout_mm": 49.8}
    assert judged(changed(body, cuts__0__tool__stickout_mm=49.9)).risk_level == "YELLOW"


def test_feeds_come_in_whole_inches_a_minute_for_who_reads_inches():
    body = changed(RED, cuts__0__feed_mm_per_min=8000)
    body["context"]["display_units"] = "INCH"
    advice = advice_on(body)
    assert all(values_of(each)["feed_mm_per_min"] == pytest.approx(134 * 25.4) for each in advice.suggestions)
    assert "134 ipm" in advice.suggestions[0].summary


def test_stock_that_runs_out_is_named():
    body = changed(GREEN)
    body["context"]["stock"] = [{"ring_index": 1, "length_mm": 10, "width_mm": 10, "thickness_mm": 2}]
    advice = advice_on(body)
    assert (advice.suggestions, [each.pointer for each in advice.ruled_out]) == ((), ["/context/stock"])


def test_too_little_stock_does_not_hide_what_mends_the_cuts():
    body = changed(RED)
    body["context"]["stock"] = [{"ring_index": 1, "length_mm": 10, "width_mm": 10, "thickness_mm": 2}]
    advice = advice_on(body)
    assert [values_of(each) for each in advice.suggestions] == [{"stickout_mm": 16}, {"depth_per_pass_mm": 0.18}]
    assert [each.pointer for each in advice.ruled_out] == ["/context/stock"]
    for suggestion in advice.suggestions:
        assert_mends_part(body, suggestion)
        assert_kept(body, suggestion)


def test_a_top_that_is_too_thin_does_not_hide_what_mends_the_rest():
    body = changed(RED, top_thickness_mm=1.6, finished_top_thickness_mm=1.6)
    advice = advice_on(body)
    assert {"stickout_mm": 16} in [values_of(each) for each in advice.suggestions]
    assert "/design/top_thickness_mm" in [each.pointer for each in advice.ruled_out]
    for suggestion in advice.suggestions:
        assert_mends_part(body, suggestion)


def test_a_cut_that_cannot_be_judged_does_not_hide_what_mends_another():
    body = with_cuts(RED, {}, {"name": "second"})
    del body["context"]["cuts"][1]["tool"]["stickout_mm"]
    advice = advice_on(body)
    assert {"stickout_mm": 16} in [values_of(each) for each in advice.suggestions]
    assert {str(each.risk_level) for each in advice.suggestions} == {"UNKNOWN"}
    assert "/context/cuts/1/tool/stickout_mm" in [each.pointer for each in advice.ruled_out]
    for suggestion in advice.suggestions:
        assert_kept(body, suggestion)


def test_a_tool_given_by_id_is_told_inline_and_never_both():
    body = with_tool_id(RED, "flat_3175", "tool.edge")
    advice = advice_on(body)
    assert [each["op"] for each in advice.suggestions[0].changes] == ["remove", "add"]
    assert {each["path"] for each in advice.suggestions[0].changes} == {
        "/context/cuts/0/tool_id",
        "/context/cuts/0/tool",
    }
    for suggestion in advice.suggestions:
        assert suggestion.risk_level == "GREEN"
        assert_kept(body, suggestion)


def test_a_dial_is_turned_to_one_of_its_steps():
    body = changed(GREEN, context__machine__rpm_steps=[10000, 17000, 23000, 30000])
    advice = advice_on(body)
    assert values_of(advice.suggestions[0]) == {"spindle_rpm": 17000}


def test_a_bit_wider_than_the_channel_is_changed_for_another():
    body = changed(GREEN, cuts__0__tool__diameter_mm=17)
    advice = advice_on(body)
    assert advice.suggestions
    for suggestion in advice.suggestions:
        assert "another tool" in suggestion.trade_off
        assert_kept(body, suggestion)


def test_a_rubbing_blade_gets_a_feed_or_fewer_teeth():
    body = changed(GREEN)
    body["context"]["cuts"] = [
        {
            "name": "strips",
            "mode": "SAW",
            "target": "BLANK",
            "ring_index": 0,
            "tool": {
                "type": "SAW_BLADE",
                "material": "CARBIDE",
                "diameter_mm": 80,
                "teeth": 80,
                "kerf_mm": 0.8,
                "plate_mm": 0.6,
                "max_rpm": 12000,
                "edge": "NEW",
            },
            "spindle_rpm": 10000,
            "feed_mm_per_min": 600,
            "depth_per_pass_mm": 2,
            "operation": "FINISH",
        }
    ]
    advice = advice_on(body)
    assert any(values_of(each).get("tool_id") == "saw_80_z30" for each in advice.suggestions)
    for suggestion in advice.suggestions:
        assert_kept(body, suggestion)


def test_several_cuts_are_mended_together():
    body = changed(RED)
    hole = changed(RED)["context"]["cuts"][0] | {"name": "hole", "target": "SOUNDHOLE", "feed_mm_per_min": 300}
    body["context"]["cuts"].append(hole)
    advice = advice_on(body)
    assert advice.suggestions[0].risk_level == "GREEN"
    touched = {each["path"].split("/")[3] for each in advice.suggestions[0].changes}
    assert touched == {"0", "1"}
    for suggestion in advice.suggestions:
        assert_kept(body, suggestion)


def test_a_finishing_cut_is_tried_as_roughed_whatever_a_blade_did_between():
    bit = GREEN["context"]["cuts"][0] | {"target": "BLANK", "ring_index": 0}
    rough = bit | {"operation": "ROUGH"}
    sawn = saw_cut()["context"]["cuts"][0] | {"operation": "ROUGH"}
    finish = bit | {"operation": "FINISH", "stepover_mm": 0.3}
    resolved = resolve(FeasibilityInput.model_validate(changed(GREEN, context__cuts=[rough, sawn, finish])), LIBRARY)
    bench = Bench(ENGINE, resolved, 2)
    assert bench.judge(bench.setup).assessments == ENGINE.evaluate(resolved).cuts[2].assessments


def test_confirmed_defaults_stay_confirmed_for_the_cut_they_name():
    body = changed(RED)
    body["context"]["cuts"].insert(0, changed(GREEN)["context"]["cuts"][0] | {"operation": "ROUGH"})
    del body["context"]["cuts"][1]["tool"]["edge"]
    body["context"]["confirmed_defaults"] = ["/context/cuts/1/tool/edge"]
    advice = advice_on(body)
    assert advice.suggestions[0].risk_level == "GREEN"
    assert_kept(body, advice.suggestions[0])


def test_all_that_is_assumed_is_in_the_way_where_no_suggestion_spells_it_out():
    body = changed(GREEN, cuts__0__tool=..., cuts__0__tool_id="flat_3175")
    advice = advice_on(body)
    assert advice.suggestions == ()
    assert [each.pointer for each in advice.ruled_out] == [
        "/context/cuts/0/tool/edge",
        "/context/cuts/0/tool/stickout_mm",
    ]


def test_where_something_is_missing_nothing_that_settings_could_mend_is_called_in_the_way():
    body = changed(RED, machine__spindle_power_w=..., cuts__0__feed_mm_per_min=100)
    assert [each.pointer for each in advice_on(body).ruled_out] == ["/context/machine/spindle_power_w"]


def test_what_was_only_assumed_of_a_setting_is_spelled_out():
    body = changed(GREEN, cuts__0__plunge_mm_per_min=...)
    (suggestion, *_) = advice_on(body).suggestions
    assert suggestion.changes == ({"op": "add", "path": "/context/cuts/0/plunge_mm_per_min", "value": 525},)
    assert suggestion.risk_level == "GREEN"


GAPING = GREEN["design"]["rings"][1] | {"pattern": "MOSAIC", "tile_length_mm": 9.0}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"top_thickness_mm": 1.6, "finished_top_thickness_mm": 1.6}, "/design/top_thickness_mm"),
        ({"design__rings__0__strip_thickness_mm": 2.0}, "/design/rings/0/strip_thickness_mm"),
        ({"design__rings__1": GAPING}, "/design/rings/1/tile_profile"),
        ({"cuts__0__tool__stickout_mm": ...}, "/context/cuts/0/tool/stickout_mm"),
        ({"cuts__0__tool__edge": ...}, "/context/cuts/0/tool/edge"),
    ],
)
def test_where_nothing_helps_the_input_in_the_way_is_named(change, pointer):
    changes = {name if "__" in name else f"design__{name}": value for name, value in change.items()}
    advice = advice_on(changed(GREEN, **changes))
    assert advice.suggestions == ()
    assert pointer in [each.pointer for each in advice.ruled_out]
    assert all(each.reason for each in advice.ruled_out)


def test_a_material_without_a_law_is_named_as_what_rules_suggestions_out():
    body = changed(RED, design__top_material_id=...)
    body["design"]["top_material"] = {"class": "METAL", "density_kg_per_m3": 8000}
    advice = advice_on(body)
    assert advice.suggestions == ()
    assert [each.pointer for each in advice.ruled_out] == ["/design/top_material"]


def test_red_becomes_yellow_where_a_fact_is_only_assumed():
    advice = advice_on(changed(RED, cuts__0__tool__edge=...))
    assert {str(each.risk_level) for each in advice.suggestions} == {"YELLOW"}
    assert [each.pointer for each in advice.ruled_out] == ["/context/cuts/0/tool/edge"]


def test_every_rule_of_a_cut_has_an_input_that_decides_it():
    of_cuts = {rule.rule_id for rule in RULES.values() if rule.category is not Category.BOM_EFFICIENCY}
    assert of_cuts == DECIDING_FIELD.keys()
    unnamed = set(DECIDING_FIELD.values()) - FIELD_BY_NAME.keys()
    assert unnamed == {"design.inner_diameter_mm", "design.rings", "tool.type", "cut.mode", "ring.width_mm"}


sometimes = st.booleans()


@st.composite
def requests(draw):
    """Return the red rosette with other settings, its tool inline or by id, in one cut or two."""
    body = changed(RED)
    body["design"]["channel_depth_mm"] = draw(st.sampled_from([0.8, 1.2, 1.5]))
    body["design"]["top_material_id"] = draw(st.sampled_from(["spruce_sitka", "maple_hard", "ebony_gaboon"]))
    if draw(sometimes):
        body["context"]["machine"]["rpm_steps"] = [10000, 14000, 18000, 23000, 30000]
    if draw(sometimes):
        body["context"]["stock"] = [{"ring_index": 1, "length_mm": 10, "width_mm": 10, "thickness_mm": 2}]
    template = body["context"]["cuts"][0]
    body["context"]["cuts"] = [cut_like(draw, template) for _ in range(draw(st.integers(1, 2)))]
    last = f"/context/cuts/{len(body['context']['cuts']) - 1}/tool/edge"
    body["context"]["confirmed_defaults"] = draw(st.sampled_from([[], ["tool.edge"], [last]]))
    return body


def cut_like(draw, template):
    cut = changed({"design": {}, "context": {}, "cut": template})["cut"]
    cut["feed_mm_per_min"] = draw(st.integers(2, 600)) * 10
    cut["spindle_rpm"] = draw(st.integers(50, 350)) * 100
    cut["depth_per_pass_mm"] = draw(st.integers(5, 40)) / 20
    if draw(sometimes):
        cut["plunge_mm_per_min"] = draw(st.integers(5, 200)) * 10
    else:
        del cut["plunge_mm_per_min"]
    if draw(sometimes):
        cut["target"] = "SOUNDHOLE"
    if draw(st.integers(0, 3)) == 0:
        del cut["tool"]
        cut["tool_id"] = draw(st.sampled_from(["flat_1588", "flat_3175", "flat_6350"]))
        del cut["stepover_mm"]
    else:
        cut["tool"]["flute_length_mm"] = draw(st.sampled_from([6, 10, 12.7]))
        cut["tool"]["stickout_mm"] = draw(st.integers(12, 80)) / 2
        if draw(sometimes):
            del cut["tool"]["edge"]
    return cut


@settings(max_examples=60, deadline=None)
@given(requests())
def test_every_suggestion_is_possible_and_gives_what_it_promises(body):
    before, advice = judged(body), advice_on(body)
    for suggestion in advice.suggestions:
        assert suggestion.risk_level.severity <= before.risk_level.severity
        if suggestion.risk_level is before.risk_level:
            assert_mends_part(body, suggestion)
        assert_kept(body, suggestion)
    if before.risk_level == "GREEN":
        assert (advice.suggestions, advice.ruled_out) == ((), ())
    elif not any(each.risk_level == "GREEN" for each in advice.suggestions):
        assert advice.ruled_out
    assert advice_on(body) == advice


def test_suggestions_take_little_time():
    requests_ = [FeasibilityInput.model_validate(body) for body in (RED, *VECTORS.values())]
    for request in requests_:
        started = time.process_time()
        advise(request, REGISTRY, "baseline_v1")
        assert time.process_time() - started < 0.2, "some 50 ms on an idle core, with room for a busy one"


def test_the_last_cut_of_a_full_request_is_mended_too():
    body = changed(GREEN)
    fine = [changed(GREEN)["context"]["cuts"][0] for _ in range(MAX_CUTS - 1)]
    body["context"]["cuts"] = [*fine, changed(RED)["context"]["cuts"][0]]
    body["design"]["top_material_id"] = "maple_hard"
    advice = advice_on(body)
    assert any(f"/context/cuts/{MAX_CUTS - 1}/" in each["path"] for each in advice.suggestions[0].changes)


class CountingEngine(BaselineFeasibilityEngineV1):
    """Knows how many cuts it was asked to judge."""

    def __init__(self):
        super().__init__()
        self.cuts = 0

    def evaluate(self, resolved):
        self.cuts += len(resolved.request.context.cuts)
        return super().evaluate(resolved)

    def evaluate_cut(self, resolved, index):
        self.cuts += 1
        return super().evaluate_cut(resolved, index)


@pytest.mark.parametrize("cuts", [1, 3, 6, MAX_CUTS])
def test_however_many_cuts_are_red_no_more_is_judged_than_the_time_allows(cuts):
    body = changed(RED)
    body["context"]["cuts"] = [
        changed(RED)["context"]["cuts"][0] | {"feed_mm_per_min": 1200 + 100 * i} for i in range(cuts)
    ]
    engine = CountingEngine()
    request, engines = FeasibilityInput.model_validate(body), EngineRegistry([engine])
    advice = advise(request, engines, "baseline_v1")
    assert advice.suggestions
    assert engine.cuts <= cuts + 84 + 18
    result, judged_before = evaluate_feasibility(request, engines, "baseline_v1"), engine.cuts
    assert advise(request, engines, "baseline_v1", found=result) == advice
    assert engine.cuts - judged_before == judged_before - 2 * cuts, "what was found is not judged again"


def with_cuts(body, *cuts):
    """Return `body` with its first cut as often as there are `cuts`, each with these values in it."""
    several = changed(body)
    several["context"]["cuts"] = [changed(body)["context"]["cuts"][0] | values for values in cuts]
    return several


def kinds_of(suggestion):
    """Return which settings are changed in each cut: {0: {"feed_mm_per_min": 1200}}."""
    found = {}
    for each in suggestion.changes:
        _, _, _, index, path = each["path"].split("/", 4)
        found.setdefault(int(index), {})[path] = each.get("value")
    return found


def test_equal_cuts_with_one_fault_are_mended_alike_and_offers_differ_in_kind():
    body = with_cuts(RED, *({"name": f"lap {i}"} for i in range(3)))
    suggestions = advice_on(body).suggestions
    assert suggestions[0].summary == "lap 0, lap 1 and lap 2: stickout 16 mm instead of 30 mm"
    offers = [kinds_of(each) for each in suggestions]
    assert [set(offer[0]) for offer in offers] == [{"tool/stickout_mm"}, {"depth_per_pass_mm"}]
    for offer in offers:
        assert offer[0] == offer[1] == offer[2]


def test_cuts_that_are_set_otherwise_are_mended_by_the_same_setting_where_that_helps():
    body = with_cuts(RED, {"feed_mm_per_min": 1500}, {"feed_mm_per_min": 1400}, {"feed_mm_per_min": 1300})
    offers = advice_on(body).suggestions
    assert len(offers) > 1
    for offer in offers:
        assert_kept(body, offer)
        first, second, third = (set(changes) for _, changes in sorted(kinds_of(offer).items()))
        assert first == second == third


def test_twelve_equal_cuts_are_searched_once_and_so_as_well_as_one():
    one, *_ = advice_on(VECTORS["V3"]).suggestions
    twelve, *_ = advice_on(with_cuts(VECTORS["V3"], *({} for _ in range(MAX_CUTS)))).suggestions
    assert kinds_of(twelve) == {index: kinds_of(one)[0] for index in range(MAX_CUTS)}
