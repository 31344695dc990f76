import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.feasibility.models import RiskLevel
from rmos.runs.evidence import Attachment
from rmos.runs.models import Hashes, Outputs, OutputsCheck, RunStatus
from runs.models import ChangeOp, Severity
from runs.rules import diff
from runs.rules.diff import diff_runs
from runs.rules.leaves import changed_leaves
from runs.rules.severity import severity_of
from runs.rules.text import MAX_LINES, unified

from tests.support.run_artifacts import NOON, an_artifact, assessment, feasibility

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-3, 3)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text("ab/~", max_size=3)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~0", max_size=2), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text("ab/~", max_size=2), JSON, max_size=3)
MIRROR = {ChangeOp.ADDED: ChangeOp.REMOVED, ChangeOp.REMOVED: ChangeOp.ADDED, ChangeOp.CHANGED: ChangeOp.CHANGED}


def told(found):
    return {change.path: (change.op, change.a, change.b) for change in found.changes}


def severities(found):
    return {change.path: change.severity for change in found.changes}


@given(JSON)
def test_a_value_does_not_differ_from_itself(value):
    assert list(changed_leaves(value, json.loads(json.dumps(value)))) == []


def leaf_values(value, steps=()):
    """All scalars and empty containers of a value, by their place; nulls and empties may stand for nothing."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = {}
    for step, member in members:
        inner |= leaf_values(member, (*steps, step))
    return inner or {steps: value}


def typed(value):
    return ("number", float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


@given(JSON, JSON)
def test_every_leaf_that_changed_is_told_and_no_other(a, b):
    leaves_a, leaves_b = leaf_values(a), leaf_values(b)
    told_places = {leaf.steps for leaf in changed_leaves(a, b)}
    differing = {
        place
        for place in leaves_a.keys() | leaves_b.keys()
        if place not in leaves_a
        or place not in leaves_b
        or (repr(typed(leaves_a[place])) != repr(typed(leaves_b[place])) and leaves_a[place] != leaves_b[place])
        or isinstance(leaves_a[place], bool) != isinstance(leaves_b[place], bool)
    }  # fmt: skip
    voids = {place for place in differing if all(side.get(place) in (None, {}, []) for side in (leaves_a, leaves_b))}
    assert told_places <= differing
    assert differing - told_places <= voids
    for place in differing - told_places:
        assert any(other[: len(place)] == place for other in told_places)


@given(JSON, JSON)
def test_swapping_the_sides_mirrors_every_leaf(a, b):
    there = {(leaf.steps, leaf.op, repr(leaf.a), repr(leaf.b)) for leaf in changed_leaves(a, b)}
    back = {(leaf.steps, MIRROR[leaf.op], repr(leaf.b), repr(leaf.a)) for leaf in changed_leaves(b, a)}
    assert there == back


@pytest.mark.parametrize(("a", "b"), [(1, True), (0, False), ("1", 1), ({}, []), (["x"], {"0": "x"}), (None, 0)])
def test_values_of_different_types_differ(a, b):
    assert list(changed_leaves({"v": a}, {"v": b}))


def test_one_and_one_point_nought_are_the_same_number():
    assert list(changed_leaves([1], [1.0])) == []


def test_a_path_is_a_json_pointer():
    (leaf,) = changed_leaves({"a/b": [{"~": 1}]}, {"a/b": [{"~": 2}]})
    assert leaf.path == "/a~1b/0/~0"


@given(OBJECTS)
def test_two_runs_of_the_same_work_do_not_differ(meta):
    one = an_artifact(meta=meta)
    again = an_artifact(
        meta=meta,
        created_by="another",
        request_id="req_2",
        parent_run_id=one.run_id,
        created_at=NOON.replace(year=2027),
    )
    for found in (diff_runs(one, one), diff_runs(one, again)):
        assert (found.severity, found.changes, found.rules_moved, found.truncated) == (Severity.NONE, (), (), False)
    assert diff_runs(one, again).headline == "the two runs agree in everything"


@given(OBJECTS, OBJECTS, OBJECTS, OBJECTS)
def test_swapping_two_runs_mirrors_their_diff(meta_a, meta_b, context_a, context_b):
    a, b = an_artifact(meta=meta_a, context=context_a), an_artifact(meta=meta_b, context=context_b)
    there, back = diff_runs(a, b), diff_runs(b, a)
    assert (there.severity, there.a, there.b) == (back.severity, back.b, back.a)
    mirrored = {(each.path, MIRROR[each.op], repr(each.b), repr(each.a), each.severity) for each in there.changes}
    assert mirrored == {(each.path, each.op, repr(each.a), repr(each.b), each.severity) for each in back.changes}


BLOCKED = {"risk_level": RiskLevel.RED, "status": RunStatus.BLOCKED}


@pytest.mark.parametrize(
    ("fields", "path", "severity"),
    [
        (BLOCKED, "/status", Severity.CRITICAL),
        (BLOCKED, "/decision/risk_level", Severity.CRITICAL),
        (BLOCKED, "/feasibility/risk_level", Severity.CRITICAL),
        (BLOCKED, "/feasibility/cuts/0/risk_level", Severity.CRITICAL),
        ({"outputs": Outputs(gcode_text="M3")}, "/outputs/gcode_text", Severity.CRITICAL),
        ({"outputs": Outputs(toolpaths_json=[{"x": 1}])}, "/outputs/toolpaths_json/0/x", Severity.CRITICAL),
        ({"outputs": Outputs(opplan_json={"x": 1})}, "/outputs/opplan_json/x", Severity.INFO),
        ({"feasibility": {"overall_score": 12}}, "/feasibility/overall_score", Severity.WARNING),
        ({"tool_id": "bit"}, "/tool_id", Severity.WARNING),
        ({"material_id": "maple"}, "/material_id", Severity.WARNING),
        ({"machine_id": "big"}, "/machine_id", Severity.WARNING),
        ({"context": {"cuts": [{"tool": {"stickout_mm": 3}}]}}, "/context/cuts/0/tool/stickout_mm", Severity.WARNING),
        ({"context": {"machine": {"max_rpm": 3}}}, "/context/machine/max_rpm", Severity.WARNING),
        ({"context": {"materials": {"m": {"density": 3}}}}, "/context/materials/m/density", Severity.WARNING),
        ({"design": {"top_material_id": "maple"}}, "/design/top_material_id", Severity.WARNING),
        ({"design": {"rings": [{"material": {"class": "WOOD"}}]}}, "/design/rings/0/material/class", Severity.WARNING),
        ({"design": {"rings": [{"width_mm": 3}]}}, "/design/rings/0/width_mm", Severity.INFO),
        ({"context": {"cuts": [{"spindle_rpm": 1}]}}, "/context/cuts/0/spindle_rpm", Severity.INFO),
        ({"engine_id": "other"}, "/engine_id", Severity.WARNING),
        ({"engine_version": "2"}, "/engine_version", Severity.WARNING),
        ({"ruleset_version": "2"}, "/ruleset_version", Severity.WARNING),
        ({"outputs_check": OutputsCheck.NOT_CHECKED}, "/outputs_check", Severity.WARNING),
        ({"label": "x"}, "/label", Severity.INFO),
        ({"notes": "x"}, "/notes", Severity.INFO),
        ({"meta": {"x": [1]}}, "/meta/x/0", Severity.INFO),
        ({"workflow_session_id": "s"}, "/workflow_session_id", Severity.INFO),
        ({"errors": ("it broke",)}, "/errors/0", Severity.INFO),
    ],
)
def test_each_change_has_the_severity_of_its_row(fields, path, severity):
    found = diff_runs(an_artifact(), an_artifact(**fields))
    assert severities(found)[path] is severity
    assert found.severity is max(severities(found).values(), key=list(Severity).index)


@pytest.mark.parametrize("path", ["/meta/status", "/notes", "/design/toolbox", "/meta/feasibility/risk_level"])
def test_a_path_that_only_looks_grave_is_not(path):
    assert severity_of(path) is Severity.INFO


def test_the_gravest_changes_come_first():
    found = diff_runs(an_artifact(), an_artifact(label="x", engine_version="2", **BLOCKED))
    ranks = [list(Severity).index(change.severity) for change in found.changes]
    assert ranks == sorted(ranks, reverse=True)


def test_assessments_are_compared_by_category_wherever_they_stand():
    a = an_artifact(feasibility=feasibility(assessment("heat", value=1), assessment("deflection", value=2)))
    b = an_artifact(feasibility=feasibility(assessment("deflection", value=2), assessment("heat", value=9)))
    assert told(diff_runs(a, b)) == {"/feasibility/cuts/0/assessments/heat/value": (ChangeOp.CHANGED, 1, 9)}


def test_checks_are_compared_by_rule_wherever_they_stand():
    def judged(*rule_ids):
        checks = [{"rule_id": rule_id, "value": len(rule_id)} for rule_id in rule_ids]
        return an_artifact(feasibility=feasibility(assessment("heat", details={"checks": checks, "hints": []})))

    assert diff_runs(judged("a", "bb"), judged("bb", "a")).changes == ()
    path = "/feasibility/cuts/0/assessments/heat/details/checks/bb/value"
    assert told(diff_runs(judged("a"), judged("bb", "a")))[path] == (ChangeOp.ADDED, None, 2)


def test_a_check_of_the_yield_is_named_by_its_rule_too():
    def judged(*checks):
        material_yield = assessment("bom_efficiency", details={"checks": [{"rule_id": rule_id} for rule_id in checks]})
        return an_artifact(feasibility=feasibility() | {"yield": material_yield})

    assert told(diff_runs(judged("a"), judged("b", "a"))) == {
        "/feasibility/yield/details/checks/b/rule_id": (ChangeOp.ADDED, None, "b")
    }


def test_two_assessments_of_one_category_are_both_compared():
    a = an_artifact(feasibility=feasibility(assessment("heat", value=1), assessment("heat", value=2)))
    b = an_artifact(feasibility=feasibility(assessment("heat", value=1), assessment("heat", value=3)))
    assert told(diff_runs(a, b)) == {"/feasibility/cuts/0/assessments/heat 2/value": (ChangeOp.CHANGED, 2, 3)}


def test_the_rule_that_moved_is_told_with_where_it_stood():
    a = an_artifact(feasibility=feasibility(assessment("heat"), assessment("deflection", value=0.004)))
    b = an_artifact(
        feasibility=feasibility(assessment("heat"), assessment("deflection", "RED", value=0.06), risk_level="RED"),
        **BLOCKED,
    )
    found = diff_runs(a, b)
    (moved,) = found.rules_moved
    assert (moved.cut, moved.cut_name, moved.category, moved.rule_ids) == (
        0, "channel", "deflection", ("deflection.limit",),
    )  # fmt: skip
    assert (moved.a.value, moved.b.value, moved.a.risk_level, moved.b.risk_level) == (0.004, 0.06, "GREEN", "RED")
    assert "status OK → BLOCKED; risk GREEN → RED; deflection GREEN → RED in cut 1 (channel)" in found.headline
    (mirrored,) = diff_runs(b, a).rules_moved
    assert (mirrored.a, mirrored.b) == (moved.b, moved.a)


@pytest.mark.parametrize(("unit", "told"), [("um", "2 → 65 µm;"), ("percent", "2 → 65 %;"), ("ratio", "2 → 65;")])
def test_how_far_a_rule_moved_is_told_with_the_sign_of_its_unit(unit, told):
    sides = [
        an_artifact(feasibility=feasibility(assessment("heat", level, value=value, unit=unit), risk_level=level))
        for level, value in (("GREEN", 2), ("RED", 65))
    ]
    assert told in diff_runs(*sides).headline


def test_a_limit_that_differs_moved_only_where_other_rules_judged():
    a = an_artifact(feasibility=feasibility(assessment("heat", limit_green=1.0)))
    changed = feasibility(assessment("heat", limit_green=0.9))
    assert diff_runs(a, an_artifact(feasibility=changed)).rules_moved == ()
    (moved,) = diff_runs(a, an_artifact(feasibility=changed, ruleset_version="2")).rules_moved
    assert (moved.a.limit_green, moved.b.limit_green) == (1.0, 0.9)


def test_the_rules_of_a_cut_more_moved_where_they_are_not_green():
    b = feasibility(assessment("heat"), assessment("power", "YELLOW"))
    (moved,) = diff_runs(an_artifact(feasibility=feasibility()), an_artifact(feasibility=b)).rules_moved
    assert (moved.category, moved.a, moved.b.risk_level) == ("power", None, "YELLOW")


@pytest.mark.parametrize(
    "strange", [{}, {"cuts": None}, {"cuts": [None, {"assessments": {}}]}, {"cuts": [{"assessments": [3]}]}]
)
def test_a_feasibility_of_another_shape_is_compared_too(strange):
    found = diff_runs(an_artifact(feasibility=strange), an_artifact())
    assert found.severity is Severity.CRITICAL
    assert diff_runs(an_artifact(feasibility=strange), an_artifact(feasibility=strange)).severity is Severity.NONE


def test_a_hash_is_told_only_where_what_it_is_of_is_not_at_hand():
    inline = an_artifact(outputs=Outputs(gcode_text="M3"))
    other = an_artifact(outputs=Outputs(gcode_text="M4"))
    assert set(told(diff_runs(inline, other))) == {"/outputs/gcode_text"}
    uploaded = [an_artifact(hashes=Hashes(feasibility_sha256="0" * 64, gcode_sha256=digit * 64)) for digit in "12"]
    found = diff_runs(*uploaded)
    assert severities(found) == {"/hashes/gcode_sha256": Severity.CRITICAL}


def test_attachments_are_compared_by_what_they_are_and_not_by_when_they_came():
    def with_drawing(digit, year):
        drawing = Attachment(
            sha256=digit * 64, kind="DRAWING", filename="a", media_type="t/t", size_bytes=1,
            created_at=NOON.replace(year=year),
        )  # fmt: skip
        return an_artifact(attachments=(drawing,))

    assert diff_runs(with_drawing("1", 2026), with_drawing("1", 2027)).severity is Severity.NONE
    assert diff_runs(with_drawing("1", 2026), with_drawing("2", 2026)).severity is Severity.INFO


PROGRAM = "\n".join(f"G1 X{number} F1500" for number in range(400))


def test_long_texts_are_told_as_a_unified_diff_and_an_excerpt():
    found = diff_runs(
        an_artifact(outputs=Outputs(gcode_text=PROGRAM)),
        an_artifact(outputs=Outputs(gcode_text=PROGRAM.replace("X200 F1500", "X200 F900"))),
    )
    (change,) = found.changes
    assert change.text_diff.splitlines() == [
        "@@ -198,7 +198,7 @@",
        " G1 X197 F1500", " G1 X198 F1500", " G1 X199 F1500",
        "-G1 X200 F1500", "+G1 X200 F900",
        " G1 X201 F1500", " G1 X202 F1500", " G1 X203 F1500",
    ]  # fmt: skip
    assert len(change.a) == diff.EXCERPT_CHARS + 1
    assert not found.truncated


def test_a_text_on_one_side_only_is_shown_up_to_its_bound():
    found = diff_runs(an_artifact(), an_artifact(outputs=Outputs(gcode_text=PROGRAM * 20)))
    (change,) = found.changes
    assert (change.op, change.a) == (ChangeOp.CHANGED, None)
    assert change.text_diff.startswith("@@ -0,0 +1,1000 @@\n+G1 X0 F1500\n")
    assert found.truncated


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_other_line_ends_are_a_change_of_the_text(ending):
    text = "a\n" * 200
    assert unified(text, text.replace("\n", ending), 10_000).text


def applied(text, patch):
    """Return `text` with a unified diff applied, as the program `patch` would."""
    lines, made, place = (text.split("\n") if text else []), [], 0
    for row in patch.split("\n") if patch else []:
        head = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", row)
        if head is not None:
            before, count, after, _ = map(int, head.groups())
            start = before - 1 if count else before
            made += lines[place:start]
            place = start
            assert after - 1 == len(made) or after == len(made)
        elif row[:1] == "+":
            made.append(row[1:])
        else:
            assert lines[place] == row[1:]
            made += [row[1:]] if row[:1] == " " else []
            place += 1
    return "\n".join(made + lines[place:])


LINES = st.lists(st.sampled_from("abcd"), max_size=30).map("\n".join)


@given(LINES, LINES)
def test_applying_a_unified_diff_gives_the_other_text(a, b):
    shown = unified(a, b, 10_000)
    assert not shown.truncated
    assert applied(a, shown.text) == b


def test_many_changes_are_bounded_and_the_gravest_are_kept():
    found = diff_runs(an_artifact(), an_artifact(meta={str(n): n for n in range(3_000)}, **BLOCKED))
    assert len(found.changes) == diff.MAX_CHANGES
    assert found.truncated
    assert severities(found)["/status"] is Severity.CRITICAL
    assert found.headline.endswith("3004 values differ")


def test_long_names_and_values_are_bounded_too():
    long = {("n" * 900) + str(n): ["v" * 199] * 10 for n in range(500)}
    found = diff_runs(an_artifact(), an_artifact(meta=long))
    assert found.truncated
    assert 1_000_000 < len(found.model_dump_json()) < 1_200_000


def test_two_long_programs_with_nothing_in_common_are_compared_in_bounded_lines():
    shown = unified("a\nb\n" * 50_000, "b\na\nc\n" * 30_000, 60_000)
    assert shown.truncated
    assert shown.text.count("\n") <= 2 * MAX_LINES + 100
