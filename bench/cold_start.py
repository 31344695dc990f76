"""Cold starts in the Lambda runtime: init plus the first real request, against an eager handler built the same way.

Run by `make bench`, or after `make build` by `python -m bench.cold_start`. The baseline's packages are fetched once,
into `.cache/`.
"""

import contextlib
import hashlib
import json
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table
from rmos.identity import Role, create_token
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.s3 import S3BlobStore

from tests.support.aws_stores import make_bucket, make_table
from tests.support.emulator import REGION, Emulator, emulating
from tests.support.runtime import CORE_LAYER, RUNTIME_PYTHON, running_function
from tests.support.template import BUILD, ROOT, Function, functions, load_template

ROUNDS = 9
ALLOWED_PCT, AIM_PCT = 65.0, 45.0
BASELINE = "baseline"
PLACEHOLDER = "rmos_" + 16 * "0" + "_" + 64 * "0"
FIRST_REQUESTS = {
    "FeasibilityFunction": "feasibility-evaluate",
    "RunsFunction": "runs-create",
    "FrontFunction": "front-healthz",
}
CACHE = ROOT / ".cache" / "cold-start-baseline"
HANDLER_FILE = Path(__file__).parent / "baseline" / "eager_handler.py"
OK = {200, 201}


@dataclass(frozen=True, slots=True)
class Subject:
    """A handler that is started anew for each measurement, and the event it first gets."""

    function: Function
    layer: Path
    event: dict[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of its environment, beside those that all have."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Medians of one subject; `cold_ms` is from the first event to its answer, `init_ms` the part before the event."""

    name: str
    init_ms: float
    cold_ms: float
    pct_of_baseline: float
    spread_pct: float


def measure(subjects: Mapping[str, Subject], env: Mapping[str, str], folder: Path) -> list[ColdStart]:
    """Start each subject `ROUNDS` times, in turn, so that a noisy moment strikes them all."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in subjects}
    for subject in subjects.values():
        _start(subject, env, folder)  # fills the page cache, uncounted
    for _ in range(ROUNDS):
        for name, subject in subjects.items():
            times[name].append(_start(subject, env, folder))
    baseline_ms = statistics.median(cold for _, cold in times[BASELINE])
    return [_summary(name, measured, baseline_ms) for name, measured in times.items()]


def _start(subject: Subject, env: Mapping[str, str], folder: Path) -> tuple[float, float]:
    """Return the milliseconds of init and of the whole, for one new process."""
    log = folder / f"{subject.function.logical_id}.log"
    with running_function(subject.function, {**env, **subject.variables}, log, layers=(subject.layer,)) as runtime:
        started = time.perf_counter()
        answer = runtime.invoke(subject.event)
        cold_ms = (time.perf_counter() - started) * 1_000
        if answer["statusCode"] not in OK:
            raise AssertionError(f"{subject.function.logical_id} answered {answer}")
        return runtime.init_ms(), cold_ms


def _summary(name: str, measured: list[tuple[float, float]], baseline_ms: float) -> ColdStart:
    colds = [cold for _, cold in measured]
    cold_ms = statistics.median(colds)
    lower, _, upper = statistics.quantiles(colds, n=4)
    return ColdStart(
        name,
        round(statistics.median(init for init, _ in measured), 1),
        round(cold_ms, 1),
        round(cold_ms / baseline_ms * 100, 1),
        round((upper - lower) / cold_ms * 100, 1),
    )


def build_baseline() -> Subject:
    """Make the baseline as the layer and the functions are made: packages and handler with unchecked bytecode."""
    packages = [*_pins("fastapi", "mangum", "pydantic", "botocore"), "boto3", "openai"]
    stamp = hashlib.sha256("\n".join([*packages, HANDLER_FILE.read_text()]).encode()).hexdigest()
    layer, code, made = CACHE / "layer", CACHE / "code", CACHE / "made"
    if not made.exists() or made.read_text() != stamp:
        shutil.rmtree(CACHE, ignore_errors=True)
        code.mkdir(parents=True)
        shutil.copy(HANDLER_FILE, code)
        _run_module(
            "pip --disable-pip-version-check install --quiet --no-compile --only-binary=:all: --target",
            layer,
            *packages,
        )
        _run_module("compileall -q -j 0 --invalidation-mode unchecked-hash", layer, code)
        made.write_text(stamp)
    event = json.loads((ROOT / "events" / "feasibility-evaluate.json").read_text())
    return Subject(Function(BASELINE, "eager_handler.handler", 28, 1024, code), layer, event)


def _run_module(command: str, *arguments: str | Path) -> None:
    """Run a module of the runtime's own Python: its name and options, then `arguments` as they are."""
    subprocess.run([RUNTIME_PYTHON, "-m", *command.split(), *arguments], check=True)


def _pins(*names: str) -> list[str]:
    """Return the layer's own versions of `names`, as requirements."""
    locked = (ROOT / "layers" / "core" / "requirements.txt").read_text()
    return [found[0] for name in names for found in re.finditer(rf"^{name}==\S+", locked, re.MULTILINE)]


def our_subjects(token: str) -> dict[str, Subject]:
    template = load_template(BUILD / "template.yaml")
    built = functions(template)
    given = template["Globals"]["Function"]["Environment"]["Variables"]
    variables = {name: value for name, value in given.items() if isinstance(value, str)}
    return {
        name: Subject(built[name], CORE_LAYER, _with_token(f"{event}.json", token), variables)
        for name, event in FIRST_REQUESTS.items()
    }


def _with_token(file: str, token: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / file).read_text().replace(PLACEHOLDER, token))
    # Else every create after the first would be a replay.
    event["headers"].pop("idempotency-key", None)
    return event


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Open a table and a bucket in the emulator; yield the functions' environment and an administrator's token."""
    with emulating(folder) as emulator:
        table = make_table(emulator.client("dynamodb"))
        bucket = make_bucket(emulator.client("s3"))
        blobs = S3BlobStore(emulator.client("s3"), bucket)
        token = create_token(DynamoRecordStore(emulator.client("dynamodb"), table, blobs), "bench", Role.ADMIN)
        yield _environment(emulator, table, bucket), token


def _environment(emulator: Emulator, table: str, bucket: str) -> dict[str, str]:
    return {
        "RMOS_STORAGE": "AWS",
        "RMOS_TABLE_NAME": table,
        "RMOS_BUCKET_NAME": bucket,
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
    }


def table_of(measured: list[ColdStart]) -> Table:
    table = Table("cold start", "init ms", "init + first request ms", "of baseline", "bar", "holds", "spread")
    for each in measured:
        bar = "" if each.name == BASELINE else f"≤ {ALLOWED_PCT:.0f} % (aim {AIM_PCT:.0f} %)"
        holds = "" if each.name == BASELINE else ("yes" if each.pct_of_baseline <= ALLOWED_PCT else "NO")
        figures = (f"{each.init_ms:,.0f}", f"{each.cold_ms:,.0f}", f"{each.pct_of_baseline:.0f} %")
        table.add_row(each.name, *figures, bar, holds, f"{each.spread_pct:.0f} %")
    return table


def main() -> None:
    with TemporaryDirectory() as name, workshop(Path(name)) as (env, token):
        baseline = build_baseline()
        event = json.loads(json.dumps(baseline.event).replace(PLACEHOLDER, token))
        subjects = {BASELINE: Subject(baseline.function, baseline.layer, event), **our_subjects(token)}
        measured = measure(subjects, env, Path(name))
    Console().print(table_of(measured))
    print(json.dumps({"rounds": ROUNDS, "cold_starts": [asdict(each) for each in measured]}))


if __name__ == "__main__":
    main()
