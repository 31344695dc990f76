import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rmos.design.units import DisplayUnits
from rmos.identity import Role
from rmos.runs import repository
from rmos.runs.models import Decision, Origin, RunStatus
from runs.sheet import service
from runs.sheet.models import Tone
from runs.sheet.rules.contents import sheet_of
from runs.sheet.rules.html import Markup, tag
from runs.sheet.rules.page import page_of
from runs.sheet.rules.quantities import feed, length

from tests.support.rosettes import changed
from tests.support.run_artifacts import an_artifact

HOSTILE = "</title><script>alert(1)</script>\" onload='x' <!-- \u202e &amp; ]]>"
VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, its text, and whether every element is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.names, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def sheet(operator, body, **fields):
    answer = operator.post("/api/runs", json=body | fields)
    run_id = answer.json()["run_id"]
    answer = operator.get(f"/api/runs/{run_id}/sheet")
    assert answer.status_code == 200, answer.text
    return run_id, answer


def test_a_green_run_has_all_that_the_bench_needs(operator, green):
    run_id, answer = sheet(operator, green, label="No. 14", notes="masking tape")
    text = Page(answer.text).text
    run = operator.get(f"/api/runs/{run_id}").json()
    assert text.startswith(f"MAY BE CUT: No. 14 ({run_id})")
    for words in (
        "GREEN", run_id, run["artifact_sha256"], "masking tape", "Sitka spruce", "the operator",
        "Stickout, collet to tip 14 mm 0.5512 in", "Diameter 3.175 mm 0.125 in", "1/8 in two-flute", "18000 rpm",
        "1500 mm/min 59.1 in/min", "Pass Z to done 1 -0.6 mm -0.0236 in ☐ 2 -1.2 mm -0.0472 in ☐",
        "2 East Indian rosewood solid, segmented, 12 segments, kerf 0.4 mm 11.8 mm (0.4646 in) 93.2 mm",
        "workholding: whether", "Dalbergia is in Appendix II", "Z zero set on the top",
        "True to scale when printed at 100 %",
    ):  # fmt: skip
        assert words in text, words
    assert "DO NOT CUT" not in text


@pytest.mark.parametrize("which", ["red", "unknown"])
def test_what_may_not_be_cut_says_so_on_every_page_and_asks_for_no_signature(operator, request, which):
    _, answer = sheet(operator, request.getfixturevalue(which))
    page = Page(answer.text)
    assert page.text.count("DO NOT CUT") == 3
    assert "☐" not in page.text
    assert "Cut by" not in page.text
    assert ("class", "stop") in page.attributes
    assert ("RED" if which == "red" else "Missing: tool.stickout_mm") in page.text


def test_a_program_that_differs_is_named_with_its_lines(operator, green):
    program = "G21 G90\nM3 S24000\nG0 Z5\nG1 Z-0.6 F500\n"
    _, answer = sheet(operator, green, outputs={"gcode_text": program})
    text = Page(answer.text).text
    assert "DO NOT CUT PROGRAM DIFFERS" in text
    assert "Line 4: spindle at 24000 rpm; evaluated: 18000 rpm" in text


def test_what_is_assumed_has_to_be_measured_and_inches_come_first_where_asked(operator, green):
    body = changed(green, cuts__0__plunge_mm_per_min=..., display_units="INCH")
    body["context"]["display_units"] = "INCH"
    body["design"].pop("display_units", None)
    text = Page(sheet(operator, body)[1].text).text
    assert "CUT WITH CARE" in text
    assert "cut.plunge_mm_per_min = 20.67 ipm (NOT confirmed: measure it)" in text
    assert "0.5512 in 14 mm" in text


def test_a_warning_that_stands_beside_its_cut_is_not_told_twice(operator, green):
    body = changed(green, cuts__0__tool__edge=...)
    run_id, answer = sheet(operator, body)
    assessments = operator.get(f"/api/runs/{run_id}").json()["feasibility"]["cuts"][0]["assessments"]
    yellow = [each["why"] for each in assessments if each["risk_level"] == "YELLOW"]
    assert yellow
    text = Page(answer.text).text
    assert [text.count(why) for why in yellow] == [1] * len(yellow)


