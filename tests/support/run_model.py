"""What a store of runs should hold, as plain dictionaries: the model beside which the HTTP API is driven."""

import copy
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"
ANSWERED = {"GREEN": "OK", "YELLOW": "OK", "RED": "BLOCKED", "UNKNOWN": "BLOCKED"}


def inputs():
    """Return what can be asked, by name: the body, and the verdict of the default engine."""
    green, red = (json.loads((FIXTURES / f"classical-{colour}.json").read_text()) for colour in ("green", "red"))
    renamed, slower, unknown = (copy.deepcopy(green) for _ in range(3))
    renamed["design"]["label"] = "another rosette"
    slower["context"]["cuts"][0]["feed_mm_per_min"] = 1400
    del unknown["context"]["cuts"][0]["tool"]["stickout_mm"]
    return {
        "green": (green, "GREEN"),
        "renamed": (renamed, "GREEN"),
        "slower": (slower, "GREEN"),
        "red": (red, "RED"),
        "unknown": (unknown, "UNKNOWN"),
    }


@dataclass
class KnownRun:
    """A run as it was answered when it was made, and what was added to it since."""

    view: dict
    work: tuple
    """All that a diff compares, as far as it was chosen: two runs with equal `work` do not differ."""
    by_rules: tuple | None = None
    """The digest of the text of `rules_v1` and how it begins, once it was asked for one."""
    attachments: dict = field(default_factory=dict)
    advisories: dict = field(default_factory=dict)

    @property
    def run_id(self):
        return self.view["run_id"]

    def expected(self):
        """Return the view as it should be answered now."""
        return self.view | {
            "attachments": list(self.attachments.values()),
            "advisory_inputs": list(self.advisories.values()),
            "advisory_count": len(self.advisories),
        }

    def is_chosen_by(self, chosen):
        known = self.view | {"risk_level": self.view["decision"]["risk_level"]}
        return all(known[name] == value for name, value in chosen.items())

    def attach(self, data, kind, filename, media_type):
        """Return the status that attaching should get."""
        kept = self.attachments.get(sha256_of(data))
        if kept is None:
            return 201
        same = (kept["kind"], kept["filename"], kept["media_type"]) == (kind, filename, media_type)
        return 200 if same else 409

    def advise(self, advisory_id, kind, engine_id, engine_version=None):
        """Return the status that attaching an advisory should get."""
        kept = self.advisories.get(advisory_id)
        if kept is None:
            return 201
        same = (kept["kind"], kept["engine_id"], kept["engine_version"]) == (kind, engine_id, engine_version)
        return 200 if same else 409


def severity_between(a, b):
    """Return the severity of the diff of two works, or None where the model does not say."""
    if a == b:
        return "NONE"
    (input_a, engine_a, *rest_a), (input_b, engine_b, *rest_b) = a, b
    colours = {name: verdict for name, (_, verdict) in inputs().items()}
    if engine_a == engine_b == "baseline_v1" and colours[input_a] != colours[input_b]:
        return "CRITICAL"
    if (engine_a == engine_b) and {input_a, input_b} <= {"green", "renamed"} and rest_a != rest_b:
        return "INFO"
    return None


def sha256_of(data):
    return hashlib.sha256(data).hexdigest()
