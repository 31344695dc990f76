"""A verdict at the command line: read a body from a file, show what became of it to a person."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from feasibility.models import EvaluateRequest
from pydantic import ValidationError
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rmos.design.library import BuiltInLibrary, ToolLibrary
from rmos.design.numbering import cut_name
from rmos.design.stored_library import library_for, own_rows_in
from rmos.design.units import FORMATS, DisplayUnits
from rmos.errors import Invalid, NotFound
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.models import (
    AdvisedFeasibility,
    CutResult,
    Estimates,
    Feasibility,
    Hazard,
    Limit,
    RiskLevel,
    Suggestion,
)
from rmos.feasibility.registry import default_registry
from rmos.feasibility.suggestions.advice import NO_ADVICE, advise
from rmos.feasibility.suggestions.tradeoffs import written_span
from rmos.feasibility.words import listed
from rmos.http.json_input import parse_strictly
from rmos.http.problems import body_problems
from rmos.settings import Settings

from local.place import CannotStart, existing_store, opened

EXIT_CODE = {RiskLevel.GREEN: 0, RiskLevel.YELLOW: 1}
BLOCKED = 2
STYLE = {RiskLevel.GREEN: "green", RiskLevel.YELLOW: "yellow"}
BLOCKED_STYLE = "red"
WIDE = 120
"""Columns of a terminal from which on each limit has its sentence beside it."""


def read_input(file: Path) -> EvaluateRequest:
    """Return the `{design, context, engine_id?}` in `file` (`-` is standard input), as strictly as the API reads it.

    Raises:
        CannotStart: the file cannot be read.
        Invalid: it breaks rules; `problems` point at each place.
    """
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CannotStart(f"{file} cannot be read: {error.strerror}") from error
    body = parse_strictly(raw)
    try:
        return EvaluateRequest.model_validate(body)
    except ValidationError as error:
        name = "standard input" if str(file) == "-" else str(file)
        problems = body_problems(error.errors(), body, EvaluateRequest)
        raise Invalid(f"{name} is no design with its cuts", problems=problems) from error


@contextmanager
def library_of(request: EvaluateRequest, data_dir: Path | None) -> Iterator[ToolLibrary]:
    """Yield where `request` finds its ids: the rows that ship with RMOS, and the workshop's own in `data_dir`.

    Raises:
        CannotStart: there is no such folder, or no data in it.
        Invalid: own rows are named and no folder is.
    """
    designs, contexts = [request.design], [request.context]
    if data_dir is not None:
        with opened(existing_store(data_dir), None) as backend:
            yield library_for(backend.records, designs, contexts)
        return
    named = sorted(row_id for _, row_id in own_rows_in(designs, contexts))
    if named:
        folder = "--data-dir DIR, the folder that `rmos serve` keeps its data in"
        raise Invalid(f"rows of the workshop's own are read with {folder}: {', '.join(named)}")
    yield BuiltInLibrary()


def evaluate(
    request: EvaluateRequest, engine_id: str | None, library: ToolLibrary, settings: Settings
) -> AdvisedFeasibility:
    """Return the verdict of `engine_id`, else of the engine that the request names, else of the default one.

    With what would make it better, unless the request asks for no suggestions.

    Raises:
        EngineNotFound: no such engine.
        Invalid: an id in the input stands for nothing.
    """
    registry = default_registry(allow_stub=settings.allow_stub_engine)
    chosen = engine_id or request.engine_id or settings.default_engine_id
    result = evaluate_feasibility(request, registry, chosen, library)
    advice = advise(request, registry, chosen, library, result) if request.suggest else NO_ADVICE
    return AdvisedFeasibility.model_construct(
        **dict(result), suggestions=advice.suggestions, suggestions_ruled_out=advice.ruled_out
    )


def exit_code_of(result: Feasibility) -> int:
    """Return 0 for GREEN, 1 for YELLOW, 2 for what may not be cut."""
    return EXIT_CODE.get(result.risk_level, BLOCKED)


def show_verdict(result: AdvisedFeasibility, units: DisplayUnits, console: Console) -> None:
    """Print the colour and why, each cut's numbers beside their limits, and what nobody checked."""
    console.print(Text(f"{result.risk_level.value}  {result.overall_score:g} of 100", style=_style(result.risk_level)))
    for reason in result.reasons:
        console.print(Text(f"  {reason}"))
    for cut in result.cuts:
        console.print(_cut(cut, units, console.width))
    if result.suggestions:
        console.print(_suggestions(result.suggestions))
    for title, lines in _notes(result):
        console.print(_list(title, lines))
    console.print(Text(f"{result.engine_id} {result.engine_version}, rules {result.ruleset_version}", style="dim"))


