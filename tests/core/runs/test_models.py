import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from rmos.canonical import canonical_json
from rmos.feasibility.models import RiskLevel
from rmos.runs.evidence import Appended
from rmos.runs.models import (
    OutputsGiven,
    RunArtifact,
    RunCreate,
    RunFilter,
    RunLabel,
    RunStatus,
    RunSummary,
    summary_of,
    view_of,
)
from rmos.storage.ports import MAX_HEAD_BYTES

from tests.support.run_artifacts import an_artifact

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@given(OBJECTS, OBJECTS)
def test_anyone_can_recompute_the_hash_of_an_artifact_from_its_stored_text(meta, context):
    stored = json.loads(an_artifact(meta=meta, context=context).model_dump_json())
    expected = stored.pop("artifact_sha256")
    assert hashlib.sha256(rfc8785.dumps(stored)).hexdigest() == expected


@given(OBJECTS)
def test_an_artifact_reads_back_as_it_was(meta):
    artifact = an_artifact(meta=meta)
    assert RunArtifact.model_validate_json(artifact.model_dump_json()) == artifact


def test_the_hash_is_over_every_other_field():
    artifact = an_artifact()
    assert an_artifact(run_id=artifact.run_id, request_id=artifact.request_id).artifact_sha256 == (
        artifact.artifact_sha256
    )
    for name in set(RunArtifact.model_fields) - {"artifact_sha256", "schema_version"}:
        other = artifact.model_dump(mode="json") | {name: "something else"}
        del other["artifact_sha256"]
        assert hashlib.sha256(rfc8785.dumps(other)).hexdigest() != artifact.artifact_sha256


def test_an_artifact_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        an_artifact().status = RunStatus.OK


def test_a_reader_ignores_fields_that_a_later_version_wrote():
    later = json.loads(an_artifact().model_dump_json()) | {"carved_by": "hand"}
    assert RunArtifact.model_validate(later).run_id == later["run_id"]


def test_what_is_appended_never_changes_the_artifact():
    artifact = an_artifact()
    view = view_of(artifact, Appended(explanation_summary="too long a bit"))
    assert view.artifact_sha256 == artifact.artifact_sha256
    assert (view.explanation_summary, view.advisory_count) == ("too long a bit", 0)


WORST = "\U0001f3b8" * 100


def test_the_longest_values_that_can_be_sent_fit_the_head_of_a_list():
    longest = "x" * 128
    summary = summary_of(
        an_artifact(
            label=WORST,
            created_by="\x01" * 500,
            request_id=longest,
            event_type=longest,
            mode="ROUTER",
            tool_id=longest,
            material_id=longest,
            machine_id=longest,
            workflow_session_id=longest,
            parent_run_id=longest,
        )
    )
    assert len(canonical_json(summary.model_dump(mode="json"))) <= MAX_HEAD_BYTES
    assert set(RunFilter.model_fields) - {"created_from", "created_to"} <= set(RunSummary.model_fields)


@pytest.mark.parametrize("label", ["", "x" * 101, "two\nlines", "a\u202eb\u0000", "\u2028"])
def test_a_label_is_one_short_line(label):
    with pytest.raises(ValidationError):
        TypeAdapter(RunLabel).validate_python(label)


@pytest.mark.parametrize("name", ["feasibility", "decision", "status", "hashes", "artifact_sha256", "created_by"])
def test_a_client_cannot_send_a_verdict_or_its_own_name(name):
    with pytest.raises(ValidationError) as refused:
        RunCreate.model_validate({name: {}})
    assert {"extra_forbidden"} == {each["type"] for each in refused.value.errors() if each["loc"] == (name,)}


@pytest.mark.parametrize("meta", [{"x": 2**53}, {"x": "y" * 16_400}])
def test_meta_that_cannot_be_hashed_or_is_long_is_refused(meta):
    with pytest.raises(ValidationError) as refused:
        RunCreate.model_validate({"meta": meta})
    assert ("meta",) in [each["loc"] for each in refused.value.errors()]


def test_outputs_that_hold_nothing_are_none():
    assert OutputsGiven().is_empty()
    assert not OutputsGiven(toolpaths_json=[]).is_empty()


@pytest.mark.parametrize(
    "given", ["2026-01-31", "1769860800", "2026-01-31T12:00:00", "yesterday", "2026-13-01T00:00:00Z"]
)
def test_a_bound_in_time_needs_its_zone_and_full_form(given):
    with pytest.raises(ValidationError):
        RunFilter.model_validate({"created_from": given})


@pytest.mark.parametrize("given", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_bounds_at_the_ends_of_time_are_accepted(given):
    assert RunFilter.model_validate({"created_to": given}).created_to is not None


def test_risk_levels_are_the_engines_own():
    assert RiskLevel("GREEN") is an_artifact().decision.risk_level
