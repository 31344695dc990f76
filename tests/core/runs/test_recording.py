"""What recording decides beside the colour: whether a program keeps to its cuts, and what may be acknowledged."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rmos.errors import Conflict
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.models import RiskLevel, Verdict
from rmos.feasibility.registry import EngineRegistry, default_registry
from rmos.identity import Principal, Role
from rmos.runs.acknowledgement import NotAcknowledgeable
from rmos.runs.models import OutputsCheck, RunCreate, RunStatus
from rmos.runs.recording import Engines, evaluated_run, provenance_now, record_run
from rmos.runs.verification import artifact_checks

from tests.support.rosettes import body_of, changed
from tests.support.run_artifacts import an_artifact

ME = Principal("0123456789abcdef", "bench", Role.OPERATOR)
GOOD = """G21 G90
M3 S18000
G0 Z5
G1 Z-0.6 F500
G3 I-44.5 J0 F1500
G1 Z-1.2 F500
G3 I-44.5 J0 F1500
G0 Z5
M30
"""


class SilentEngine:
    """Judges GREEN and says nothing of any cut."""

    info = EngineInfo(id="silent", version="1.0.0", description="Silent.", ruleset_version="1")

    def evaluate(self, resolved):
        return Verdict(risk_level=RiskLevel.GREEN, overall_score=100.0, reasons=())


class BrokenEngine(SilentEngine):
    info = EngineInfo(id="broken", version="1.0.0", description="Fails.", ruleset_version="1")

    def evaluate(self, resolved):
        raise ZeroDivisionError


BASELINE = default_registry(allow_stub=False).get("baseline_v1")


class ChattyEngine(SilentEngine):
    """Judges as the baseline does, and words its reasons in its own way."""

    info = EngineInfo(id="chatty", version="1.0.0", description="Chatty.", ruleset_version="1")

    def evaluate(self, resolved):
        found = BASELINE.evaluate(resolved)
        everything = " ".join(each.why for cut in found.cuts for each in cut.assessments)
        return replace(found, reasons=("Mind the burr.", f"All that I saw: {everything}"))


class TerseEngine(SilentEngine):
    """Judges RED and assesses nothing."""

    info = EngineInfo(id="terse", version="1.0.0", description="Terse.", ruleset_version="1")

    def evaluate(self, resolved):
        return Verdict(risk_level=RiskLevel.RED, overall_score=0.0, reasons=("No.", "Never."))


ENGINES = Engines(
    EngineRegistry([BASELINE, SilentEngine(), BrokenEngine(), ChattyEngine(), TerseEngine()]),
    "baseline_v1",
)


def attempted(stores, body=None, **fields):
    request = RunCreate.model_validate((body or body_of()) | fields)
    return evaluated_run(stores.records, ENGINES, request, provenance_now(ME, "req_1"))


def with_program(stores, program, body=None, **fields):
    return attempted(stores, body, outputs={"gcode_text": program}, **fields)


def test_a_program_that_keeps_to_its_cuts_is_checked(stores):
    run = with_program(stores, GOOD)
    assert (run.status, run.outputs_check, run.outputs.gcode_text) == (RunStatus.OK, OutputsCheck.CHECKED, GOOD)
    assert run.decision.warnings == ()
    assert run.decision.details.keys() == {"binding"}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("S18000", "S24000", 4, "spindle at 24000 rpm"),
        ("J0 F1500", "J0 F2600", 5, "feed 2600"),
        ("Z-0.6 F500", "Z-0.6 F900", 4, "up to 500"),
        ("G1 Z-1.2", "G1 Z-2", 6, "Z -2 mm is below"),
    ],
)
def test_a_program_that_does_what_was_not_evaluated_is_recorded_as_blocked_without_it(stores, old, new, line, words):
    run = with_program(stores, GOOD.replace(old, new))
    assert (run.status, run.decision.risk_level, run.outputs_check) == (
        RunStatus.BLOCKED, RiskLevel.GREEN, OutputsCheck.NONE,
    )  # fmt: skip
    assert (run.outputs.gcode_text, run.hashes.gcode_sha256) == (None, None)
    first = run.decision.details["gcode_differs"][0]
    assert (first["line"], words in first["detail"]) == (line, True)
    assert f"Line {line}: " in run.decision.block_reason


@pytest.mark.parametrize(
    ("program", "line", "reason"),
    [(GOOD.replace("G0 Z5", "G92 Z5", 1), 3, "G92 is not followed here"), ("(empty)\n", None, "no cutting move")],
)
def test_a_program_that_cannot_be_read_is_kept_and_said_to_be_unchecked(stores, program, line, reason):
    run = with_program(stores, program)
    assert (run.status, run.outputs_check, run.outputs.gcode_text) == (RunStatus.OK, OutputsCheck.NOT_CHECKED, program)
    told = run.decision.details["gcode_not_checked"]
    assert (told["line"], reason in told["reason"]) == (line, True)
    assert reason in run.decision.warnings[-1]
    assert (f"line {line}" in run.decision.warnings[-1]) == (line is not None)


def test_what_no_reader_exists_for_is_not_passed_as_checked(stores):
    run = attempted(stores, outputs={"toolpaths_json": [{"z": -0.6}], "opplan_json": {}})
    assert run.outputs_check is OutputsCheck.NOT_CHECKED
    assert [warning.split()[0] for warning in run.decision.warnings] == ["toolpaths_json", "opplan_json"]
    both = attempted(stores, outputs={"gcode_text": GOOD, "toolpaths_json": [{"z": -0.6}]})
    assert both.outputs_check is OutputsCheck.CHECKED
    assert [warning.split()[0] for warning in both.decision.warnings] == ["toolpaths_json"]


def test_without_depths_from_the_engine_nothing_is_checked(stores):
    run = with_program(stores, GOOD, engine_id="silent")
    assert (run.status, run.outputs_check) == (RunStatus.OK, OutputsCheck.NOT_CHECKED)
    assert "silent" in run.decision.warnings[0]


def test_an_assumed_plunge_is_the_one_that_was_evaluated(stores):
    body = changed(body_of(), cuts__0__plunge_mm_per_min=..., confirmed_defaults=["cut.plunge_mm_per_min"])
    assert with_program(stores, GOOD.replace("F500", "F525"), body).outputs_check is OutputsCheck.CHECKED
    too_fast = with_program(stores, GOOD.replace("F500", "F560"), body)
    assert too_fast.decision.details["gcode_differs"][0]["line"] == 4


def test_what_is_recorded_of_a_refused_program_verifies(stores):
    run = with_program(stores, GOOD.replace("S18000", "S24000"))
    assert all(check.ok for check in artifact_checks(run.model_dump_json(), stores.blobs))


@settings(max_examples=40)
@given(st.floats(-10, -1.3).map(lambda z: round(z, 3)), st.integers(1, 6))
def test_no_program_below_the_evaluated_depth_is_ever_recorded_ok_and_checked(z_mm, place):
    lines = GOOD.splitlines()
    lines.insert(place + 2, f"G1 Z{z_mm} F100")
    run = evaluated_run(
        None,  # type: ignore[arg-type]  # no parent: the store is not asked
        ENGINES,
        RunCreate.model_validate(body_of() | {"outputs": {"gcode_text": "\n".join(lines)}}),
        provenance_now(ME, "req_1"),
    )
    assert run.status is RunStatus.BLOCKED or run.outputs_check is OutputsCheck.NOT_CHECKED


def yellow():
    """A cut that is YELLOW: the bit stands out too far for its finish."""
    return changed(body_of(), cuts__0__tool__stickout_mm=26)


def rules_at(run, level):
    return {
        check["rule_id"]
        for cut in run.feasibility["cuts"]
        for assessment in cut["assessments"]
        for check in assessment["details"]["checks"]
        if check["risk_level"] == level
    }


def test_what_is_yellow_can_be_acknowledged_once_each(stores):
    run = attempted(stores, yellow())
    assert run.decision.risk_level is RiskLevel.YELLOW
    ids = sorted(rules_at(run, "YELLOW"))
    assert ids
    again = attempted(stores, yellow(), acknowledged_rule_ids=[*ids, *ids])
    assert again.decision.acknowledged_rule_ids == tuple(ids)
    assert again.status is RunStatus.OK


def test_a_thrifty_maker_can_acknowledge_what_is_wasted(stores):
    run = attempted(stores, acknowledged_rule_ids=["YIELD_SHARE"])
    assert (run.decision.risk_level, run.feasibility["yield"]["risk_level"]) == (RiskLevel.GREEN, "YELLOW")
    assert run.decision.acknowledged_rule_ids == ("YIELD_SHARE",)


def test_a_default_that_is_not_confirmed_can_be_acknowledged_by_the_rule_that_rests_on_it(stores):
    body = changed(body_of(), cuts__0__plunge_mm_per_min=...)
    run = attempted(stores, body)
    category = next(each for each in run.feasibility["cuts"][0]["assessments"] if each["risk_level"] == "YELLOW")
    again = attempted(stores, body, acknowledged_rule_ids=[category["rule_ids"][0]])
    assert again.decision.acknowledged_rule_ids == (category["rule_ids"][0],)


@pytest.mark.parametrize(
    ("name", "rule_id", "words"),
    [
        ("classical-green", "no.such", "no rule of this verdict"),
        ("classical-green", "DEFLECTION_TIP", "GREEN here"),
        ("classical-red", "DEFLECTION_TIP", "RED here, which cannot be acknowledged away"),
    ],
)
def test_nothing_but_yellow_can_be_acknowledged(stores, name, rule_id, words):
    with pytest.raises(NotAcknowledgeable) as refused:
        attempted(stores, body_of(name), acknowledged_rule_ids=[rule_id])
    (problem,) = refused.value.problems
    assert (problem.pointer, words in problem.detail) == ("/acknowledged_rule_ids/0", True)


def test_a_rule_without_its_input_cannot_be_acknowledged_either(stores):
    with pytest.raises(NotAcknowledgeable) as refused:
        attempted(stores, changed(body_of(), cuts__0__tool__stickout_mm=...), acknowledged_rule_ids=["DEFLECTION_TIP"])
    assert "UNKNOWN here" in refused.value.problems[0].detail


def test_a_failed_engine_leaves_nothing_to_acknowledge(stores):
    run = attempted(stores, engine_id="broken", acknowledged_rule_ids=["DEFLECTION_TIP"])
    assert (run.status, run.decision.acknowledged_rule_ids) == (RunStatus.ERROR, ())


def two_cuts(**second):
    """The rosette that may not be cut, with a second cut that differs by `second` from the first."""
    body = body_of("classical-red")
    body["context"]["cuts"].append({**body["context"]["cuts"][0], "name": "again", **second})
    return body


def test_a_run_is_blocked_for_what_blocks_and_nothing_else(stores):
    careful = two_cuts(depth_per_pass_mm=0.3)
    run = attempted(stores, careful)
    levels = [cut["risk_level"] for cut in run.feasibility["cuts"]]
    assert (levels, run.feasibility["yield"]["risk_level"]) == (["RED", "YELLOW"], "YELLOW")
    assert run.decision.block_reason == run.feasibility["reasons"][0]
    assert run.decision.block_reason.startswith("channel: deflection is RED. ")
    assert "To do: shorten the stickout" in run.decision.block_reason


def test_each_category_of_each_cut_that_blocks_is_named(stores):
    run = attempted(stores, two_cuts(spindle_rpm=30_000, feed_mm_per_min=60))
    blocking = [
        f"{cut['name']}: {each['category']} is RED. "
        for cut in run.feasibility["cuts"]
        for each in cut["assessments"]
        if each["risk_level"] == "RED"
    ]
    assert len(blocking) > 2
    assert all(words in run.decision.block_reason for words in blocking)
    assert run.decision.block_reason == " ".join(run.feasibility["reasons"][: len(blocking)])


def test_what_blocks_most_is_told_first(stores):
    body = two_cuts()
    body["context"]["cuts"][0]["tool"] = {**body["context"]["cuts"][0]["tool"], "stickout_mm": None}
    run = attempted(stores, body)
    assert [cut["risk_level"] for cut in run.feasibility["cuts"]] == ["UNKNOWN", "RED"]
    assert run.decision.block_reason.startswith("again: deflection is RED. ")
    assert "channel: deflection is UNKNOWN. " in run.decision.block_reason


def test_why_a_run_is_blocked_follows_from_what_was_assessed_whatever_an_engine_says_of_it(stores):
    chatty = attempted(stores, body_of("classical-red"), engine_id="chatty")
    assert chatty.decision.block_reason == attempted(stores, body_of("classical-red")).decision.block_reason
    assert attempted(stores, engine_id="terse").decision.block_reason == "No. Never."
    assert attempted(stores, engine_id="broken").decision.block_reason == " ".join(
        attempted(stores, engine_id="broken").feasibility["reasons"]
    )


@pytest.mark.parametrize("stickout_mm", [14, 26])
def test_declared_stock_that_is_too_little_is_named_where_it_blocks(stores, stickout_mm):
    body = changed(body_of(), cuts__0__tool__stickout_mm=stickout_mm)
    body["context"]["stock"] = [{"ring_index": 1, "length_mm": 20, "width_mm": 20, "thickness_mm": 2}]
    run = attempted(stores, body)
    assert run.status is RunStatus.BLOCKED
    assert run.decision.block_reason == run.feasibility["reasons"][-1]
    assert run.decision.block_reason.startswith("material is RED. ")


def test_a_run_is_counted_by_its_status_once_it_is_stored_and_no_other(stores, monkeypatch, capsys):
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "RMOS/test")
    ok, blocked = an_artifact(), an_artifact(RiskLevel.RED, RunStatus.BLOCKED)
    for artifact in (ok, blocked):
        record_run(stores.records, artifact)
    with pytest.raises(Conflict):
        record_run(stores.records, ok)
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [(line["status"], line["Runs"]) for line in counted] == [("OK", [1.0]), ("BLOCKED", [1.0])]


def test_warnings_name_the_cut_and_the_category_that_each_is_of(stores):
    body = body_of()
    (cut,) = body["context"]["cuts"]
    body["context"]["cuts"] = [cut, {**cut, "name": "again"}]
    del cut["name"], cut["tool"]["edge"]
    body["context"]["cuts"][1]["tool"] = cut["tool"]
    run = attempted(stores, body)

    yellow = [
        (name, each)
        for name, result in zip(("cut 1", "again"), run.feasibility["cuts"], strict=True)
        for each in result["assessments"]
        if each["risk_level"] == "YELLOW"
    ]
    assert len({name for name, _ in yellow}) == 2
    assert list(run.decision.warnings) == [
        f"{name}: {each['category']} is YELLOW. {each['why']}" for name, each in yellow
    ]
