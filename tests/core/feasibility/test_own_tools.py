"""Suggestions offer the workshop's own bits and blades beside those that ship with RMOS."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rmos.design.library import RowKind
from rmos.design.own_rows import TOOLS, RowOrigin, ToolEntry, key_of, put_row
from rmos.design.stored_library import library_for
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.suggestions.advice import advise
from rmos.storage.backend import open_local
from rmos.storage.ports import Put

from tests.support.json_patch import patched
from tests.support.rosettes import REGISTRY, body_of, changed, saw_cut

TOO_WIDE = changed(body_of(), cuts__0__tool__diameter_mm=17)
"""No setting makes a 17 mm bit fit a 16 mm channel."""
BIT = {
    "type": "FLAT",
    "material": "CARBIDE",
    "diameter_mm": 7,
    "flutes": 2,
    "flute_length_mm": 20,
    "stickout_mm": 24,
    "shank_diameter_mm": 7,
    "edge": "NEW",
    "max_rpm": 24000,
}


@pytest.fixture
def records(tmp_path):
    stores = open_local(tmp_path)
    yield stores.records
    stores.close()


def keep(records, row_id, values):
    label = row_id.removeprefix("own:")
    entry = ToolEntry(
        id=row_id,
        label=label,
        source="my caliper",
        confidence=0.9,
        values=values | {"label": label},
        origin=RowOrigin.OWN,
        version=1,
        created_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    )
    records.commit([put_row(TOOLS, entry, None)])


def library(records, body):
    request = FeasibilityInput.model_validate(body)
    return library_for(records, [request.design], [request.context])


def advice_on(body, records):
    return advise(FeasibilityInput.model_validate(body), REGISTRY, "baseline_v1", library(records, body))


def labels(advice):
    values = [each["value"] for suggestion in advice.suggestions for each in suggestion.changes]
    return [value["label"] for value in values if isinstance(value, dict)]


def test_the_workshops_own_bit_is_offered_and_does_what_is_promised(records):
    assert "stub" not in labels(advice_on(TOO_WIDE, records))
    keep(records, "own:stub", BIT)
    advice = advice_on(TOO_WIDE, records)
    assert labels(advice)[0] == "stub"
    promised = advice.suggestions[0]
    assert promised.summary.startswith("channel: stub, 22 mm out")
    after = evaluate_feasibility(
        FeasibilityInput.model_validate(patched(TOO_WIDE, promised.changes)), REGISTRY, "baseline_v1"
    )
    assert (after.risk_level, after.overall_score) == (promised.risk_level, promised.overall_score)


def test_a_bit_that_was_kept_before_lines_told_sizes_is_offered_too(records):
    keep(records, "own:stub", BIT)
    (kept,) = records.get([key_of(RowKind.TOOLS, "own:stub")])
    of_then = replace(kept, head={name: kept.head[name] for name in ("id", "label", "aliases")}, version=2)
    records.commit([Put(of_then, kept)])
    assert labels(advice_on(TOO_WIDE, records))[0] == "stub"


def test_an_own_bit_is_as_sharp_as_its_row_says_and_else_as_the_present_one(records):
    keep(records, "own:used", BIT | {"edge": "USED", "diameter_mm": 6.5, "shank_diameter_mm": 6.5})
    keep(records, "own:untold", BIT | {"edge": None, "diameter_mm": 7.1, "shank_diameter_mm": 7.1})
    changes = [each for suggestion in advice_on(TOO_WIDE, records).suggestions for each in suggestion.changes]
    edges = {each["value"]["label"]: each["value"]["edge"] for each in changes if isinstance(each["value"], dict)}
    assert (edges["used"], edges["untold"]) == ("USED", "NEW")


def test_an_own_blade_is_offered_by_its_id(records):
    fine = {"diameter_mm": 80, "teeth": 80, "kerf_mm": 0.8, "plate_mm": 0.6, "max_rpm": 12000}
    body = saw_cut()
    cut = body["context"]["cuts"][0]
    cut |= {"tool": cut["tool"] | fine, "spindle_rpm": 10000, "feed_mm_per_min": 600, "depth_per_pass_mm": 2}
    keep(records, "own:coarse", cut["tool"] | {"teeth": 24})
    advice = advice_on(body, records)
    offered = [each for each in advice.suggestions if each.changes[-1].get("value") == "own:coarse"]
    assert offered
    changed_body = patched(body, offered[0].changes)
    after = evaluate_feasibility(
        FeasibilityInput.model_validate(changed_body), REGISTRY, "baseline_v1", library(records, changed_body)
    )
    assert after.risk_level == offered[0].risk_level


def test_the_order_in_which_tools_were_kept_does_not_matter(tmp_path):
    rows = [(f"own:bit-{i}", BIT | {"diameter_mm": 6.4 + i / 4}) for i in range(6)]
    found = []
    for name, order in (("first", rows), ("second", rows[::-1])):
        stores = open_local(tmp_path / name)
        for row_id, values in order:
            keep(stores.records, row_id, values)
        found.append(advice_on(TOO_WIDE, stores.records))
        stores.close()
    assert found[0] == found[1]
    assert labels(found[0])
