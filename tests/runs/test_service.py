import hashlib
import json
import threading
from datetime import timedelta

import pytest
from rmos.clock import now
from rmos.design.library import machines, tools
from rmos.errors import BlobCorrupt, Conflict
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.models import RiskLevel
from rmos.feasibility.registry import EngineNotFound, EngineRegistry, default_registry
from rmos.feasibility.resolution import UnknownRow
from rmos.identity import Principal, Role
from rmos.listing import MalformedCursor
from rmos.request_context import current_request_id
from rmos.runs import repository
from rmos.runs.long_gcode import MAX_INLINE_BYTES
from rmos.runs.models import OutputsCheck, RunCreate, RunFilter, RunStatus
from rmos.runs.recording import (
    Engines,
    Provenance,
    UnknownParent,
    evaluated_run,
    provenance_now,
    record_run,
)
from rmos.runs.verification import verify_run
from rmos.storage.ports import Put, Record
from runs import service
from runs.models import Severity

ME = Principal("0123456789abcdef", "bench", Role.OPERATOR)


class BrokenEngine:
    info = EngineInfo(id="broken", version="1.0.0", description="Fails.", ruleset_version="1")

    def evaluate(self, resolved):
        raise ZeroDivisionError


ENGINES = Engines(
    EngineRegistry([default_registry(allow_stub=False).get("baseline_v1"), BrokenEngine()]), "baseline_v1"
)


@pytest.fixture(autouse=True)
def _in_a_request():
    token = current_request_id.set("req_of_this_test")
    yield
    current_request_id.reset(token)


def create(stores, body, claim=lambda _answer: (), **fields):
    request = RunCreate.model_validate_json(json.dumps(body | fields))
    return service.create_run(stores, ENGINES, request, provenance_now(ME, "req_1"), claim)


def created(stores, body, **fields):
    answer = create(stores, body, **fields)
    assert answer.status == 201
    return repository.get_view(stores.records, json.loads(answer.body)["run_id"])


def listed(stores, **chosen):
    return [item.run_id for item in service.list_runs(stores.records, RunFilter(**chosen), None, 200).items]


def test_what_may_be_cut_is_recorded_ok(stores, green):
    run = created(stores, green, label="first", notes="n", meta={"cam": 1.5}, event_type="feasibility")
    assert (run.status, run.decision.risk_level, run.decision.block_reason) == (RunStatus.OK, RiskLevel.GREEN, None)
    assert (run.created_by, run.created_by_token_id, run.request_id) == (ME.name, ME.token_id, "req_1")
    assert (run.label, run.notes, run.meta, run.event_type) == ("first", "n", {"cam": 1.5}, "feasibility")
    assert (run.mode, run.material_id, run.tool_id, run.machine_id) == ("ROUTER", "spruce_sitka", None, None)
    assert run.decision.score == run.feasibility["overall_score"]
    assert (run.engine_id, run.outputs_check) == ("baseline_v1", OutputsCheck.NONE)
    assert now() - run.created_at < timedelta(minutes=1)


def test_what_would_break_is_recorded_blocked_with_its_reason(stores, red):
    run = created(stores, red)
    assert (run.status, run.decision.risk_level) == (RunStatus.BLOCKED, RiskLevel.RED)
    assert "deflect" in run.decision.block_reason.lower()
    assert ".;" not in run.decision.block_reason
    assert run.decision.details["binding"]["category"] == "deflection"


def test_a_block_reason_names_what_blocks_and_nothing_else(stores, red):
    run = created(stores, red)
    assert any(reason.startswith("material is YELLOW") for reason in run.feasibility["reasons"])
    assert "material" not in run.decision.block_reason
    assert run.decision.block_reason in run.feasibility["reasons"]


def test_what_cannot_be_judged_is_recorded_blocked(stores, unknown):
    run = created(stores, unknown)
    assert (run.status, run.decision.risk_level) == (RunStatus.BLOCKED, RiskLevel.UNKNOWN)
    assert "stickout" in run.decision.block_reason


def test_an_engine_that_fails_is_recorded_as_an_error(stores, green):
    run = created(stores, green, engine_id="broken")
    assert (run.status, run.decision.risk_level, run.engine_id) == (RunStatus.ERROR, RiskLevel.ERROR, "broken")
    assert "ZeroDivisionError" in run.errors[0]


