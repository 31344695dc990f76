import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.feasibility.models import RiskLevel
from rmos.feasibility.registry import default_registry
from rmos.identity import Principal, Role
from rmos.runs.models import RunCreate, RunStatus
from rmos.runs.recording import Engines, evaluated_run, provenance_now
from runs.explanations.rules import explain

from tests.support.run_artifacts import an_artifact, assessment, feasibility


@pytest.fixture
def artifact_of(stores):
    def made(body, **fields):
        author = Principal("t", "bench", Role.OPERATOR)
        engines = Engines(default_registry(allow_stub=False), "baseline_v1")
        request = RunCreate.model_validate(body | fields)
        return evaluated_run(stores.records, engines, request, provenance_now(author, "req_1"))

    return made


def test_a_red_run_says_what_binds_with_its_numbers_what_to_change_and_what_was_not_checked(artifact_of, red):
    text = explain(artifact_of(red, label="Twin"))
    assert text.startswith("# Twin: RED\n\nIt may not be cut as it is")
    assert "Cut 1 (channel), deflection: 65.77 µm; GREEN up to 10 µm, YELLOW up to 25 µm" in text
    changes = text.partition("## What to change")[2].partition("##")[0]
    assert "Cut 1 (channel) (RED, deflection): shorten the stickout" in changes
    assert "workholding" in text.partition("## What was not checked")[2]
    assert "G-Wizard" in text.partition("## Where the limits come from")[2]


def test_a_green_run_says_so_and_what_was_not_checked_all_the_same(artifact_of, green):
    artifact = artifact_of(green)
    text = explain(artifact)
    assert f"The verdict is {artifact.decision.risk_level.value}" in text
    assert "It can be cut" in text
    assert "workholding" in text.partition("## What was not checked")[2]


def test_a_missing_input_is_named_by_its_place(artifact_of, unknown):
    missing = explain(artifact_of(unknown)).partition("## What is missing")[2].partition("##")[0]
    assert "`/context/cuts/0/tool/stickout_mm`" in missing


def test_what_has_no_law_is_not_said_to_be_missing(artifact_of, green):
    del green["design"]["top_material_id"]
    green["design"]["top_material"] = {"class": "METAL", "label": "brass", "density_kg_per_m3": 8500}
    text = explain(artifact_of(green))
    assert "It may not be cut: something that the verdict needs is not known." in text
    assert "There is no cutting law for METAL" in text
    assert "## What is missing" not in text


def test_every_assessment_stands_in_the_text(artifact_of, red):
    artifact = artifact_of(red)
    text = explain(artifact)
    for cut in artifact.feasibility["cuts"]:
        for each in cut["assessments"]:
            assert f"- **{each['category']}: {each['risk_level']}.**" in text
            assert each["why"] in text.replace("\\", "")


def test_the_same_run_gives_the_same_text(artifact_of, red):
    artifact = artifact_of(red)
    assert explain(artifact) == explain(artifact.model_validate_json(artifact.model_dump_json()))


def test_what_a_person_named_cannot_become_markup(artifact_of, green):
    green["context"]["cuts"][0]["name"] = "<img src=x> [a](javascript:b) **c**"
    text = explain(artifact_of(green, label="# <b>| `x`"))
    assert "\\<img" in text
    assert "\\[a\\](javascript:b) \\*\\*c\\*\\*" in text
    assert text.startswith("# # \\<b\\>\\| \\`x\\`: ")


def test_what_a_person_named_cannot_turn_the_verdict_around_or_hide(artifact_of, red):
    text = explain(artifact_of(red, label="\u202eNEERG :x&#8238;\u200b"))
    assert text.startswith("# \ufffdNEERG :x\\&#8238;\ufffd: RED\n")


def test_an_old_or_imported_verdict_with_other_fields_is_told_as_far_as_it_goes():
    for found in (
        {},
        {"cuts": None, "binding": "x"},
        {"cuts": [{"assessments": [{}]}]},
        feasibility(assessment("heat")),
    ):
        artifact = an_artifact(RiskLevel.UNKNOWN, RunStatus.BLOCKED, feasibility=found)
        assert "It may not be cut" in explain(artifact)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "cuts",
                        "assessments",
                        "binding",
                        "yield",
                        "hazards",
                        "why",
                        "value",
                        "limit_green",
                        "limit_yellow",
                        "index",
                        "details",
                        "hints",
                        "missing_inputs",
                        "categories",
                        "category",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_stored_verdict_makes_it_fail(found):
    json.dumps(found)
    artifact = an_artifact()
    explain(artifact.model_copy(update={"feasibility": found if isinstance(found, dict) else {"cuts": [found]}}))