def show_problems(error: Invalid | NotFound, console: Console) -> None:
    """Print what is wrong with an input, one place a line."""
    console.print(Text(f"rmos: {error.detail}", style="red"))
    for problem in error.problems:
        console.print(Text(f"  {problem.pointer or '(the whole file)'}: {problem.detail}"), soft_wrap=True)


def _cut(cut: CutResult, units: DisplayUnits, width: int) -> RenderableType:
    """Return the numbers of a cut; with a sentence beside each where there is room."""
    is_wide = width >= WIDE
    table = Table("", "value", "green", "yellow", "margin", *(["why"] if is_wide else []), title_justify="left")
    table.caption, table.caption_justify = f"time in the cut: {_time(cut.estimates)}", "left"
    table.title = f"{cut_name(cut.index)}{'' if cut.name is None else f' ({cut.name})'}: {cut.risk_level.value}"
    for assessment in cut.assessments:
        table.add_row(
            Text(assessment.category.value, style=_style(assessment.risk_level)),
            "unknown" if assessment.value is None else _written(assessment.value, assessment.unit, units),
            _limit(assessment.limit_green, assessment.unit, units),
            _limit(assessment.limit_yellow, assessment.unit, units),
            "" if assessment.margin_pct is None else f"{assessment.margin_pct:.0f} %",
            *([Text(assessment.why)] if is_wide else []),
        )
    return Padding(table, (1, 0, 0, 0))


def _time(estimates: Estimates) -> str:
    time, basis = estimates.cut_time_s, estimates.cut_time_basis
    return basis if time is None else f"{written_span(time)} ({basis})"


def _suggestions(suggestions: Sequence[Suggestion]) -> RenderableType:
    """Return what to change, the nearest first, with what it gives and what it costs."""
    table = Table("", "score", "change", "cost", title="What would help", title_justify="left")
    for suggestion in suggestions:
        table.add_row(
            Text(suggestion.risk_level.value, style=_style(suggestion.risk_level)),
            f"{suggestion.overall_score:g}",
            Text(suggestion.summary),
            Text(suggestion.trade_off),
        )
    return Padding(table, (1, 0, 0, 0))


def _limit(limit: Limit, unit: str, units: DisplayUnits) -> str:
    if limit is None:
        return ""
    if isinstance(limit, tuple):
        low, high = (_written(each, unit, units) for each in limit)
        return f"{low.partition(' ')[0]} to {high}"
    return _written(limit, unit, units)


def _written(value: float, unit: str, units: DisplayUnits) -> str:
    """Return a value as sentences have it; an engine may know units that they do not."""
    written = FORMATS[units].get(unit)
    return f"{value:.4g} {unit}" if written is None else written(value)


def _notes(result: AdvisedFeasibility) -> list[tuple[str, list[str]]]:
    notes = [
        ("In the way", [f"{each.pointer}: {each.reason}" for each in result.suggestions_ruled_out]),
        ("Missing", [f"{each.pointer}: {each.label}" for each in result.missing_inputs]),
        (
            "Assumed, not confirmed",
            [f"{each.pointer}: {each.label}, {each.value} {each.unit}".rstrip() for each in result.assumed_defaults],
        ),
        ("Hazards", _hazards(result.hazards)),
        ("Not checked", list(result.not_checked)),
    ]
    return [(title, lines) for title, lines in notes if lines]


def _hazards(hazards: Sequence[Hazard]) -> list[str]:
    """Return each hazard once, with the materials that it is of."""
    materials: dict[str, list[str]] = {}
    for hazard in hazards:
        materials.setdefault(hazard.text, []).append(hazard.material)
    return [f"{listed(names)}: {text}" for text, names in materials.items()]


def _list(title: str, lines: list[str]) -> RenderableType:
    return Padding(Group(Text(title, style="bold"), *(Text(f"  {line}") for line in lines)), (1, 0, 0, 0))


def _style(risk_level: RiskLevel) -> str:
    return STYLE.get(risk_level, BLOCKED_STYLE)
