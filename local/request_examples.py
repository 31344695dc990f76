"""A body for each operation that takes JSON, as the OpenAPI document shows it; a test sends every one of them."""

import json
from pathlib import Path
from typing import Any, Final, TypeAlias

from local.examples import GREEN, RED

Examples: TypeAlias = dict[str, dict[str, Any]]

_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_BIT: Final[dict[str, Any]] = {
    "label": "1/8 in downcut, two flutes",
    "aliases": ["the short one"],
    "values": {
        "type": "FLAT",
        "material": "CARBIDE",
        "diameter_mm": "1/8 in",
        "flutes": 2,
        "flute_length_mm": 10,
        "stickout_mm": 14,
        "shank_diameter_mm": "1/8 in",
        "helix": "DOWNCUT",
        "edge": "NEW",
        "max_rpm": 30000,
    },
    "source": "measured in the workshop",
}
_WOOD: Final[dict[str, Any]] = {
    "label": "Cypress from the old barn",
    "values": {"class": "WOOD", "density_kg_per_m3": 520, "janka_n": 2400},
    "hazards": [{"kind": "DUST", "text": "Wear a mask: the dust irritates"}],
}
_ROUTER: Final[dict[str, Any]] = {
    "label": "Our router",
    "values": {
        "spindle_power_w": 450,
        "min_rpm": 10000,
        "max_rpm": 30000,
        "max_feed_mm_per_min": "200 ipm",
        "acceleration_mm_per_s2": 250,
        "axis_force_n": 89,
        "runout_mm": 0.01,
    },
}
_SETTINGS: Final[dict[str, Any]] = {
    "label": "Channel in spruce on our router",
    "values": {
        "machine_id": "belt_hobby_router",
        "cuts": [
            {
                "mode": "ROUTER",
                "target": "CHANNEL",
                "operation": "FINISH",
                "tool_id": "flat_3175",
                "spindle_rpm": 18000,
                "feed_mm_per_min": "60 ipm",
                "depth_per_pass_mm": 0.6,
            }
        ],
    },
}


def examples() -> dict[str, Examples]:
    """Return the examples of each operation by its id."""
    green, red = _read(GREEN), _read(RED)
    designs = {
        "green": _example("A 1.2 mm channel in a spruce top, cut in two passes with a 1/8 in bit", green),
        "red": _example("The same in hard maple, in one pass with 30 mm of bit sticking out", red),
    }
    axes = {
        "feed_mm_per_min": {"min": 300, "max": "100 ipm", "steps": 12},
        "spindle_rpm": {"min": 10000, "max": 30000, "steps": 9},
    }
    rows: dict[str, dict[str, Any]] = {"material": _WOOD, "tool": _BIT, "machine": _ROUTER, "preset": _SETTINGS}
    return {
        **dict.fromkeys(("evaluate_feasibility", "preview_rosette", "create_run"), designs),
        "evaluate_feasibility_batch": _one("Two at once", {"items": [green, red]}),
        "map_feasibility": _one("The channel over feed and speed", green | axes),
        **{
            f"{verb}_{kind}": _one(str(row["label"]), row)
            for kind, row in rows.items()
            for verb in ("create", "replace")
        },
        "attach_advisory": _one(
            "What a program said", {"advisory_id": "cam-check-17", "kind": "NOTE", "engine_id": "cam"}
        ),
        "suggest_and_attach": {
            "rules": _example("Written from the assessments", {"engine_id": "rules_v1"}),
            "text": _example(
                "A text of your own", {"kind": "NOTE", "advisory_markdown": "Cut on a **test piece** first."}
            ),
        },
        "announce_upload": _one(
            "A film of 25 MB",
            {
                "kind": "FILM",
                "filename": "cut.mp4",
                "media_type": "video/mp4",
                "size_bytes": 25000000,
                "sha256": _DIGEST,
            },
        ),
        "replay_run": _one("By the engine of the first verdicts", {"engine_id": "baseline_v1"}),
    }


def _one(summary: str, value: object) -> Examples:
    return {"example": _example(summary, value)}


def _example(summary: str, value: object) -> dict[str, Any]:
    return {"summary": summary, "value": value}


def _read(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body
