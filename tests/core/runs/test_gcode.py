"""G-code, read and held against the cuts that were evaluated."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rmos.runs.gcode import Kind, Unreadable, read_gcode
from rmos.runs.gcode_check import EvaluatedCut, NotChecked, check_gcode

CUT = EvaluatedCut(spindle_rpm=18_000, feed_mm_per_min=1_500, plunge_mm_per_min=500, lowest_z_mm=-1.2)
GOOD = """%
(channel, 1/8 in two-flute)
G21 G90 G17 G94
M3 S18000
G0 Z5
G0 X44.5 Y0
G1 Z-0.6 F500 ; plunge
G3 X44.5 Y0 I-44.5 J0 F1500
N80 G1 Z-1.2 F500
G3 I-44.5 F1500
G0 Z5
M5
M30
%
(end)
"""


def lines(result):
    return [difference.line for difference in result]


def test_a_program_that_keeps_to_its_cut_differs_nowhere():
    assert check_gcode(GOOD, [CUT]) == []


def test_each_move_is_followed_with_its_modal_state():
    moves = read_gcode(GOOD)
    assert [(move.line, move.kind, move.z_mm) for move in moves] == [
        (5, Kind.RAPID, 5.0),
        (6, Kind.RAPID, 5.0),
        (7, Kind.DOWN, -0.6),
        (8, Kind.ACROSS, -0.6),
        (9, Kind.DOWN, -1.2),
        (10, Kind.ACROSS, -1.2),
        (11, Kind.RAPID, 5.0),
    ]
    assert [move.feed_mm_per_min for move in moves if move.kind is not Kind.RAPID] == [500, 1500, 500, 1500]
    assert {move.spindle_rpm for move in moves if move.kind is not Kind.RAPID} == {18_000}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("S18000", "S24000", 7, "24000 rpm"),
        ("J0 F1500", "J0 F2000", 8, "2000 mm/min"),
        ("J0 F1500", "J0 F300", 8, "300 mm/min"),
        ("Z-0.6 F500", "Z-0.6 F900", 7, "up to 500"),
        ("G1 Z-1.2", "G1 Z-1.3", 9, "Z -1.3 mm"),
    ],
)
def test_a_line_outside_what_was_evaluated_is_named(old, new, line, words):
    result = check_gcode(GOOD.replace(old, new), [CUT])
    assert lines(result)[0] == line
    assert words in result[0].detail


def test_a_rapid_below_the_lowest_depth_is_named():
    assert lines(check_gcode(GOOD.replace("G0 Z5\nM5", "G0 Z-8\nM5"), [CUT])) == [11]


def test_a_rapid_into_wood_that_nothing_has_cut_is_named():
    assert lines(check_gcode(GOOD.replace("G0 X44.5 Y0", "G0 X44.5 Y0 Z-0.5"), [CUT])) == [6]
    (second,) = check_gcode(GOOD.replace("N80 G1 Z-1.2 F500", "N80 G0 Z-0.9\nG1 Z-1.2 F500"), [CUT])
    assert (second.line, "Z -0.9 mm" in second.detail, "lowest cut before it: -0.6 mm" in second.detail) == (
        9,
        True,
        True,
    )
    back = GOOD.replace("N80 G1 Z-1.2 F500", "G0 Z5\nG0 X44.5\nG0 Z-0.6\nG1 Z-1.2 F500")
    assert check_gcode(back, [CUT]) == []
    assert check_gcode(GOOD.replace("G0 X44.5 Y0", "G0 X44.5 Y0 Z0"), [CUT]) == []


def test_a_preamble_that_cancels_everything_on_one_line_is_read():
    assert check_gcode(GOOD.replace("G21 G90 G17 G94", "G0 G17 G21 G40 G49 G54 G80 G90 G94"), [CUT]) == []
    assert check_gcode(GOOD.replace("G1 Z-0.6", "G80\nG1 Z-0.6"), [CUT]) == []


def test_one_percent_and_a_hundredth_of_a_millimetre_are_rounding():
    near = GOOD.replace("S18000", "S18100").replace("I-44.5 J0 F1500", "I-44.5 J0 F1514").replace("Z-1.2", "Z-1.209")
    assert check_gcode(near, [CUT]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("S18000", "S18190"),
        ("S18000", "S17810"),
        ("J0 F1500", "J0 F1516"),
        ("J0 F1500", "J0 F1484"),
        ("-1.2 ", "-1.211 "),
    ],
)
def test_what_is_more_is_no_rounding(old, new):
    assert check_gcode(GOOD.replace(old, new), [CUT]) != []


def test_each_cut_may_go_as_deep_as_it_was_evaluated_and_no_deeper():
    deep = EvaluatedCut(4_000, 1_500, 500, -25)
    assert check_gcode(GOOD.replace("S18000", "S4000").replace("Z-1.2", "Z-24"), [CUT, deep]) == []
    assert lines(check_gcode(GOOD.replace("Z-1.2", "Z-24"), [CUT, deep])) == [9, 10]


def test_inches_and_relative_moves_mean_the_same():
    inch = GOOD.replace("G21", "G20").replace("F1500", "F59.055").replace("F500", "F19.685")
    inch = inch.replace("Z-0.6", "Z-0.02362").replace("Z-1.2", "Z-0.04724").replace("Z5", "Z0.2")
    assert check_gcode(inch, [CUT]) == []
    relative = GOOD.replace("G1 Z-0.6", "G91 G1 Z-5.6").replace("G1 Z-1.2", "G1 Z-0.6")
    relative = relative.replace("G3 X44.5 Y0 I", "G3 I").replace("G0 Z5\nM5", "G0 Z6.2\nM5")
    assert [move.z_mm for move in read_gcode(relative)] == pytest.approx([5, 5, -0.6, -0.6, -1.2, -1.2, 5])


def test_a_ramp_may_be_slower_than_the_cut_and_not_faster():
    ramp = GOOD.replace("G1 Z-0.6 F500", "G1 X40 Z-0.6 F{}")
    assert check_gcode(ramp.format(800), [CUT]) == []
    assert lines(check_gcode(ramp.format(1_600), [CUT])) == [7]


def test_a_program_of_several_cuts_may_use_each_with_its_own_figures():
    rough = EvaluatedCut(16_000, 2_400, 600, -1.2)
    program = GOOD.replace("G0 Z5\nM5", "S16000\nG1 X0 F2400\nG0 Z5\nM5")
    assert check_gcode(program, [CUT, rough]) == []
    assert lines(check_gcode(program, [CUT])) == [12]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#100=5", "cannot read"),
        ("G1 X[1+2]", "cannot read"),
        ("O100 sub", "cannot read"),
        ("G92 Z0", "G92"),
        ("G10 L2 P1 Z3", "not followed"),
        ("G81 Z-3 R1 F100", "G81"),
        ("G18", "G18"),
        ("G93", "G93"),
        ("G55", "G55"),
        ("M98 P100", "M98"),
        ("M4", "M4 is not followed"),
        ("G1 A90", "A"),
        ("G53 G0 Z-5", "machine's coordinates"),
        ("G1 X1e3", "word E"),
        ("\u202e", "cannot read"),
        ("G1 Z-\u0661", "cannot read"),
        ("\u017f24000", "cannot read"),
        ("(open comment", "cannot read"),
        ("/G0 Z9", "may be skipped"),
        ("G0 Z-9 Z5", "Z stands twice"),
        ("S24000 S18000", "S stands twice"),
        ("G1 G0 X1", "G0 and G1"),
        ("G20 G21", "G20 and G21"),
        ("G91 G90", "G90 and G91"),
        ("G4 P1 G1 Z-9 F500", "dwell"),
        ("G4 X5", "dwell"),
    ],
)
def test_what_cannot_be_followed_is_not_checked_with_its_line(line, reason):
    result = check_gcode(GOOD.replace("G0 X44.5 Y0", line), [CUT])
    assert isinstance(result, NotChecked)
    assert (result.line, reason in result.reason) == (6, True)


@pytest.mark.parametrize(
    ("program", "line", "reason"),
    [
        ("M3 S18000\nG1 X1 Z-1 F500", 2, "G20 or G21"),
        ("G21\nM3 S18000\nX1", 3, "before any of G0 to G3"),
        ("G21 M3 S18000\nG1 X1 Z-1", 2, "before a feed"),
        ("G21 S18000\nG1 X1 Z-1 F500", 2, "spindle"),
        ("G21 M3 S18000\nG91 G1 Z-1 F500", 2, "never told"),
        ("G21 M3 S18000 F500\nG1 X1", 2, "never told"),
        ("G21 M3 S18000 F500\nG1 X1 Z3", None, "below Z 0"),
        ("", None, "no cutting move"),
        ("G0 X1\n", 1, "G20 or G21"),
        ("G21 M3 S18000 F500\nG20\nG1 Z-0.01", 3, "before a feed"),
        ("M3 S18000 F500\nG21\nG1 Z-1", 3, "before a feed"),
        ("G21 M3 S18000\nG1 Z-1 F500\nG80\nX5", 4, "before any of G0 to G3"),
        ("G21 M3 S18000\nG1 Z-1 F500\nG49\nX5 F1500", 4, "never told"),
        ("G21 M3 S18000\nG1 Z-1 F500\nM30\nG1 Z-9", 4, "after the end"),
        ("G21 M3 S18000\nG1 Z-1 F500\nM2 (end)\n\n;x\nM3", 6, "after the end"),
    ],
)
def test_a_program_that_leaves_something_open_is_not_checked(program, line, reason):
    result = check_gcode(program, [CUT])
    assert isinstance(result, NotChecked)
    assert result.line == line
    assert reason in result.reason


def test_the_number_of_named_lines_is_bounded():
    program = GOOD.replace("M5", "G1 X0 F9000\n" * 200 + "M5")
    assert len(check_gcode(program, [CUT])) == 50


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    with contextlib.suppress(Unreadable):
        assert all(move.line >= 1 for move in read_gcode(text))


@given(st.lists(st.sampled_from(["G1 X1", "G0 Z5", "G1 Z-0.6 F500", "G2 I4 F1500", "G4 P1", "(note)", "M5", "M3"])))
def test_no_program_is_passed_with_a_move_outside_its_cut(body):
    program = "G21 G90\nM3 S18000\nG0 Z5\n" + "\n".join(body) + "\nG1 Z-9 F500\n"
    result = check_gcode(program, [CUT])
    assert isinstance(result, NotChecked) or result != []
