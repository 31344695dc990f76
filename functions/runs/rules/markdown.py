"""A diff as Markdown: tables that a person can paste into an issue or a message."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import JsonValue
from rmos.clock import rfc3339_utc
from rmos.design.units import SIGNS

from runs.models import Change, RuleMoved, RunDiff, RunSide, Standing

MAX_ROWS: Final = 200
"""Changes in the table; a person reads no more, and the JSON has them all."""

_MARKUP = re.compile(r"[\\`*_\[\]{}|~#!]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_PLAIN_POINTER = re.compile(r"[A-Za-z0-9_/. -]+", re.ASCII)
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
_BACKTICKS = re.compile(r"`+")


def diff_as_markdown(diff: RunDiff) -> str:
    """Return a diff as Markdown: its headline, both runs, the rules that moved, the values, and texts line by line.

    Whatever stands in a run shows as text: it opens no cell, no row, no link and no tag.
    """
    blocks = [
        f"**{diff.severity.value}**: {cell(diff.headline)}",
        _table(("", "a", "b"), _sides(diff.a, diff.b)),
    ]
    if diff.rules_moved:
        blocks.append(_table(("rule", "cut", "a", "b"), (_rule_row(rule) for rule in diff.rules_moved)))
    if diff.changes:
        blocks.append(_table(("severity", "value", "a", "b"), (_change_row(each) for each in diff.changes[:MAX_ROWS])))
    if diff.truncated or len(diff.changes) > MAX_ROWS:
        blocks.append("Not all differences are shown; `Accept: application/json` has more of them.")
    blocks.extend(f"{_pointer(each.path)}\n\n{_fenced(each.text_diff)}" for each in diff.changes if each.text_diff)
    return "\n\n".join(blocks) + "\n"


def cell(text: str) -> str:
    """Return `text` for one table cell: `visible`, in one line, without a meaning to Markdown or HTML."""
    one_line = _LINE_END.sub(" ↵ ", text.replace("\t", " "))
    escaped = _MARKUP.sub(lambda found: "\\" + found[0], visible(one_line))
    return "".join(_ENTITIES.get(char, char) for char in escaped).strip()


def visible(text: str) -> str:
    """Return `text` with U+FFFD for what shows as nothing or turns the direction of others, but tabs and line feeds."""
    return "".join("\ufffd" if _is_unseen(char) else char for char in text)


def _is_unseen(char: str) -> bool:
    return char not in "\t\n" and unicodedata.category(char) in _UNSEEN


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sides(a: RunSide, b: RunSide) -> Iterable[tuple[str, str, str]]:
    facts = (
        ("run", a.run_id, b.run_id),
        ("label", a.label, b.label),
        ("recorded", rfc3339_utc(a.created_at), rfc3339_utc(b.created_at)),
        ("status", a.status.value, b.status.value),
        ("risk", a.risk_level.value, b.risk_level.value),
        ("score", a.score, b.score),
        ("engine", _engine(a), _engine(b)),
    )
    return ((name, _value(in_a), _value(in_b)) for name, in_a, in_b in facts)


def _engine(side: RunSide) -> str:
    return f"{side.engine_id or '?'} {side.engine_version or '?'}, rules {side.ruleset_version or '?'}"


def _rule_row(rule: RuleMoved) -> tuple[str, str, str, str]:
    place = (
        "whole rosette" if rule.cut is None else f"{rule.cut + 1}" + (f" ({rule.cut_name})" if rule.cut_name else "")
    )
    name = f"{rule.category} ({', '.join(rule.rule_ids)})" if rule.rule_ids else rule.category
    return cell(name), cell(place), _standing(rule.a), _standing(rule.b)


def _standing(standing: Standing | None) -> str:
    if standing is None:
        return "absent"
    told = [_value(standing.risk_level)]
    if standing.value is not None:
        unit = SIGNS.get(str(standing.unit), f" {_value(standing.unit)}")
        told.append(f"{_number(standing.value)}{unit}")
    if standing.limit_yellow is not None:
        told.append(f"(limits {_number(standing.limit_green)}, {_number(standing.limit_yellow)})")
    return " ".join(told)


def _number(value: JsonValue) -> str:
    if isinstance(value, list):
        return " to ".join(_number(each) for each in value)
    return f"{value:.4g}" if isinstance(value, float) else _value(value)


def _change_row(change: Change) -> tuple[str, str, str, str]:
    return change.severity.value, _pointer(change.path), _value(change.a), _value(change.b)


def _pointer(path: str) -> str:
    return f"`{path}`" if _PLAIN_POINTER.fullmatch(path) else cell(path)


def _value(value: JsonValue) -> str:
    if value is None:
        return ""
    return cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _fenced(text: str) -> str:
    """Return `text` as a code block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}diff\n{visible(text)}\n{fence}"
