"""`make bench`: measure section by section, print each as a table, then all of it as JSON.

`python -m bench` measures all, `python -m bench original listing` those named.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from rmos.logging import logger

from bench import creating, evaluating, listing, original
from bench.timing import Figure, fixed_work, interleaved, median_ms, noise_pct

HERE = Path(__file__).parent
WIDTH = 120
"""Of the tables at least, also where the output is no terminal."""


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that are measured and shown together; `measure` gets an empty folder."""

    name: str
    measure: Callable[[Path], Iterator[Figure]]
    caption: str = ""


SECTIONS = (
    Section("evaluating", evaluating.measure, evaluating.CAPTION),
    Section("creating", creating.measure),
    Section("listing", listing.measure),
    Section("original", original.measure, original.CAPTION),
)
COLD_STARTS = "cold-start"
"""Measured and printed by a program of its own."""


def _noise(_folder: Path) -> Iterator[Figure]:
    times = interleaved({"work": fixed_work}, 201)["work"]
    yield Figure("the same work", median_ms(times), "ms")
    yield Figure("spread of the middle half", noise_pct(times), "%")


def table_of(title: str, caption: str, figures: list[Figure]) -> Table:
    compares = any(figure.original is not None for figure in figures)
    columns = ("figure", "median", "unit", "bar", "holds", *(("original", "times better") if compares else ()))
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for column in columns:
        table.add_column(column, no_wrap=True)
    for figure in figures:
        holds = {None: "", True: "yes", False: "NO"}[figure.holds]
        cells = (figure.name, f"{figure.value:,.3f}", figure.unit, figure.bar, holds)
        table.add_row(*cells, *((_number(figure.original), _number(figure.times_better)) if compares else ()))
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def main() -> None:
    names = [*(section.name for section in SECTIONS), COLD_STARTS]
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure; without a name, everything.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(names))
    chosen = set(parser.parse_args().sections)
    if unknown := chosen - set(names):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    wanted = [section for section in SECTIONS if section.name in chosen or not chosen]
    if wanted:
        _measure_and_print([Section("noise before", _noise), *wanted, Section("noise after", _noise)])
    if COLD_STARTS in chosen or not chosen:
        subprocess.run([sys.executable, "-m", "bench.cold_start"], check=True)


def _measure_and_print(sections: list[Section]) -> None:
    logger.setLevel("WARNING")  # a line per run would be measured, and hide the table
    # On the disk of the checkout: a temporary folder may be memory, where an fsync costs nothing.
    cache = HERE.parent / ".cache"
    cache.mkdir(exist_ok=True)
    console = Console()
    console.width = max(console.width, WIDTH)
    measured: dict[str, list[Figure]] = {}
    for section in sections:
        with TemporaryDirectory(dir=cache) as folder:
            measured[section.name] = list(section.measure(Path(folder)))
        console.print(table_of(section.name, section.caption, measured[section.name]))
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    figures = [
        {"section": name, **asdict(figure), "times_better": figure.times_better}
        for name, section in measured.items()
        for figure in section
    ]
    print(json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False))


if __name__ == "__main__":
    main()