@pytest.mark.parametrize("which", ["green", "red", "unknown", "broken"])
def test_every_run_verifies_and_is_listed_once(stores, request, which):
    body = {"engine_id": "broken"} if which == "broken" else {}
    run = created(stores, request.getfixturevalue("green" if which == "broken" else which) | body)
    found = verify_run(stores.records, stores.blobs, run.run_id)
    assert found.ok, found.checks
    assert {"record", "artifact_sha256", "feasibility_sha256", "input_sha256", "result_sha256"} <= {
        check.name for check in found.checks
    }
    for chosen in ({}, {"status": run.status}, {"risk_level": run.decision.risk_level}, {"request_id": "req_1"}):
        assert listed(stores, **chosen) == [run.run_id]


def test_the_rows_that_ids_stood_for_are_kept_in_the_run(stores, green):
    run = created(stores, green)
    assert run.context["materials"]["spruce_sitka"]["values"]["density_kg_per_m3"] > 0
    assert run.design["top_material_id"] == "spruce_sitka"


def test_the_material_of_a_cut_in_a_ring_is_that_rings(stores, green):
    green["context"]["cuts"][0] |= {"target": "RING", "ring_index": 1}
    assert created(stores, green).material_id == "rosewood_east_indian"


PROGRAM = "G21 G90 G17\nM3 S18000\nG0 X0 Y0 Z5\nG1 Z-0.6 F500\nG1 X10 F1500\n"
OUTPUTS = {"gcode_text": "G21 G90\nG0 Z5\n", "opplan_json": {"b": 1, "a": [1.5]}, "toolpaths_json": [{"z": -0.6}]}


def test_outputs_of_what_may_be_cut_are_kept_hashed_and_said_to_be_unchecked(stores, green):
    run = created(stores, green, outputs=OUTPUTS)
    assert run.outputs.model_dump(exclude_none=True) == OUTPUTS
    assert run.outputs_check is OutputsCheck.NOT_CHECKED
    assert None not in (run.hashes.gcode_sha256, run.hashes.opplan_sha256, run.hashes.toolpaths_sha256)
    assert run.outputs.preview_svg_sha256 is None
    assert verify_run(stores.records, stores.blobs, run.run_id).ok


@pytest.mark.parametrize("which", ["red", "unknown", "broken"])
def test_outputs_for_what_may_not_be_cut_are_refused_and_the_run_kept_without_them(stores, request, which):
    engine = {"engine_id": "broken"} if which == "broken" else {}
    body = request.getfixturevalue("green" if which == "broken" else which) | engine
    answer = create(stores, body, outputs=OUTPUTS)
    problem = json.loads(answer.body)
    assert (answer.status, answer.media_type) == (409, "application/problem+json")
    assert problem["type"] == "urn:rmos:problem:run-blocked"
    assert answer.headers["Location"] == f"/api/runs/{problem['run_id']}"
    run = repository.get_view(stores.records, problem["run_id"])
    assert problem["decision"] == run.decision.model_dump(mode="json")
    assert run.status is not RunStatus.OK
    assert "G21" not in run.model_dump_json()
    assert (run.hashes.gcode_sha256, run.outputs_check) == (None, OutputsCheck.NONE)


def test_empty_outputs_of_what_may_not_be_cut_are_no_outputs(stores, red):
    assert created(stores, red, outputs={}).status is RunStatus.BLOCKED


def test_gcode_is_kept_inside_up_to_its_bound_and_as_an_attachment_beyond(stores, green):
    longest = ("(µ)\n" + PROGRAM + "G1 X1.000 Y1.000\n" * 20_000)[: MAX_INLINE_BYTES - 1]
    inside = created(stores, green, outputs={"gcode_text": longest})
    beside = created(stores, green, outputs={"gcode_text": longest + "\n"})

    assert (inside.outputs.gcode_text, inside.attachments) == (longest, ())
    (attached,) = beside.attachments
    with stores.blobs.open(attached.sha256) as stream:
        assert stream.read().decode() == longest + "\n"
    assert (beside.outputs.gcode_text, beside.hashes.gcode_sha256) == (None, attached.sha256)
    assert (attached.kind, attached.filename, attached.size_bytes) == ("GCODE", "program.nc", MAX_INLINE_BYTES + 1)
    assert (inside.outputs_check, beside.outputs_check) == (OutputsCheck.CHECKED, OutputsCheck.CHECKED)
    assert verify_run(stores.records, stores.blobs, beside.run_id).ok


