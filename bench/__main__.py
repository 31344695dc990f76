"""`make bench`: measure, print a table, then the same as JSON."""

import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from rmos.logging import logger

from bench import creating, listing
from bench.timing import Figure, fixed_work, interleaved, median_ms, noise_pct

HERE = Path(__file__).parent


def measure_all(folder: Path) -> Iterator[Figure]:
    """Yield every figure, with the machine's noise before and after."""
    yield from _noise("before")
    yield from creating.measure(folder)
    yield from listing.measure(folder)
    yield from _noise("after")


def _noise(moment: str) -> Iterator[Figure]:
    times = interleaved({"work": fixed_work}, 201)["work"]
    yield Figure(f"noise {moment}: the same work", median_ms(times), "ms")
    yield Figure(f"noise {moment}: spread of the middle half", noise_pct(times), "%")


def table_of(figures: list[Figure]) -> Table:
    table = Table("figure", "median", "unit", "bar", "holds")
    for figure in figures:
        holds = {None: "", True: "yes", False: "NO"}[figure.holds]
        table.add_row(figure.name, f"{figure.value:,.3f}", figure.unit, figure.bar, holds)
    return table


def main() -> None:
    logger.setLevel("WARNING")  # a line per run would be measured, and hide the table
    # On the disk of the checkout: a temporary folder may be memory, where an fsync costs nothing.
    cache = HERE.parent / ".cache"
    cache.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=cache) as folder:
        figures = list(measure_all(Path(folder)))
    Console().print(table_of(figures))
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    print(json.dumps({"machine": machine, "figures": [asdict(figure) for figure in figures]}, ensure_ascii=False))
    subprocess.run([sys.executable, "-m", "bench.cold_start"], check=True)


if __name__ == "__main__":
    main()
