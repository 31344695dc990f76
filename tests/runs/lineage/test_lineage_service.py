import json
from dataclasses import replace

import pytest
from rmos.canonical import sha256_of_text
from rmos.design.library import machines, tools
from rmos.errors import BlobCorrupt
from rmos.feasibility.baseline import BaselineFeasibilityEngineV1
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.models import RiskLevel, Verdict
from rmos.feasibility.registry import EngineNotFound, EngineRegistry
from rmos.identity import Principal, Role
from rmos.runs import long_gcode, repository
from rmos.runs.models import Origin, OutputsCheck, RunCreate, RunStatus
from rmos.runs.recording import Engines, evaluated_run, provenance_now, record_run
from rmos.runs.stored_input import NotReplayable, stored_input
from rmos.runs.verification import verify_run
from runs.lineage import service
from runs.models import Severity

from tests.support.rosettes import changed
from tests.support.run_artifacts import an_artifact

ME = Principal("0123456789abcdef", "bench", Role.OPERATOR)
PROGRAM = "G21 G90\nM3 S18000\nG0 Z5\nG1 Z-0.6 F500\nG3 I-44.5 F1500\n"


class CarefulEngine(BaselineFeasibilityEngineV1):
    """The engine of a later day, which trusts nothing."""

    info = EngineInfo(id="careful", version="2.0.0", description="Careful.", ruleset_version="2")

    def evaluate(self, resolved):
        verdict = super().evaluate(resolved)
        return replace(verdict, risk_level=RiskLevel.RED, reasons=("No.",))


class SilentEngine(CarefulEngine):
    info = EngineInfo(id="silent", version="1.0.0", description="Silent.", ruleset_version="1")

    def evaluate(self, resolved):
        return Verdict(risk_level=RiskLevel.GREEN, overall_score=100.0, reasons=())


ENGINES = Engines(EngineRegistry([BaselineFeasibilityEngineV1(), CarefulEngine(), SilentEngine()]), "baseline_v1")


def recorded(stores, body, **fields):
    request = RunCreate.model_validate(body | fields)
    run = evaluated_run(stores.records, ENGINES, request, provenance_now(ME, "req_1"))
    long_gcode.keep(stores.blobs, run, request.outputs and request.outputs.gcode_text)
    record_run(stores.records, run)
    return run


def replayed(stores, run, engine_id=None, claim=lambda _answer: ()):
    provenance = provenance_now(ME, "req_2")
    engines = Engines(ENGINES.registry, engine_id or ENGINES.default_id)
    answer = service.replay(stores, engines, run.run_id, provenance, claim)
    assert answer.status == 201
    found = json.loads(answer.body)
    assert answer.headers["Location"] == f"/api/runs/{found['run']['run_id']}"
    return found


@pytest.mark.parametrize("which", ["green", "red", "unknown"])
def test_the_same_engine_finds_the_same_again(stores, request, which):
    run = recorded(stores, request.getfixturevalue(which), label="first", notes="n", meta={"cam": 1.5})
    found = replayed(stores, run)
    assert (found["diff"]["severity"], found["diff"]["changes"]) == ("NONE", [])
    child = repository.get_view(stores.records, found["run"]["run_id"])
    assert (child.parent_run_id, child.request_id) == (run.run_id, "req_2")
    assert child.feasibility == run.feasibility
    assert verify_run(stores.records, stores.blobs, child.run_id).ok


def test_ids_stand_for_the_rows_that_the_run_kept(stores, green):
    tool, machine = next(iter(tools().rows.values())), next(iter(machines().rows.values()))
    green["context"]["cuts"][0]["tool_id"] = tool.id
    green["context"]["machine_id"] = machine.id
    del green["context"]["cuts"][0]["tool"], green["context"]["machine"]
    run = recorded(stores, green)
    assert {each["pointer"] for each in run.feasibility["assumed_defaults"]} >= {"/context/cuts/0/tool/stickout_mm"}
    found = replayed(stores, run)
    assert found["diff"]["severity"] == "NONE"
    assert (found["run"]["tool_id"], found["run"]["machine_id"]) == (tool.id, machine.id)
    rows = stored_input(run).rows
    assert (rows.tool(tool.id).assumed, rows.tool(tool.id).values) == (tool.assumed, tool.values)
    assert rows.material("maple_hard").confidence == run.context["materials"]["maple_hard"]["confidence"]
    assert (rows.tool("another"), rows.material("another"), rows.machine("another")) == (None, None, None)


def test_a_row_that_has_changed_since_does_not_change_the_replay(stores, green):
    run = recorded(stores, green)
    softer = run.context["materials"]["spruce_sitka"]["values"] | {"density_kg_per_m3": 300}
    context = run.context | {"materials": run.context["materials"]}
    context["materials"]["spruce_sitka"]["values"] = softer
    other = run.model_copy(update={"context": context})
    assert stored_input(other).rows.material("spruce_sitka").values.density_kg_per_m3 == 300


def test_the_drift_of_an_engine_is_made_visible(stores, green):
    run = recorded(stores, green, outputs={"gcode_text": PROGRAM})
    assert run.outputs_check is OutputsCheck.CHECKED
    found = replayed(stores, run, "careful")
    assert (found["run"]["status"], found["run"]["outputs"]["gcode_text"]) == ("BLOCKED", None)
    assert found["diff"]["severity"] == Severity.CRITICAL.value
    assert found["diff"]["headline"].startswith("status OK → BLOCKED; risk GREEN → RED")
    assert (found["diff"]["a"]["engine_version"], found["diff"]["b"]["engine_version"]) == (run.engine_version, "2.0.0")