def test_long_gcode_that_differs_is_not_kept(stores, green):
    fast = PROGRAM.replace("F1500", "F3000") + "G1 X1.000 Y1.000\n" * 20_000

    answer = create(stores, green, outputs={"gcode_text": fast})

    assert (answer.status, json.loads(answer.body)["type"]) == (409, "urn:rmos:problem:gcode-differs")
    (run_id,) = listed(stores)
    assert repository.get_view(stores.records, run_id).attachments == ()
    assert stores.blobs.stat(hashlib.sha256(fast.encode()).hexdigest()) is None


def test_two_runs_with_the_same_long_gcode_do_not_differ_and_with_another_do(stores, green):
    text = PROGRAM + "G1 X1.000 Y1.000\n" * 20_000
    one, two, three = (
        created(stores, green, outputs={"gcode_text": each}).run_id for each in (text, text, text + "G1 X2\n")
    )

    assert service.diff_of(stores, one, two).severity is Severity.NONE
    found = service.diff_of(stores, one, three)
    (program, *others) = found.changes
    assert (program.path, program.severity) == ("/outputs/gcode_text", Severity.CRITICAL)
    assert "\n+G1 X2" in program.text_diff
    assert {change.path.split("/")[1] for change in others} == {"attachments"}


def test_long_gcode_that_is_damaged_is_not_compared(stores, green, tmp_path):
    text = PROGRAM + "G1 X1.000 Y1.000\n" * 20_000
    one, two = (created(stores, green, outputs={"gcode_text": each}) for each in (text, text + "G1 X2\n"))
    (blob,) = (tmp_path / "data" / "blobs").rglob(one.hashes.gcode_sha256)
    blob.chmod(0o600)
    blob.write_bytes(b"G1")
    with pytest.raises(BlobCorrupt):
        service.diff_of(stores, one.run_id, two.run_id)
    assert service.diff_of(stores, one.run_id, one.run_id).severity is Severity.NONE


def test_a_child_names_a_parent_that_exists(stores, green):
    parent = created(stores, green)
    child = created(stores, green, parent_run_id=parent.run_id, workflow_session_id="ses_1")
    assert listed(stores, parent_run_id=parent.run_id) == [child.run_id]
    assert listed(stores, workflow_session_id="ses_1") == [child.run_id]
    with pytest.raises(UnknownParent) as refused:
        create(stores, green, parent_run_id="run_0")
    assert [problem.pointer for problem in refused.value.problems] == ["/parent_run_id"]


@pytest.mark.parametrize(
    ("change", "error"), [({"engine_id": "guess"}, EngineNotFound), ({"parent_run_id": "diff"}, UnknownParent)]
)
def test_what_names_something_unknown_records_nothing(stores, green, change, error):
    with pytest.raises(error):
        create(stores, green | change)
    green["design"]["top_material_id"] = "unobtainium"
    with pytest.raises(UnknownRow):
        create(stores, green)
    assert listed(stores) == []


def test_the_same_attempt_twice_makes_two_runs_that_do_not_differ(stores, green):
    one, two = created(stores, green), created(stores, green)
    assert one.run_id != two.run_id
    found = service.diff_of(stores, one.run_id, two.run_id)
    assert (found.severity, found.changes) == (Severity.NONE, ())


def test_the_diff_of_the_two_examples_says_that_deflection_made_it_red(stores, green, red):
    found = service.diff_of(stores, created(stores, green).run_id, created(stores, red).run_id)
    assert found.severity is Severity.CRITICAL
    assert found.headline.startswith("status OK → BLOCKED; risk GREEN → RED; deflection GREEN → RED in cut 1 (channel)")
    worst = found.rules_moved[0]
    assert (worst.category, worst.a.risk_level, worst.b.risk_level) == ("deflection", "GREEN", "RED")
    assert worst.a.value < worst.b.limit_green < worst.b.value
    assert "(channel), 2.01 → 65.8 µm; " in found.headline
    told = {change.path: (change.a, change.b) for change in found.changes}
    assert told["/status"] == ("OK", "BLOCKED")
    assert told["/feasibility/cuts/0/assessments/deflection/risk_level"] == ("GREEN", "RED")
    assert told["/context/cuts/0/tool/stickout_mm"] == (14, 30)
    assert told["/context/cuts/0/depth_per_pass_mm"] == (0.6, 1.2)
    assert not found.truncated