def test_a_page_runs_nothing_loads_nothing_and_stands_alone(operator, green):
    _, answer = sheet(operator, green)
    page = Page(answer.text)
    assert {"script", "link", "img", "iframe", "object", "form", "a", "base"}.isdisjoint(page.names)
    references = [value for name, value in page.attributes if name in {"href", "src", "style", "xlink:href"}]
    assert references == []
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "url(http" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "sandbox" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert dict(page.attributes)["charset"] == "utf-8"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_an_unchanged_sheet_is_not_sent_again(operator, green, as_role):
    run_id, answer = sheet(operator, green)
    viewer = as_role(Role.VIEWER)
    again = viewer.get(f"/api/runs/{run_id}/sheet", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert viewer.get("/api/runs/run_0/sheet").status_code == 404


def test_the_plan_is_drawn_at_its_true_size(operator, green):
    _, answer = sheet(operator, green)
    width, box = re.search(r'<svg[^>]* width="([\d.]+)mm"[^>]* viewBox="([^"]+)"', answer.text).groups()
    assert float(width) == float(box.split()[2]) < 184
    wide = changed(green, outer_diameter_mm=220)
    assert "not 1 : 1" in sheet(operator, wide)[1].text


def test_texts_of_a_run_are_no_markup(operator, green):
    body = changed(green, label=HOSTILE, cuts__0__name=HOSTILE, cuts__0__tool__label=HOSTILE)
    body["design"]["rings"][0] |= {"material": {"class": "WOOD", "label": HOSTILE, "density_kg_per_m3": 700}}
    del body["design"]["rings"][0]["material_id"]
    _, answer = sheet(operator, body, notes=HOSTILE)
    page = Page(answer.text)
    assert "script" not in page.names
    assert "onload" not in dict(page.attributes)
    assert "\u202e" not in answer.text
    assert "<script>alert(1)</script>" in page.text


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_reads_as_itself_and_opens_no_element(text):
    written = tag("p", text, title=text)
    page = Page(written)
    assert page.names == ["p"]
    assert Page(tag("p", "a", tag("b", "c"))).names == ["p", "b"]
    ET.fromstring(written.encode())
    assert isinstance(written, Markup)


scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cuts", "rings", "tool", "passes", "assessments", "estimates", "label", "width_mm", "index"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
objects = st.dictionaries(
    st.sampled_from(
        ["cuts", "rings", "materials", "machine", "hazards", "not_checked", "reasons", "inner_diameter_mm"]
    ),
    anything,
    max_size=5,
)


@settings(max_examples=60)
@example({}, {"cuts": [{}]}, {"cuts": [{"index": []}, {"index": {}}]})
@given(objects, objects, objects)
def test_a_run_of_any_form_has_a_sheet(design, context, feasibility):
    run = an_artifact(design=design, context=context, feasibility=feasibility, origin=Origin.IMPORTED)
    assert run.run_id in Page(page_of(sheet_of(run, None))).text


def test_a_run_that_was_imported_without_its_input_has_one_too(stores):
    run = an_artifact(
        design=None,
        context=None,
        status=RunStatus.BLOCKED,
        decision=Decision(risk_level="UNKNOWN", score=None, block_reason="imported as blocked"),
        feasibility={},
    )
    stores.records.commit([repository.create(run)])
    page, _ = service.sheet_page(stores.records, run.run_id)
    assert "imported as blocked" in page
    assert "DO NOT CUT" in page


def test_many_passes_stand_in_columns_and_too_many_are_counted():
    estimates = {"passes": [-0.05 * number for number in range(1, 101)]}
    result = {"cuts": [{"index": 0, "risk_level": "GREEN", "estimates": estimates, "assessments": []}]}
    run = an_artifact(feasibility=result, context={"cuts": [{"target": "CHANNEL"}]})
    text = Page(page_of(sheet_of(run, None))).text
    assert "and 40 more passes, the last to Z -5 mm (-0.1969 in)" in text
    assert sheet_of(run, None).verdict.tone is Tone.GO


def test_the_same_run_gives_the_same_page(stores, green, operator):
    run_id = operator.post("/api/runs", json=green).json()["run_id"]
    assert service.sheet_page(stores.records, run_id) == service.sheet_page(stores.records, run_id)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.175, ("3.175 mm", "0.125 in")),
        (-0.6, ("-0.6 mm", "-0.0236 in")),
        (100, ("100 mm", "3.937 in")),
        (0.0001, ("0 mm", "0 in")),
        (None, ("not given", "")),
        (True, ("not given", "")),
    ],
)
def test_lengths_are_written_in_both_units(value, shown):
    assert length(value, DisplayUnits.MM) == shown
    assert length(value, DisplayUnits.INCH) == (shown[::-1] if shown[1] else shown)
    assert feed(1500, DisplayUnits.INCH) == ("59.1 in/min", "1500 mm/min")
    assert json.dumps(shown)