def test_long_gcode_is_read_again_from_where_it_was_kept(stores, green, tmp_path):
    run = recorded(stores, green, outputs={"gcode_text": PROGRAM + "(lap)\n" * 50_000})
    same = replayed(stores, run)
    assert (same["diff"]["severity"], same["run"]["outputs_check"]) == ("NONE", "CHECKED")
    assert same["run"]["attachments"][0]["sha256"] == run.hashes.gcode_sha256
    assert replayed(stores, run, "careful")["run"]["attachments"] == []
    (path,) = (tmp_path / "data" / "blobs").rglob(run.hashes.gcode_sha256)
    path.unlink()
    with pytest.raises(BlobCorrupt):
        replayed(stores, run)


def test_outputs_are_read_again_against_the_new_verdict(stores, green):
    run = recorded(stores, green, outputs={"gcode_text": PROGRAM, "opplan_json": {"a": 1}})
    same = replayed(stores, run)
    assert (same["diff"]["severity"], same["run"]["outputs_check"]) == ("NONE", "CHECKED")
    found = replayed(stores, run, "silent")
    assert (found["run"]["outputs_check"], found["run"]["outputs"]["gcode_text"]) == ("NOT_CHECKED", PROGRAM)


def test_what_was_acknowledged_stays_so_where_it_is_still_yellow(stores, green):
    body = changed(green, cuts__0__tool__stickout_mm=26)
    run = recorded(stores, body, acknowledged_rule_ids=["DEFLECTION_TIP"])
    assert replayed(stores, run)["run"]["decision"]["acknowledged_rule_ids"] == ["DEFLECTION_TIP"]
    assert replayed(stores, run, "silent")["run"]["decision"]["acknowledged_rule_ids"] == []


def test_what_cannot_be_evaluated_again_is_refused_and_nothing_recorded(stores, green):
    bare = an_artifact(origin=Origin.IMPORTED, design=None)
    strange = an_artifact(design={"rings": [{"width_mm": 2}]})
    green = recorded(stores, green)
    for run in (bare, strange):
        record_run(stores.records, run)
        with pytest.raises(NotReplayable):
            replayed(stores, run)
    with pytest.raises(NotReplayable, match="soundhole_diameter_mm"):
        replayed(stores, strange)
    with pytest.raises(EngineNotFound):
        replayed(stores, green, "guess")
    with pytest.raises(repository.RunNotFound):
        service.replay(stores, ENGINES, "run_0", provenance_now(ME, "r"), lambda _answer: ())
    assert service.lineage_of(stores.records, green.run_id).children == ()


def chain(stores, length):
    made = []
    for _ in range(length):
        run = an_artifact(parent_run_id=made[-1].run_id if made else None)
        record_run(stores.records, run)
        made.append(run)
    return [run.run_id for run in made]


def ids(runs):
    return [run.run_id for run in runs]


def test_ancestors_are_told_oldest_first_and_children_newest_first(stores, green):
    first = recorded(stores, green)
    second = recorded(stores, green, parent_run_id=first.run_id)
    children = [recorded(stores, green, parent_run_id=second.run_id).run_id for _ in range(3)]
    found = service.lineage_of(stores.records, second.run_id)
    assert (ids(found.ancestors), ids(found.children), found.truncated) == ([first.run_id], children[::-1], False)
    leaf = service.lineage_of(stores.records, children[0])
    assert (ids(leaf.ancestors), leaf.children) == ([first.run_id, second.run_id], ())
    assert ids(service.lineage_of(stores.records, first.run_id).children) == [second.run_id]


def test_a_long_chain_is_cut_at_its_far_end_and_says_so(stores):
    made = chain(stores, 103)
    found = service.lineage_of(stores.records, made[-1])
    assert (ids(found.ancestors), found.truncated) == (made[2:-1], True)
    assert service.lineage_of(stores.records, made[100]).truncated is False


def test_children_past_a_hundred_are_left_out_and_said_so(stores):
    (parent,) = chain(stores, 1)
    for count, is_truncated in ((100, False), (1, True)):
        for _ in range(count):
            record_run(stores.records, an_artifact(parent_run_id=parent))
        found = service.lineage_of(stores.records, parent)
        assert (len(found.children), found.truncated) == (100, is_truncated)


def test_a_parent_that_is_absent_or_a_circle_ends_the_chain(stores):
    orphan = an_artifact(run_id="run_a", parent_run_id="run_z", origin=Origin.IMPORTED)
    one = an_artifact(run_id="run_b", parent_run_id="run_c", origin=Origin.IMPORTED)
    two = an_artifact(run_id="run_c", parent_run_id="run_b", origin=Origin.IMPORTED)
    stores.records.commit([repository.create(run) for run in (orphan, one, two)])
    assert service.lineage_of(stores.records, "run_a").ancestors == ()
    found = service.lineage_of(stores.records, "run_b")
    assert (ids(found.ancestors), ids(found.children), found.truncated) == (["run_c"], ["run_c"], False)


def test_a_largest_run_can_be_replayed_under_a_key(stores, green):
    from rmos.http.idempotency import OncePerKey  # noqa: PLC0415

    lines = [f"G3 I-44.5 F1500 (lap {number})" for number in range(5_500)]
    plan = {"rows": ["x" * 50] * 9_500}
    program = PROGRAM + "\n".join(lines)
    run = recorded(stores, green, outputs={"gcode_text": program, "opplan_json": plan, "toolpaths_json": plan})
    assert run.status is RunStatus.OK
    once = OncePerKey("idempotency/k", sha256_of_text(""), sha256_of_text(""))
    answer = once.answer(
        stores.records,
        lambda claim: service.replay(
            stores, Engines(ENGINES.registry, "careful"), run.run_id, provenance_now(ME, "req_2"), claim
        ),
    )
    assert answer.status_code == 201
    assert len(answer.body) < 4 * 1024 * 1024