def test_a_claim_and_its_run_are_stored_together_or_not_at_all(stores, green):
    taken = Put(Record("idempotency/k", "{}"))
    stores.records.commit([taken])
    with pytest.raises(Conflict):
        create(stores, green, claim=lambda _answer: (taken,))
    assert listed(stores) == []


def test_an_id_is_given_to_one_run_only(stores, green):
    artifact = evaluated_run(
        stores.records, ENGINES, RunCreate.model_validate(green), Provenance("run_1", now(), ME, "req_1")
    )
    outcomes = []

    def record():
        try:
            record_run(stores.records, artifact)
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=record) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 5 + ["won"]
    assert listed(stores) == ["run_1"]


def test_a_cursor_serves_the_filters_it_came_from_only(stores, green):
    for _ in range(3):
        created(stores, green)
    first = service.list_runs(stores.records, RunFilter(status=RunStatus.OK), None, 2)
    rest = service.list_runs(stores.records, RunFilter(status=RunStatus.OK), first.next_cursor, 2)
    assert len({item.run_id for item in (*first.items, *rest.items)}) == 3
    assert rest.next_cursor is None
    for chosen in (RunFilter(), RunFilter(status=RunStatus.BLOCKED), RunFilter(created_from=now())):
        with pytest.raises(MalformedCursor):
            service.list_runs(stores.records, chosen, first.next_cursor, 2)


def test_a_tool_and_a_machine_named_by_id_are_found_by_it_and_kept_as_they_were(stores, green):
    tool, machine = next(iter(tools().rows.values())), next(iter(machines().rows.values()))
    context = {"machine_id": machine.id, "cuts": [green["context"]["cuts"][0] | {"tool_id": tool.id}]}
    del context["cuts"][0]["tool"], context["cuts"][0]["stepover_mm"]
    run = created(stores, green | {"context": context})
    assert (run.tool_id, run.machine_id) == (tool.id, machine.id)
    assert listed(stores, tool_id=tool.id, machine_id=machine.id) == [run.run_id]
    assert run.context["cuts"][0]["tool"]["type"] == tool.values.type
    assert run.context["machine"]["max_rpm"] == machine.values.max_rpm


def test_gcode_that_differs_is_refused_with_its_lines_and_kept_as_blocked_without_it(stores, green):
    program = "G21 G90\nM3 S18000\nG0 Z5\nG1 Z-0.6 F500\nG3 I-44.5 F2600\n"
    answer = create(stores, green, outputs={"gcode_text": program})
    problem = json.loads(answer.body)
    assert (answer.status, problem["type"]) == (409, "urn:rmos:problem:gcode-differs")
    assert [each["line"] for each in problem["lines"]] == [5]
    assert answer.headers["Location"] == f"/api/runs/{problem['run_id']}"
    run = repository.get_view(stores.records, problem["run_id"])
    assert (run.status, run.outputs.gcode_text) == (RunStatus.BLOCKED, None)
    assert listed(stores, status="OK") == []


def test_the_diff_of_a_checked_and_an_unchecked_program_says_so(stores, green):
    program = "G21 G90\nM3 S18000\nG0 Z5\nG1 Z-0.6 F500\nG3 I-44.5 F1500\n"
    one = created(stores, green, outputs={"gcode_text": program})
    two = created(stores, green, outputs={"gcode_text": "G92 X0\n" + program})
    assert [item.outputs_check for item in service.list_runs(stores.records, RunFilter(), None, 9).items] == [
        OutputsCheck.NOT_CHECKED, OutputsCheck.CHECKED,
    ]  # fmt: skip
    found = service.diff_of(stores, one.run_id, two.run_id)
    told = {change.path: (change.a, change.b) for change in found.changes}
    assert told["/outputs_check"] == ("CHECKED", "NOT_CHECKED")
