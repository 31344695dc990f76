"""The engine `rules_v1`: says in plain words what an evaluation found. The same run gives the same text."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue
from rmos.design.numbering import cut_name
from rmos.design.units import SIGNS
from rmos.runs.models import JsonObject, RunArtifact, RunStatus

from runs.rules.markdown import visible
from runs.rules.parts import is_number, items, member, objects

ENGINE_ID: Final = "rules_v1"
ENGINE_VERSION: Final = "1.0.1"

_MEANING: Final = {
    "GREEN": "It can be cut: every limit is kept.",
    "YELLOW": "It can be cut with care: a limit is near or a little passed.",
    "RED": "It may not be cut as it is: a limit is passed.",
    "UNKNOWN": "It may not be cut: something that the verdict needs is not known.",
    "ERROR": "It may not be cut: the engine could not judge it.",
}
_STATUS: Final = {
    RunStatus.OK: "recorded as OK",
    RunStatus.BLOCKED: "recorded as BLOCKED",
    RunStatus.ERROR: "recorded as an ERROR",
}
_GRAVEST_FIRST: Final = ("ERROR", "RED", "UNKNOWN", "YELLOW")
_MARKUP = re.compile(r"([\\`*\[\]<>|&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def explain(artifact: RunArtifact) -> str:
    """Return the explanation as Markdown: verdict, what binds, what to change, each cut, what was not checked, sources.

    Every word comes from the artifact. What a person named is written so that it is read as text, never as markup.
    """
    found = artifact.feasibility
    sections = [
        _verdict(artifact),
        _section("What binds", _binding(found)),
        _section("What to change", _changes(found)),
        _section("What is missing", _missing(found)),
        _section("What was assumed", _assumed(found)),
        *_cuts(found),
        _section("Material", _material(found)),
        _section("Take care", _hazards(found)),
        _section("What was not checked", [f"- {_text(each)}" for each in items(found.get("not_checked"))]),
        _section("Where the limits come from", _sources(found)),
    ]
    return "\n".join(section for section in sections if section)


def _verdict(artifact: RunArtifact) -> str:
    decision = artifact.decision
    level = decision.risk_level.value
    score = "" if decision.score is None else f", score {_number(decision.score)} of 100"
    engine = " ".join(_text(each) for each in (artifact.engine_id, artifact.engine_version) if each)
    lines = [
        f"# {_text(artifact.label or artifact.run_id)}: {level}",
        "",
        f"{_MEANING.get(level, '')} The verdict is {level}{score}; the attempt is {_STATUS[artifact.status]}.",
    ]
    if decision.block_reason:
        lines += ["", f"Why it is blocked: {_text(decision.block_reason)}"]
    lines += ["", f"Judged by {engine or 'an unnamed engine'}, run `{artifact.run_id}`.", ""]
    return "\n".join(lines)


def _binding(found: JsonObject) -> list[str]:
    """Name the assessment that decides, with its number beside its limits."""
    reasons = [f"- {_text(reason)}" for reason in items(found.get("reasons"))]
    binding = found.get("binding")
    if not isinstance(binding, dict):
        return reasons
    for cut in objects(found.get("cuts")):
        for each in objects(cut.get("assessments")):
            if cut.get("index") == binding.get("cut") and each.get("category") == binding.get("category"):
                return [f"{_name_of(cut)}, {_text(each.get('category'))}: {_figures(each)}", "", _text(each.get("why"))]
    material = found.get("yield")
    if isinstance(material, dict) and material.get("category") == binding.get("category"):
        return [f"Material: {_figures(material)}", "", _text(material.get("why"))]
    return reasons


def _changes(found: JsonObject) -> list[str]:
    """Return what helps where a limit is passed, the gravest first, each thing once for its cut."""
    told: dict[str, None] = {}
    for level in _GRAVEST_FIRST:
        for where, each in _assessments(found):
            if each.get("risk_level") == level:
                for hint in items(member(each, "details").get("hints")):
                    told[f"- {where} ({level}, {_text(each.get('category'))}): {_text(hint)}."] = None
    return list(told)


def _missing(found: JsonObject) -> list[str]:
    return [
        f"- `{_code(each.get('pointer'))}`: without it nothing can be said of {_listed(each)}."
        for each in objects(found.get("missing_inputs"))
    ]


def _assumed(found: JsonObject) -> list[str]:
    return [
        f"- {_text(each.get('field'))} = {_quantity(each.get('value'), each.get('unit'))} (for {_listed(each)}); "
        + ("confirmed." if each.get("confirmed") else "not confirmed, so at best YELLOW.")
        for each in objects(found.get("assumed_defaults"))
    ]


def _cuts(found: JsonObject) -> Iterator[str]:
    for cut in objects(found.get("cuts")):
        lines = [
            f"- **{_text(each.get('category'))}: {_text(each.get('risk_level'))}.** {_text(each.get('why'))} "
            f"({_figures(each)}; rules {_rules(each)})"
            for each in objects(cut.get("assessments"))
        ]
        yield _section(f"{_name_of(cut)}: {_text(cut.get('risk_level'))}", lines)


def _rules(each: JsonObject) -> str:
    return ", ".join(f"`{_code(rule_id)}`" for rule_id in items(each.get("rule_ids"))) or "none"


def _material(found: JsonObject) -> list[str]:
    material = found.get("yield")
    if not isinstance(material, dict):
        return []
    return [f"{_text(material.get('risk_level'))}. {_text(material.get('why'))} ({_figures(material)})"]


def _hazards(found: JsonObject) -> list[str]:
    return list(dict.fromkeys(f"- {_text(each.get('text'))}" for each in objects(found.get("hazards"))))


def _sources(found: JsonObject) -> list[str]:
    sources = {_text(source): None for _, each in _assessments(found) for source in items(each.get("sources"))}
    return [f"- {source}" for source in sources]


def _assessments(found: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for cut in objects(found.get("cuts")):
        for each in objects(cut.get("assessments")):
            yield _name_of(cut), each
    material = found.get("yield")
    if isinstance(material, dict):
        yield "Material", material


def _figures(each: JsonObject) -> str:
    """Return a value beside its limits, with units; what cannot be measured says so."""
    unit = each.get("unit")
    value = each.get("value")
    measured = "not measured" if value is None else _quantity(value, unit)
    green, yellow = each.get("limit_green"), each.get("limit_yellow")
    if green is None or yellow is None:
        return measured
    margin = each.get("margin_pct")
    room = "" if margin is None else f", margin {_number(margin)} %"
    return f"{measured}; GREEN {_limit(each, green)}, YELLOW {_limit(each, yellow)}{room}"


def _limit(each: JsonObject, limit: JsonValue) -> str:
    unit = each.get("unit")
    match limit:
        case [low, high]:
            return f"from {_quantity(low, unit)} to {_quantity(high, unit)}"
    return f"{'from' if each.get('direction') == 'MIN' else 'up to'} {_quantity(limit, unit)}"


def _quantity(value: JsonValue, unit: JsonValue) -> str:
    name = "" if unit is None else str(unit)
    return f"{_number(value)}{SIGNS.get(name, f' {_text(name)}')}"


def _number(value: JsonValue) -> str:
    if not is_number(value):
        return _text(value)
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"  # noqa: PLR2004  # past it 4 digits hide ones


def _name_of(cut: JsonObject) -> str:
    index = cut.get("index")
    number = cut_name(index).capitalize() if isinstance(index, int) else "A cut"
    return f"{number} ({_text(cut['name'])})" if cut.get("name") else number


def _listed(each: JsonObject) -> str:
    return ", ".join(_text(category) for category in items(each.get("categories"))) or "the verdict"


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *lines, ""]) if lines else ""


def _text(value: JsonValue) -> str:
    """Return `value` as one line of text that Markdown takes for nothing else."""
    return _MARKUP.sub(r"\\\1", visible(" ".join(str(value).split()))) if value is not None else "not told"


def _code(value: JsonValue) -> str:
    return visible(" ".join(str(value).replace("`", "'").split()))
