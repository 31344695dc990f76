"""Judging requests: how many a second, what suggestions add, and a map. In the processor's own time, on one core."""

import json
import random
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Feasibility, RiskLevel
from rmos.feasibility.operating_map import Grid, judged_grid
from rmos.feasibility.suggestions.advice import advise
from rmos.runs.recording import Engines

from bench.timing import Figure, processor_seconds_of
from bench.workshop import engines, example_text

CAPTION = (
    "Evaluate: the example, each time from a model of its own; the median of batches. An engine keeps what it judged\n"
    "of the last cuts: all of an equal request, part of one with another feed or speed or other rings, nothing where\n"
    "everything is another. With suggestions: the verdict and what to change, by an engine that has judged nothing\n"
    "before, for RED requests of so many cuts, bits and blades, drawn at random, each the better of two."
)
BATCHES, BATCH = 41, 50
EVALUATIONS_PER_S = 2_000
CUTS = (1, 3, 6, 12)
REQUESTS = 15
"""For each number of cuts."""
ADVISED_MS = 50.0
STEPS = 50
MAP_S = 2.0
JUDGES = engines()


def measure(_folder: Path) -> Iterator[Figure]:
    """Yield evaluations per second, milliseconds with suggestions, and the seconds of a map."""
    green = _example("green")
    yield _evaluations_per_second("evaluate, one request", lambda _: green)
    yield _evaluations_per_second("evaluate, another feed or speed each", lambda number: _turned(green, number))
    yield _evaluations_per_second("evaluate, other rings each", lambda number: _narrower(green, number))
    yield _evaluations_per_second("evaluate, everything another each", lambda number: _unlike(green, number))
    for cuts in CUTS:
        yield from _with_suggestions(cuts)
    yield _map()


def _turned(body: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the request with another feed (mm/min) or, every second time, another speed (rpm)."""
    context = body["context"]
    (cut,) = context["cuts"]
    name = ("feed_mm_per_min", "spindle_rpm")[number % 2]
    return body | {"context": context | {"cuts": [cut | {name: cut[name] + number}]}}


def _narrower(body: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the request with its middle ring narrower by so many tenths of a micrometre."""
    design = body["design"]
    first, middle, last = design["rings"]
    narrower = middle | {"width_mm": middle["width_mm"] - number / 10_000}
    return body | {"design": design | {"rings": [first, narrower, last]}}


def _unlike(body: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a request of the same form with which none of another number shares a setting or a measure."""
    chance = random.Random(number)
    rings = [ring | {"width_mm": ring["width_mm"] * chance.uniform(0.9, 1)} for ring in body["design"]["rings"]]
    (cut,) = body["context"]["cuts"]
    other = cut | {
        "tool": cut["tool"] | {"stickout_mm": chance.uniform(14, 25)},
        "feed_mm_per_min": chance.uniform(500, 2_500),
        "spindle_rpm": chance.uniform(10_000, 24_000),
        "depth_per_pass_mm": chance.uniform(0.3, 1.2),
    }
    measures = {"channel_depth_mm": chance.uniform(1.3, 1.7), "top_thickness_mm": chance.uniform(2.6, 3)}
    return body | {
        "design": body["design"] | measures | {"rings": rings},
        "context": body["context"] | {"cuts": [other]},
    }


def _evaluations_per_second(name: str, body: Callable[[int], Mapping[str, Any]]) -> Figure:
    """Return the rate for what `body` gives for 0, 1, 2 and so on; each request is a model of its own."""
    numbers = count()

    def batch_s() -> float:
        requests = [FeasibilityInput.model_validate(body(next(numbers))) for _ in range(BATCH)]
        return processor_seconds_of(lambda: _judge_all(requests))

    batch_s()
    per_s = BATCH / statistics.median(batch_s() for _ in range(BATCHES))
    return Figure(name, per_s, "/s", f"≥ {EVALUATIONS_PER_S}", per_s >= EVALUATIONS_PER_S)


def _judge_all(requests: Iterable[FeasibilityInput]) -> None:
    for request in requests:
        _judged(request, JUDGES)


def _judged(request: FeasibilityInput, judges: Engines) -> Feasibility:
    return evaluate_feasibility(request, judges.registry, judges.default_id)


def _with_suggestions(cuts: int) -> Iterator[Figure]:
    times = sorted(_advised_ms(request) for request in _red_requests(cuts))
    for name, value in (("median", statistics.median(times)), ("slowest", times[-1])):
        shown = f"with suggestions, cuts: {cuts}, {name}"
        yield Figure(shown, value, "ms", f"≤ {ADVISED_MS:.0f}", value <= ADVISED_MS)


def _advised_ms(request: FeasibilityInput) -> float:
    def advised(judges: Engines) -> None:
        advise(request, judges.registry, judges.default_id, found=_judged(request, judges))

    return 1_000 * min(processor_seconds_of(partial(advised, judges)) for judges in (engines(), engines()))


def _map() -> Figure:
    request = FeasibilityInput.model_validate(_example("green"))
    grid = Grid(0, [300 + 100 * i for i in range(STEPS)], [10_000 + 400 * i for i in range(STEPS)])
    seconds = processor_seconds_of(lambda: judged_grid(request, JUDGES.registry, JUDGES.default_id, grid))
    return Figure(f"map of {STEPS} x {STEPS}", seconds, "s", f"≤ {MAP_S:.0f}", seconds <= MAP_S)


def _example(colour: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(example_text(colour))
    return {"design": body["design"], "context": body["context"]}


def _red_requests(cuts: int) -> Iterator[FeasibilityInput]:
    """Yield RED requests; the same ones each time."""
    chance, found = random.Random(cuts), 0
    while found < REQUESTS:
        body = _example("red")
        (bit,) = body["context"]["cuts"]
        body["design"]["top_material_id"] = chance.choice(["spruce_sitka", "maple_hard", "ebony_gaboon"])
        body["context"]["cuts"] = [_cut(chance, bit) for _ in range(cuts)]
        request = FeasibilityInput.model_validate(body)
        if _judged(request, JUDGES).risk_level is RiskLevel.RED:
            found += 1
            yield request


def _cut(chance: random.Random, bit: Mapping[str, Any]) -> dict[str, Any]:
    if chance.random() < 0.25:
        return _sawn(chance)
    tool = bit["tool"] | {"stickout_mm": chance.choice([12.5, 14, 20, 28])}
    return bit | {
        "tool": tool,
        "target": chance.choice(["CHANNEL", "CHANNEL", "SOUNDHOLE"]),
        "feed_mm_per_min": chance.choice([300, 1500, 4000, 9000]),
        "spindle_rpm": chance.choice([12_000, 18_000, 26_000, 32_000]),
        "depth_per_pass_mm": chance.choice([0.3, 0.6, 1.2]),
    }


def _sawn(chance: random.Random) -> dict[str, Any]:
    teeth: Sequence[int] = (30, 60, 80)
    blade = {"type": "SAW_BLADE", "material": "CARBIDE", "edge": "NEW", "max_rpm": 12_000}
    return {
        "mode": "SAW",
        "target": "BLANK",
        "ring_index": chance.randrange(3),
        "operation": "FINISH",
        "tool": blade | {"diameter_mm": 80, "kerf_mm": 0.8, "plate_mm": 0.6, "teeth": chance.choice(teeth)},
        "spindle_rpm": chance.choice([6_000, 10_000]),
        "feed_mm_per_min": chance.choice([600, 2_400]),
        "depth_per_pass_mm": 2,
    }
