"""A run sheet as one HTML page for A4: nothing in it runs, nothing is loaded, and every text is escaped."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Final

from runs.sheet.models import CutSheet, Fact, Finding, Pass, Picture, RingRow, Sheet, Tone
from runs.sheet.rules.html import Markup, joined, tag

_STYLE: Final = Markup(resources.files("runs.sheet.rules").joinpath("page.css").read_text(encoding="utf-8"))
_STYLE_SHA256: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_IN_PAGE: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_SHA256}'; base-uri 'none'; form-action 'none'"

CONTENT_SECURITY_POLICY: Final = f"{_IN_PAGE}; frame-ancestors 'none'; sandbox"
"""The page carries the part of it that a page can say of itself too, for when it is opened from a file."""

_SIGNED: Final = ("Bit and stickout measured", "Z zero set on the top", "Work held", "Cut by", "Date")
_GREEN: Final = "GREEN"
_PASSES_IN_A_COLUMN: Final = 10
_PASSES_SHOWN: Final = 60


def page_of(sheet: Sheet) -> str:
    """Return the page; the same sheet gives the same bytes."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_IN_PAGE),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{sheet.verdict.words}: {sheet.title} ({sheet.run_id})"),
        tag("style", _STYLE),
    )
    # A table's head and foot are what browsers repeat on every printed page.
    body = tag(
        "table",
        tag("thead", tag("tr", tag("td", _page_head(sheet)))),
        tag("tfoot", tag("tr", tag("td", _page_foot(sheet)))),
        tag("tbody", tag("tr", tag("td", _main(sheet)))),
        class_="pages",
        role="presentation",
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', body, class_=sheet.verdict.tone.value), lang='en')}\n"


def _page_head(sheet: Sheet) -> Markup:
    return tag(
        "div",
        tag("span", sheet.verdict.words, class_="stamp"),
        tag("span", sheet.verdict.colour, class_="colour"),
        tag("span", sheet.title, class_="title"),
        class_="running",
    )


def _page_foot(sheet: Sheet) -> Markup:
    return tag(
        "div",
        tag("div", tag("b", "Run "), sheet.run_id),
        tag("div", tag("b", "SHA-256 "), sheet.artifact_sha256),
        class_="foot",
    )


def _main(sheet: Sheet) -> Markup:
    parts = [
        _verdict(sheet),
        tag("div", _facts("Rosette", sheet.rosette), _facts("Record", (*sheet.record, *sheet.machine)), class_="two"),
        *(_cut(cut, sheet.verdict.tone) for cut in sheet.cuts),
        _listed("Warnings", sheet.warnings, "warn"),
        _listed("Assumed, not given", sheet.assumed, "warn"),
        _rings(sheet.rings),
        _listed("Not checked by anybody yet: tick when you have", sheet.not_checked, "tick"),
        _listed("Dust, skin and trade law", sheet.hazards, "plain"),
        _signatures(sheet.verdict.tone),
        _picture(sheet.picture),
    ]
    return joined(parts)


def _verdict(sheet: Sheet) -> Markup:
    reasons = tag("ul", [tag("li", reason) for reason in sheet.verdict.reasons])
    if sheet.verdict.tone is Tone.STOP:
        return tag("section", tag("p", sheet.verdict.words, class_="stop-words"), reasons, class_="verdict")
    return tag("section", reasons, class_="verdict")


def _facts(title: str, facts: Sequence[Fact]) -> Markup:
    if not facts:
        return Markup()
    return tag("section", tag("h2", title), _fact_table(facts))


def _fact_table(facts: Sequence[Fact]) -> Markup:
    return tag("table", [_fact_row(fact) for fact in facts], class_="facts")


def _fact_row(fact: Fact) -> Markup:
    name = tag("th", fact.name, scope="row")
    kind = {"class_": "vital"} if fact.is_vital else {}
    if fact.other:
        return tag("tr", name, tag("td", fact.value, class_="number"), tag("td", fact.other, class_="number"), **kind)
    return tag("tr", name, tag("td", fact.value, colspan="2"), **kind)


def _cut(cut: CutSheet, tone: Tone) -> Markup:
    return tag(
        "section",
        tag("h2", cut.title, " ", tag("span", cut.verdict, class_=f"chip {cut.verdict.lower()}")),
        tag(
            "div",
            _fact_table(cut.tool),
            _fact_table(cut.settings),
            _passes(cut.passes, tone) if len(cut.passes) <= _PASSES_IN_A_COLUMN else Markup(),
            class_="three",
        ),
        _passes(cut.passes, tone) if len(cut.passes) > _PASSES_IN_A_COLUMN else Markup(),
        _findings(cut.findings),
        class_="cut",
    )


def _passes(passes: Sequence[Pass], tone: Tone) -> Markup:
    if not passes:
        return tag("p", "No depths: see what is missing.")
    shown = passes[:_PASSES_SHOWN]
    columns = [shown[start : start + _PASSES_IN_A_COLUMN] for start in range(0, len(shown), _PASSES_IN_A_COLUMN)]
    parts = [tag("div", [_pass_column(column, tone) for column in columns], class_="columns")]
    if len(passes) > len(shown):
        last = passes[-1]
        parts.append(tag("p", f"and {len(passes) - len(shown)} more passes, the last to Z {last.z} ({last.other})"))
    return tag("div", parts)


def _pass_column(passes: Sequence[Pass], tone: Tone) -> Markup:
    done, box = ("done", "\N{BALLOT BOX}") if tone is not Tone.STOP else ("", "")
    head = tag("tr", tag("th", "Pass"), tag("th", "Z to", colspan="2"), tag("th", done))
    rows = [
        tag(
            "tr",
            tag("th", str(each.number), scope="row"),
            tag("td", each.z, class_="number"),
            tag("td", each.other, class_="number"),
            tag("td", box, class_="box"),
        )
        for each in passes
    ]
    return tag("table", tag("thead", head), tag("tbody", rows), class_="passes")


def _findings(findings: Sequence[Finding]) -> Markup:
    if not findings:
        return Markup()
    careful = [finding for finding in findings if finding.colour != _GREEN]
    green = [f"{finding.category} {finding.value}".strip() for finding in findings if finding.colour == _GREEN]
    rows = [
        tag(
            "tr",
            tag("th", finding.category, scope="row"),
            tag("td", tag("span", finding.colour, class_=f"chip {finding.colour.lower()}")),
            tag("td", finding.why),
        )
        for finding in careful
    ]
    table = tag("table", rows, class_="findings") if rows else Markup()
    line = (
        tag("p", tag("span", _GREEN, class_="chip green"), " ", ", ".join(green), class_="greens")
        if green
        else Markup()
    )
    return joined([table, line])


def _rings(rings: Sequence[RingRow]) -> Markup:
    if not rings:
        return Markup()
    names = ("Ring", "Material", "Made as", "Width", "Inner \N{DIAMETER SIGN}", "Outer \N{DIAMETER SIGN}")
    rows = [
        tag(
            "tr",
            tag("th", ring.number, scope="row"),
            *(tag("td", value) for value in (ring.material, ring.making)),
            *(tag("td", value, class_="number") for value in (ring.width, ring.inner, ring.outer)),
        )
        for ring in rings
    ]
    head = tag("thead", tag("tr", [tag("th", name) for name in names]))
    title = "Rings from the soundhole out"
    return tag("section", tag("h2", title), tag("table", head, tag("tbody", rows), class_="rings"))


def _picture(picture: Picture | None) -> Markup:
    if picture is None:
        return Markup()
    return tag("section", Markup(picture.svg), tag("p", picture.caption), class_="picture")


def _listed(title: str, lines: Sequence[str], kind: str) -> Markup:
    if not lines:
        return Markup()
    return tag("section", tag("h2", title), tag("ul", [tag("li", line) for line in lines], class_=kind))


def _signatures(tone: Tone) -> Markup:
    if tone is Tone.STOP:
        return Markup()
    return tag("section", [tag("div", name) for name in _SIGNED], class_="signed")
