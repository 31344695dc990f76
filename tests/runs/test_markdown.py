import re

from hypothesis import given
from hypothesis import strategies as st
from rmos.feasibility.models import RiskLevel
from rmos.runs.models import Outputs, RunStatus
from runs.models import Severity
from runs.rules import markdown
from runs.rules.diff import MAX_RULES_MOVED, diff_runs
from runs.rules.markdown import cell, diff_as_markdown
from runs.rules.moved import rules_moved

from tests.support.run_artifacts import an_artifact, assessment, feasibility

HOSTILE = "| x |\n|---|\n<img src=x onerror=alert(1)> [a](javascript:b) `c` **d** @all \u202e\u2028 ![i](j)"


def columns(line):
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) - 1


def tables(text):
    return [block for block in text.split("\n\n") if block.startswith("|")]


def test_a_diff_reads_as_tables_of_runs_rules_and_values():
    limits = {"limit_green": 10, "limit_yellow": 20.5}
    a = an_artifact(feasibility=feasibility(assessment("deflection", value=2.0123, **limits)), label="a")
    b = an_artifact(
        RiskLevel.RED,
        RunStatus.BLOCKED,
        feasibility=feasibility(assessment("deflection", "RED", value=65.8, **limits), risk_level="RED"),
        label="b",
    )
    text = diff_as_markdown(diff_runs(a, b))
    sides, rules, values = tables(text)
    assert text.startswith("**CRITICAL**: status OK → BLOCKED; risk GREEN → RED; deflection GREEN → RED in cut 1")
    assert f"| run | {a.run_id.replace('_', chr(92) + '_')} |" in sides
    assert "| status | OK | BLOCKED |" in sides
    assert "1 (channel) | GREEN 2.012 mm (limits 10, 20.5) | RED 65.8 mm (limits 10, 20.5) |" in rules
    assert "| CRITICAL | `/status` | OK | BLOCKED |" in values


def test_equal_runs_have_no_tables_of_differences():
    run = an_artifact()
    text = diff_as_markdown(diff_runs(run, run))
    assert text.startswith("**NONE**: the two runs agree in everything")
    assert len(tables(text)) == 1


def test_a_text_shows_line_by_line_without_anything_that_turns_or_hides_it():
    a, b = (an_artifact(outputs=Outputs(gcode_text="(x)\n" * 100 + last)) for last in ("G1\tX1", "G1\tX2 (\u202e)\r"))
    text = diff_as_markdown(diff_runs(a, b))
    assert "\n-G1\tX1\n+G1\tX2 (\ufffd)\ufffd\n```" in text


def test_what_stands_in_a_run_is_no_markup():
    a, b = an_artifact(notes="plain", meta={HOSTILE: 1}), an_artifact(notes=HOSTILE)
    text = diff_as_markdown(diff_runs(a, b))
    assert "<" not in text
    assert re.search(r"(?<!\\)\]\(", text) is None
    assert "@" not in text
    assert "\u202e" not in text
    for table in tables(text):
        assert len({columns(line) for line in table.splitlines()}) == 1, table


@given(st.text())
def test_any_text_stays_in_its_cell(text):
    line = f"| {cell(text)} | next |"
    assert line.splitlines() == [line]
    assert columns(line) == 2
    assert "<" not in line


def test_a_program_is_shown_line_by_line_in_a_fence_that_it_cannot_close():
    lines = [f"G1 X{number}" for number in range(60)]
    a = an_artifact(outputs=Outputs(gcode_text="\n".join(lines)))
    b = an_artifact(outputs=Outputs(gcode_text="\n".join([*lines[:30], "(````)", *lines[31:]])))
    text = diff_as_markdown(diff_runs(a, b))
    assert "\n`````diff\n@@" in text
    assert "-G1 X30\n+(````)\n" in text
    assert text.endswith("\n`````\n")


def test_a_long_table_is_cut_and_says_so():
    many = {str(number): number for number in range(markdown.MAX_ROWS + 1)}
    text = diff_as_markdown(diff_runs(an_artifact(meta={}), an_artifact(meta=many)))
    assert len(tables(text)[-1].splitlines()) == markdown.MAX_ROWS + 2
    assert "Not all differences are shown" in text


def with_yield(risk_level, value):
    result = feasibility() | {"yield": assessment("bom_efficiency", risk_level, value=value, limit_yellow=40)}
    return an_artifact(feasibility=result)


def test_the_yield_moves_like_a_rule_of_no_cut():
    found = diff_runs(with_yield("GREEN", 70), with_yield("RED", 30))
    (moved,) = found.rules_moved
    assert (moved.cut, moved.cut_name, moved.category, moved.b.risk_level) == (None, None, "bom_efficiency", "RED")
    assert "bom_efficiency GREEN → RED, 70 → 30 mm; " in found.headline
    assert "| whole rosette | GREEN 70 mm" in diff_as_markdown(found)
    assert rules_moved(with_yield("GREEN", 70), with_yield("GREEN", 60)) == ()


def test_a_yield_that_one_side_lacks_moved_unless_it_is_green():
    assert rules_moved(an_artifact(), with_yield("GREEN", 70)) == ()
    (moved,) = rules_moved(with_yield("YELLOW", 50), an_artifact())
    assert (moved.a.risk_level, moved.b) == ("YELLOW", None)


def test_the_gravest_rule_comes_first_and_the_yield_after_the_cuts():
    a = an_artifact(feasibility=feasibility(assessment("heat"), assessment("power")))
    result = feasibility(assessment("heat", "YELLOW"), assessment("power", "RED"))
    b = an_artifact(feasibility=result | {"yield": assessment("bom_efficiency", "RED")})
    assert [rule.category for rule in rules_moved(a, b)] == ["power", "bom_efficiency", "heat"]


def test_the_number_of_rules_is_bounded():
    many = [assessment(f"c{number}", "RED") for number in range(MAX_RULES_MOVED + 1)]
    found = diff_runs(an_artifact(), an_artifact(feasibility=feasibility(*many)))
    assert (len(found.rules_moved), found.truncated, found.severity) == (MAX_RULES_MOVED, True, Severity.CRITICAL)
