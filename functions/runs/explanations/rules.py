"""The engine `rules_v1`: says in plain words what an evaluation found. The same run gives the same text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from rmos.design.numbering import cut_name
from rmos.design.units import SIGNS
from rmos.runs.models import RunArtifact, RunStatus

from runs.rules.markdown import visible

ENGINE_ID: Final = "rules_v1"
ENGINE_VERSION: Final = "1.0.1"

Part: TypeAlias = Mapping[str, Any]
"""A part of a stored evaluation, as JSON: that of an old or imported run may lack any of its fields."""

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
        _section("Take care", list(dict.fromkeys(f"- {_text(each.get('text'))}" for each in _parts(found, "hazards")))),
        _section("What was not checked", [f"- {_text(each)}" for each in _values(found, "not_checked")]),
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


def _binding(found: Part) -> list[str]:
    """Name the assessment that decides, with its number beside its limits."""
    binding = found.get("binding")
    if not isinstance(binding, Mapping):
        return [f"- {_text(reason)}" for reason in _values(found, "reasons")]
    for cut in _parts(found, "cuts"):
        for each in _parts(cut, "assessments"):
            if cut.get("index") == binding.get("cut") and each.get("category") == binding.get("category"):
                return [f"{_name_of(cut)}, {_text(each.get('category'))}: {_figures(each)}", "", _text(each.get("why"))]
    material = found.get("yield")
    if isinstance(material, Mapping) and material.get("category") == binding.get("category"):
        return [f"Material: {_figures(material)}", "", _text(material.get("why"))]
    return [f"- {_text(reason)}" for reason in _values(found, "reasons")]


def _changes(found: Part) -> list[str]:
    """Return what helps where a limit is passed, the gravest first, each thing once for its cut."""
    told: dict[str, None] = {}
    for level in _GRAVEST_FIRST:
        for where, each in _assessments(found):
            if each.get("risk_level") == level:
                for hint in _values(_part(each, "details"), "hints"):
                    told[f"- {where} ({level}, {_text(each.get('category'))}): {_text(hint)}."] = None
    return list(told)


def _missing(found: Part) -> list[str]:
    return [
        f"- `{_code(each.get('pointer'))}`: without it nothing can be said of {_listed(each)}."
        for each in _parts(found, "missing_inputs")
    ]


def _assumed(found: Part) -> list[str]:
    return [
        f"- {_text(each.get('field'))} = {_quantity(each.get('value'), each.get('unit'))} (for {_listed(each)}); "
        + ("confirmed." if each.get("confirmed") else "not confirmed, so at best YELLOW.")
        for each in _parts(found, "assumed_defaults")
    ]


def _cuts(found: Part) -> Iterator[str]:
    for cut in _parts(found, "cuts"):
        lines = [
            f"- **{_text(each.get('category'))}: {_text(each.get('risk_level'))}.** {_text(each.get('why'))} "
            f"({_figures(each)}; rules {', '.join(f'`{_code(rule)}`' for rule in _values(each, 'rule_ids')) or 'none'})"
            for each in _parts(cut, "assessments")
        ]
        yield _section(f"{_name_of(cut)}: {_text(cut.get('risk_level'))}", lines)


def _material(found: Part) -> list[str]:
    material = found.get("yield")
    if not isinstance(material, Mapping):
        return []
    return [f"{_text(material.get('risk_level'))}. {_text(material.get('why'))} ({_figures(material)})"]


def _sources(found: Part) -> list[str]:
    sources = {_text(source): None for _, each in _assessments(found) for source in _values(each, "sources")}
    return [f"- {source}" for source in sources]


def _assessments(found: Part) -> Iterator[tuple[str, Part]]:
    for cut in _parts(found, "cuts"):
        for each in _parts(cut, "assessments"):
            yield _name_of(cut), each
    material = found.get("yield")
    if isinstance(material, Mapping):
        yield "Material", material


def _figures(each: Part) -> str:
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


def _limit(each: Part, limit: object) -> str:
    unit = each.get("unit")
    if isinstance(limit, Sequence) and not isinstance(limit, str) and len(limit) == len(("low", "high")):
        return f"from {_quantity(limit[0], unit)} to {_quantity(limit[1], unit)}"
    return f"{'from' if each.get('direction') == 'MIN' else 'up to'} {_quantity(limit, unit)}"


def _quantity(value: object, unit: object) -> str:
    name = "" if unit is None else str(unit)
    return f"{_number(value)}{SIGNS.get(name, f' {_text(name)}')}"


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(value)
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"  # noqa: PLR2004  # past it 4 digits hide ones


def _name_of(cut: Part) -> str:
    index = cut.get("index")
    number = cut_name(index).capitalize() if isinstance(index, int) else "A cut"
    return f"{number} ({_text(cut['name'])})" if cut.get("name") else number


def _listed(each: Part) -> str:
    return ", ".join(_text(category) for category in _values(each, "categories")) or "the verdict"


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *lines, ""]) if lines else ""


def _text(value: object) -> str:
    """Return `value` as one line of text that Markdown takes for nothing else."""
    return _MARKUP.sub(r"\\\1", visible(" ".join(str(value).split()))) if value is not None else "not told"


def _code(value: object) -> str:
    return visible(" ".join(str(value).replace("`", "'").split()))


def _part(part: Part, name: str) -> Part:
    value = part.get(name)
    return value if isinstance(value, Mapping) else {}


def _parts(part: Part, name: str) -> list[Part]:
    return [value for value in _values(part, name) if isinstance(value, Mapping)]


def _values(part: Part, name: str) -> list[Any]:
    value = part.get(name)
    return list(value) if isinstance(value, list | tuple) else []
