"""Requests to judge: the README's rosette, and plain ones for single numbers."""

import copy
import json
from pathlib import Path

from rmos.design.library import BuiltInLibrary
from rmos.feasibility.assembly import assembled
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Feasibility
from rmos.feasibility.registry import default_registry
from rmos.feasibility.resolution import resolve

FIXTURES = Path(__file__).parents[1] / "fixtures"
REGISTRY = default_registry(allow_stub=False)


def body_of(name="classical-green"):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def changed(body, **values):
    """Return a copy of `body` with values at paths written with two underscores: cuts__0__tool__stickout_mm=30.

    Paths start in `design` or `context`, whichever has the first step. The value `...` removes the field.
    """
    body = copy.deepcopy(body)
    for path, value in values.items():
        steps = [int(step) if step.isdigit() else step for step in path.split("__")]
        node = body if steps[0] in body else body["design"] if steps[0] in body["design"] else body["context"]
        if steps[0] not in node:
            node = body["design"] if steps[0].startswith(("top_", "glue", "channel", "finished")) else body["context"]
        for step in steps[:-1]:
            node = node[step]
        if value is ...:
            del node[steps[-1]]
        else:
            node[steps[-1]] = value
    return body


def judged(body) -> Feasibility:
    return evaluate_feasibility(FeasibilityInput.model_validate(body), REGISTRY, "baseline_v1")


def facts_of(body, cut=0):
    return assembled(resolve(FeasibilityInput.model_validate(body), BuiltInLibrary()), cut).facts


def categories_of(result, cut=0):
    return {str(each.category): each for each in result.cuts[cut].assessments}


def checks_of(result, cut=0):
    """Return the nearest check of each rule."""
    found = {}
    for assessment in result.cuts[cut].assessments:
        for check in assessment.details.checks:
            if check.rule_id not in found or check.score < found[check.rule_id].score:
                found[check.rule_id] = check
    return found


def wood(density, burn):
    return {"class": "WOOD", "density_kg_per_m3": density, "burn_tendency": burn}


def one_cut(  # noqa: PLR0913  # one number for each column of a table of cuts
    material, *, diameter, rpm, feed, depth, stickout, flutes=2, operation="FINISH", **tool
):
    """Return a channel cut to `depth` in one pass by a bit of one thickness, in a thick top of `material`."""
    return {
        "design": {
            "soundhole_diameter_mm": 85,
            "inner_diameter_mm": 89,
            "outer_diameter_mm": 121,
            "channel_depth_mm": depth,
            "top_thickness_mm": 20,
            "finished_top_thickness_mm": 20,
            "top_material": material,
            "glue_line_mm": 0.05,
            "rings": [{"width_mm": 15.9, "material": material}],
        },
        "context": {
            "machine": {
                "spindle_power_w": 450,
                "min_rpm": 1000,
                "max_rpm": 60000,
                "max_feed_mm_per_min": 10000,
                "acceleration_mm_per_s2": 250,
                "axis_force_n": 89,
                "runout_mm": 0.005,
            },
            "cuts": [
                {
                    "mode": "ROUTER",
                    "target": "CHANNEL",
                    "operation": operation,
                    "spindle_rpm": rpm,
                    "feed_mm_per_min": feed,
                    "plunge_mm_per_min": feed / 3,
                    "depth_per_pass_mm": depth,
                    "stepover_mm": diameter,
                    "entry": "RAMP",
                    "tool": {
                        "type": "FLAT",
                        "material": "CARBIDE",
                        "diameter_mm": diameter,
                        "flutes": flutes,
                        "flute_length_mm": stickout - 2,
                        "stickout_mm": stickout,
                        "shank_diameter_mm": diameter,
                        "helix": "UPCUT",
                        "edge": "NEW",
                        "max_rpm": 60000,
                    }
                    | tool,
                }
            ],
        },
    }


SPRUCE, MAPLE, EBONY, ROSEWOOD = wood(425, 0.3), wood(705, 0.6), wood(1050, 0.5), wood(830, 0.4)

VECTORS = {
    "V1": one_cut(SPRUCE, diameter=3.175, rpm=18000, feed=1500, depth=0.75, stickout=14),
    "V2": one_cut(MAPLE, diameter=3.175, rpm=18000, feed=1200, depth=1.5, stickout=20),
    "V3": one_cut(MAPLE, diameter=6.0, rpm=24000, feed=400, depth=2, stickout=25),
    "V4": one_cut(EBONY, diameter=0.8, rpm=24000, feed=300, depth=0.25, stickout=6),
    "V5": one_cut(MAPLE, diameter=3.175, rpm=18000, feed=1200, depth=3, stickout=30),
    "V6": one_cut(ROSEWOOD, diameter=1.5875, rpm=20000, feed=700, depth=0.5, stickout=9),
    "V7": one_cut(MAPLE, diameter=6.0, rpm=18000, feed=1800, depth=3, stickout=25, operation="ROUGH"),
    "V8": one_cut(MAPLE, diameter=3.175, rpm=18000, feed=8000, depth=1.5, stickout=16),
}


def saw_cut(density=705, *, diameter=254, teeth=24, kerf=3.0, plate=2.2, rpm=4000, feed=6000, depth=25, strip=None):  # noqa: PLR0913
    """Return a cut across the grain (along it with `strip`) that saws a blank `depth` deep."""
    ring = {"width_mm": 15.9, "material": wood(density, 0.6)}
    if strip is not None:
        ring |= {"construction": "VENEER", "strip_thickness_mm": strip}
    body = one_cut(wood(425, 0.3), diameter=3.175, rpm=18000, feed=1500, depth=1.2, stickout=14)
    body["design"]["rings"] = [ring]
    body["context"]["machine"] |= {"spindle_power_w": 3000, "axis_force_n": 500}
    body["context"]["cuts"] = [
        {
            "mode": "SAW",
            "target": "BLANK",
            "ring_index": 0,
            "operation": "ROUGH",
            "spindle_rpm": rpm,
            "feed_mm_per_min": feed,
            "depth_per_pass_mm": depth,
            "tool": {
                "type": "SAW_BLADE",
                "material": "CARBIDE",
                "diameter_mm": diameter,
                "teeth": teeth,
                "kerf_mm": kerf,
                "plate_mm": plate,
                "edge": "NEW",
                "max_rpm": 7000,
            },
        }
    ]
    return body
