"""How two runs differ: from two artifacts to a typed, bounded diff.

Only the artifacts are compared, never what was appended later: the diff of two runs stays what it is.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue
from rmos.design.numbering import cut_name
from rmos.design.units import SIGNS
from rmos.feasibility.models import OUTSIDE_RESULT_SHA256
from rmos.runs.models import HASHED_OUTPUTS, JsonObject, RunArtifact

from runs.models import Change, RuleMoved, RunDiff, RunSide, Severity
from runs.rules.leaves import MISSING, ChangedLeaf, Value, changed_leaves
from runs.rules.moved import named, rules_moved
from runs.rules.severity import rank_of, severity_of
from runs.rules.text import unified

MAX_CHANGES: Final = 2_000
MAX_CHANGES_BYTES: Final = 1_000_000
MAX_RULES_MOVED: Final = 200
MAX_TEXT_DIFF_CHARS: Final = 60_000
MAX_PATH_CHARS: Final = 512
EXCERPT_CHARS: Final = 200

_IDENTITY: Final = {
    "schema_version",
    "run_id",
    "created_at",
    "created_by",
    "created_by_token_id",
    "request_id",
    "parent_run_id",
    "artifact_sha256",
}
"""Who, when and from where: these differ between any two runs and say nothing of the work."""

_NOT_COMPARED: Final = OUTSIDE_RESULT_SHA256 | {"input_sha256"}
"""Of a feasibility: what repeats its other fields as a hash, or is of one call only."""


def diff_runs(a: RunArtifact, b: RunArtifact) -> RunDiff:
    """Return how `b` differs from `a`; two runs of the same input by the same engine and rules give NONE.

    Swapping the sides mirrors every change. The severity is that of all changes, also of those left out for size;
    the gravest are left out last.
    """
    leaves = changed_leaves(_content(a, b), _content(b, a))
    ranked = sorted(((severity_of(leaf.path), leaf) for leaf in leaves), key=lambda each: -rank_of(each[0]))
    shown = _Shown()
    for severity, leaf in ranked:
        shown.add(severity, leaf)
    moved = rules_moved(a, b)
    return RunDiff(
        a=_side(a),
        b=_side(b),
        severity=ranked[0][0] if ranked else Severity.NONE,
        headline=_headline(a, b, moved, len(ranked)),
        changes=tuple(shown.changes),
        rules_moved=moved[:MAX_RULES_MOVED],
        truncated=shown.truncated or len(moved) > MAX_RULES_MOVED,
    )


@dataclass(slots=True)
class _Shown:
    """The changes that are told, until one of their bounds is reached."""

    changes: list[Change] = field(default_factory=list)
    truncated: bool = False
    room_bytes: int = MAX_CHANGES_BYTES
    room_text_chars: int = MAX_TEXT_DIFF_CHARS

    def add(self, severity: Severity, leaf: ChangedLeaf) -> None:
        if len(self.changes) == MAX_CHANGES or self.room_bytes <= 0:
            self.truncated = True
            return
        path = leaf.path
        change = Change(
            path=path[:MAX_PATH_CHARS],
            op=leaf.op,
            a=_excerpt(leaf.a),
            b=_excerpt(leaf.b),
            severity=severity,
            text_diff=self._text_diff(leaf),
        )
        self.truncated |= len(path) > MAX_PATH_CHARS
        self.room_bytes -= len(json.dumps([change.path, change.a, change.b]))
        self.changes.append(change)

    def _text_diff(self, leaf: ChangedLeaf) -> str | None:
        if not _is_long(leaf.a) and not _is_long(leaf.b):
            return None
        text = unified(_text(leaf.a), _text(leaf.b), self.room_text_chars)
        self.room_text_chars -= len(text.text)
        self.truncated |= text.truncated
        return text.text


def _is_long(value: Value) -> bool:
    return isinstance(value, str) and len(value) > EXCERPT_CHARS


def _excerpt(value: Value) -> JsonValue:
    if value is MISSING:
        return None
    return value[:EXCERPT_CHARS] + "…" if isinstance(value, str) and _is_long(value) else value


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or value is MISSING else json.dumps(value)


def _content(run: RunArtifact, other: RunArtifact) -> JsonObject:
    """Return what of `run` is compared: all but identity, and hashes only where their content is not at hand."""
    content: JsonObject = run.model_dump(mode="json", exclude=_IDENTITY)
    content["feasibility"] = _named_in(
        {name: value for name, value in run.feasibility.items() if name not in _NOT_COMPARED}
    )
    content["hashes"] = {
        name: getattr(run.hashes, name)
        for name, output in HASHED_OUTPUTS.items()
        if any(getattr(side.hashes, name) and getattr(side.outputs, output) is None for side in (run, other))
    }
    content["attachments"] = {
        f"{each.kind} {each.filename} {each.sha256}": each.model_dump(include={"media_type", "size_bytes"})
        for each in run.attachments
    }
    return content


def _named_in(feasibility: JsonObject) -> JsonObject:
    """Return `feasibility` with the assessments of a cut under their category and all checks under their rule.

    Their places in the lists mean nothing: another engine may give more of them, or in another order.
    """
    found = dict(feasibility)
    if isinstance(cuts := found.get("cuts"), list):
        found["cuts"] = [_named_cut(cut) for cut in cuts]
    if isinstance(material_yield := found.get("yield"), dict):
        found["yield"] = _named_checks(material_yield)
    return found


def _named_cut(cut: JsonValue) -> JsonValue:
    if not isinstance(cut, dict):
        return cut
    assessments = named(cut.get("assessments"), "category")
    return {**cut, "assessments": {name: _named_checks(each) for name, each in assessments.items()}}


def _named_checks(assessment: JsonObject) -> JsonValue:
    details = assessment.get("details")
    if not isinstance(details, dict):
        return assessment
    checks: JsonObject = {**named(details.get("checks"), "rule_id")}
    return {**assessment, "details": {**details, "checks": checks}}


def _side(run: RunArtifact) -> RunSide:
    same = {name: getattr(run, name) for name in RunSide.model_fields if name in RunArtifact.model_fields}
    return RunSide(**same, risk_level=run.decision.risk_level, score=run.decision.score)


def _headline(a: RunArtifact, b: RunArtifact, moved: tuple[RuleMoved, ...], count: int) -> str:
    """Return in one line what a person asks first: may it still be cut, did another judge, and which rule says so."""
    if count == 0:
        return "the two runs agree in everything"
    parts = [
        f"{name} {before or '?'} → {after or '?'}"
        for name, before, after in (
            ("status", a.status.value, b.status.value),
            ("risk", a.decision.risk_level.value, b.decision.risk_level.value),
            ("engine", a.engine_id, b.engine_id),
            ("engine version", a.engine_version, b.engine_version),
            ("rules", a.ruleset_version, b.ruleset_version),
        )
        if before != after
    ]
    parts.extend(_told(rule) for rule in moved[:3])
    parts.append(f"{count} values differ" if count > 1 else "1 value differs")
    return "; ".join(parts)


def _told(rule: RuleMoved) -> str:
    before, after = (side.risk_level if side is not None else "absent" for side in (rule.a, rule.b))
    return f"{rule.category} {before} → {after}{_where(rule)}{_by_how_much(rule)}"


def _where(rule: RuleMoved) -> str:
    if rule.cut is None:
        return ""
    name = f" ({rule.cut_name})" if rule.cut_name is not None else ""
    return f" in {cut_name(rule.cut)}{name}"


def _by_how_much(rule: RuleMoved) -> str:
    values = [None if side is None else side.value for side in (rule.a, rule.b)]
    unit = str(rule.b.unit) if rule.b is not None else ""
    numbers = [_three_digits(value) for value in values if isinstance(value, int | float)]
    return f", {' → '.join(numbers)}{SIGNS.get(unit, f' {unit}')}" if len(numbers) == len(values) else ""


def _three_digits(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1_000 else f"{value:.0f}"  # noqa: PLR2004  # beyond, :.3g writes exponents
