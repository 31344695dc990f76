"""Laws that hold for every cut, whatever the numbers."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.canonical import sha256_of_json
from rmos.feasibility.inputs import FeasibilityInput

from tests.support.rosettes import body_of, categories_of, changed, checks_of, facts_of, judged, one_cut, wood

densities = st.floats(300, 1250)
tendencies = st.floats(0, 1)
cuts = st.fixed_dictionaries(
    {
        "diameter": st.floats(0.5, 12),
        "rpm": st.floats(6000, 30000),
        "feed": st.floats(50, 6000),
        "depth": st.floats(0.05, 6),
        "stickout": st.floats(4, 60),
        "flutes": st.integers(1, 4),
        "operation": st.sampled_from(["ROUGH", "FINISH"]),
    }
)


@st.composite
def requests(draw):
    return one_cut(wood(draw(densities), draw(tendencies)), **draw(cuts))


def burn_of(body):
    return checks_of(judged(body))["HEAT_BURN"].value


@given(requests(), st.floats(1.05, 3))
def test_burn_falls_and_chip_load_rises_with_feed(body, factor):
    cut = body["context"]["cuts"][0]
    faster = changed(body, cuts__0__feed_mm_per_min=cut["feed_mm_per_min"] * factor)
    assert facts_of(faster).thickest_chip > facts_of(body).thickest_chip
    if facts_of(faster).arc_feed == facts_of(faster).feed:  # beyond, the axes hold no more than they can
        assert burn_of(faster) < burn_of(body)


@given(requests(), st.floats(1.05, 3))
def test_burn_rises_with_spindle_speed(body, factor):
    rpm = body["context"]["cuts"][0]["spindle_rpm"]
    assert burn_of(changed(body, cuts__0__spindle_rpm=rpm * factor)) > burn_of(body)


@given(requests(), st.floats(1.1, 4))
def test_deflection_grows_with_the_cube_of_the_stickout(body, factor):
    tool = body["context"]["cuts"][0]["tool"]
    longer = changed(body, cuts__0__tool__stickout_mm=tool["stickout_mm"] * factor)
    ratio = facts_of(longer).deflection / facts_of(body).deflection
    assert ratio == pytest.approx(factor**3, rel=1e-6)


@given(requests(), st.floats(1.1, 3))
def test_deflection_falls_with_the_fourth_power_of_the_diameter(body, factor):
    tool = body["context"]["cuts"][0]["tool"]
    thicker = changed(
        body,
        cuts__0__tool__diameter_mm=tool["diameter_mm"] * factor,
        cuts__0__tool__shank_diameter_mm=tool["shank_diameter_mm"] * factor,
    )
    ratio = facts_of(thicker).deflection / facts_of(body).deflection
    assert ratio == pytest.approx(factor**-4, rel=1e-6)


@given(requests(), st.floats(0.2, 5))
def test_rim_speed_is_linear_in_the_spindle_speed(body, factor):
    rpm = body["context"]["cuts"][0]["spindle_rpm"]
    other = changed(body, cuts__0__spindle_rpm=rpm * factor)
    assert facts_of(other).rim_speed == pytest.approx(factor * facts_of(body).rim_speed, rel=1e-6)


@given(requests())
def test_a_score_of_70_and_more_is_green_and_nothing_else_is(body):
    result = judged(body)
    for each in (*result.cuts[0].assessments, result, result.cuts[0]):
        score = each.overall_score if hasattr(each, "overall_score") else each.score
        assert (score >= 70) == (each.risk_level == "GREEN")
        assert 0 <= score <= 100
        for check in () if not hasattr(each, "details") else each.details.checks:
            assert (check.score >= 70) == (check.risk_level == "GREEN")
            assert (check.score >= 40) == (check.risk_level in {"GREEN", "YELLOW"})


@given(requests())
def test_the_whole_is_as_bad_as_its_worst_part(body):
    result = judged(body)
    levels = {each.risk_level for each in result.cuts[0].assessments}
    assert result.risk_level == max(levels, key=lambda level: level.severity)
    assert result.cuts[0].risk_level == result.risk_level
    binding = next(each for each in result.cuts[0].assessments if each.category == result.binding.category)
    assert binding.risk_level == result.risk_level


@given(requests())
def test_the_same_input_gives_the_same_bytes(body):
    assert judged(body).model_dump_json() == judged(json.loads(json.dumps(body))).model_dump_json()


@pytest.mark.parametrize("other", [{"channel_depth_mm": 1.3}, {"rings__1__width_mm": 5.5}, {"glue_line_mm": 0.06}])
def test_a_result_does_not_depend_on_what_was_judged_before(other):
    another = changed(body_of(), **{f"design__{path}": value for path, value in other.items()})
    before, between, after = judged(body_of()), judged(another), judged(body_of())
    assert after.model_dump_json() == before.model_dump_json()
    assert between.input_sha256 != before.input_sha256
    assert between.material_yield != before.material_yield


@given(requests())
def test_hashes_are_those_of_canonical_json(body):
    result = judged(body)
    shown = result.model_dump(mode="json", exclude={"result_sha256"})
    assert result.result_sha256 == sha256_of_json(shown)
    design = FeasibilityInput.model_validate(body).design
    whole = {
        "design": design.model_dump(mode="json", exclude_none=True),
        "context": result.resolved_context.model_dump(mode="json", exclude_none=True),
    }
    assert result.input_sha256 == sha256_of_json(whole)


@given(
    st.floats(0.1, 3),
    st.floats(1, 300_000),
    st.sets(st.sampled_from(["edge", "material", "max_rpm", "shank_diameter_mm"])),
)
def test_hashes_stay_canonical_for_tiny_numbers_defaults_and_missing_inputs(feed, rpm, left_out):
    body = changed(body_of(), cuts__0__feed_mm_per_min=feed, cuts__0__spindle_rpm=rpm, cuts__0__plunge_mm_per_min=...)
    for name in left_out:
        del body["context"]["cuts"][0]["tool"][name]
    result = judged(body)
    assert result.result_sha256 == sha256_of_json(result.model_dump(mode="json", exclude={"result_sha256"}))


@given(st.randoms())
def test_the_order_of_names_and_the_spelling_of_numbers_change_no_hash(random):
    def shuffled(value):
        if isinstance(value, dict):
            names = list(value)
            random.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        if isinstance(value, list):
            return [shuffled(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return random.choice([value, float(value)])
        return value

    body = body_of()
    plain, other = judged(body), judged(shuffled(body))
    assert (other.input_sha256, other.result_sha256) == (plain.input_sha256, plain.result_sha256)


INCH_FIELDS = [
    "cuts__0__tool__diameter_mm",
    "cuts__0__tool__stickout_mm",
    "cuts__0__tool__flute_length_mm",
    "cuts__0__tool__shank_diameter_mm",
    "cuts__0__depth_per_pass_mm",
    "channel_depth_mm",
    "top_thickness_mm",
]


@given(st.integers(1, 64), st.sampled_from(INCH_FIELDS))
def test_an_inch_is_25_4_mm_to_nine_digits(sixtyfourths, field):
    mm = float(f"{sixtyfourths * 25.4 / 64:.9g}")
    plain = changed(body_of(), finished_top_thickness_mm=..., cuts__0__stepover_mm=...)
    in_mm, in_inch = (changed(plain, **{field: value}) for value in (mm, f"{sixtyfourths}/64 in"))
    a, b = (judged(each) if _is_possible(each) else None for each in (in_mm, in_inch))
    assert (a is None) == (b is None)
    if a is not None:
        assert (a.input_sha256, a.result_sha256) == (b.input_sha256, b.result_sha256)


def _is_possible(body):
    try:
        FeasibilityInput.model_validate(body)
    except ValueError:
        return False
    return True


def test_no_category_is_the_same_over_a_grid():
    seen = {}
    for diameter in (0.8, 1.5875, 3.175, 6.35):
        for density in (400, 700, 1100):
            for feed in (200, 1500, 5000):
                for depth in (0.3, 1.5, 4):
                    for rpm in (12000, 45000):
                        body = one_cut(
                            wood(density, 0.5), diameter=diameter, rpm=rpm, feed=feed, depth=depth, stickout=18
                        )
                        for name, each in categories_of(judged(body)).items():
                            seen.setdefault(name, set()).add(each.score)
    assert all(len(scores) > 1 for scores in seen.values()), {name: len(scores) for name, scores in seen.items()}


@given(requests())
def test_no_number_of_a_result_is_without_end(body):
    def numbers(value):
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                yield from numbers(item)
        elif isinstance(value, float):
            yield value

    assert all(math.isfinite(number) for number in numbers(judged(body).model_dump(mode="json")))
