"""`rmos demo`: the main job told as a story on real data, each step checked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text
from rmos.clock import new_id
from rmos.design.library import BuiltInLibrary
from rmos.feasibility.models import RiskLevel
from rmos.feasibility.registry import default_registry
from rmos.identity import Principal, Role
from rmos.runs.models import RunCreate, RunFilter, RunStatus
from rmos.runs.recording import Engines, provenance_now
from rmos.runs.repository import get_view
from rmos.runs.verification import verify_run
from rmos.settings import Settings
from rmos.storage.backend import Backend
from runs import service
from runs.models import Severity

from local.examples import GREEN, RED
from local.verdict import evaluate, read_input

AUTHOR = Principal("demo", "rmos demo", Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, what came of it, and whether that is what should have come."""

    done: str
    outcome: str
    held: bool


@dataclass
class Demo:
    """The story so far: where it plays, and the runs it has recorded."""

    backend: Backend
    settings: Settings
    run_ids: dict[Path, str] = field(default_factory=dict)

    def play(self) -> Iterator[Step]:
        """Yield each step once it is done."""
        yield self._evaluate("Evaluate a hard maple top cut in one pass, 30 mm of bit sticking out", RED, RiskLevel.RED)
        yield self._evaluate("Take a spruce top, two passes and a 14 mm stickout instead", GREEN, RiskLevel.GREEN)
        yield self._record("Record the first attempt", RED, RunStatus.BLOCKED)
        yield self._record("Record the second", GREEN, RunStatus.OK)
        yield self._list()
        yield self._compare()
        yield self._verify("Verify the first run", RED)
        yield self._verify("Verify the second", GREEN)

    def _evaluate(self, done: str, example: Path, expected: RiskLevel) -> Step:
        result = evaluate(read_input(example), None, BuiltInLibrary(), self.settings)
        outcome = f"{result.risk_level.value}, {result.overall_score:g} of 100: {result.reasons[0]}"
        return Step(done, outcome, result.risk_level is expected)

    def _record(self, done: str, example: Path, expected: RunStatus) -> Step:
        request = RunCreate.model_validate(read_input(example).model_dump(exclude_unset=True))
        provenance = provenance_now(AUTHOR, new_id("req"))
        engines = Engines(default_registry(allow_stub=self.settings.allow_stub_engine), self.settings.default_engine_id)
        service.create_run(self.backend, engines, request, provenance, lambda _answer: ())
        self.run_ids[example] = provenance.run_id
        run = get_view(self.backend.records, provenance.run_id)
        return Step(done, f"{run.status.value}: {run.run_id}", run.status is expected)

    def _list(self) -> Step:
        page = service.list_runs(self.backend.records, RunFilter(), None, 2)
        outcome = ", ".join(f"{run.status.value} {run.risk_level.value}" for run in page.items)
        newest = [run.run_id for run in page.items]
        return Step("List runs, newest first", outcome, newest == [self.run_ids[GREEN], self.run_ids[RED]])

    def _compare(self) -> Step:
        diff = service.diff_of(self.backend, self.run_ids[RED], self.run_ids[GREEN])
        moved = [rule.category for rule in diff.rules_moved]
        held = diff.severity is Severity.CRITICAL and "deflection" in moved
        return Step("Compare the two", f"{diff.severity.value}: {diff.headline}", held)

    def _verify(self, done: str, example: Path) -> Step:
        verification = verify_run(self.backend.records, self.backend.blobs, self.run_ids[example])
        broken = [check.name for check in verification.checks if not check.ok]
        outcome = f"{', '.join(broken)} broken" if broken else f"{len(verification.checks)} hashes hold"
        return Step(done, outcome, verification.ok)


def show(steps: Iterator[Step], console: Console) -> bool:
    """Print the story as a table and return whether each step held."""
    table = Table("", Column("step", max_width=28), "outcome", show_lines=True)
    held = True
    for step in steps:
        held = held and step.held
        table.add_row(
            "✓" if step.held else "✗",
            Text(step.done),
            Text(step.outcome, overflow="fold"),
            style="" if step.held else "red",
        )
    console.print(table)
    return held
