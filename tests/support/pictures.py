"""The pictures of the documents: `.venv/bin/python -m tests.support.pictures` writes docs/images anew."""

from pathlib import Path

from rmos.drawing.preview import draw_preview
from rmos.drawing.request import PreviewRequest
from rmos.drawing.risk_map import MapCell, MapPoint, RiskMap, draw_map

from tests.support.rosettes import REGISTRY, body_of, changed, judged

FOLDER = Path(__file__).parents[2] / "docs" / "images"
FEEDS = tuple(float(feed) for feed in range(200, 4001, 200))
SPEEDS = tuple(float(speed) for speed in range(10_000, 30_001, 1_000))


def pictures():
    """Return the text of each picture by its file name."""
    return {"spanish-rosette.svg": spanish_rosette(), "classical-map.svg": classical_map()}


def spanish_rosette():
    request = PreviewRequest.model_validate(body_of("spanish-rosette"))
    return draw_preview(request, REGISTRY, "baseline_v1")


def classical_map():
    body = body_of("classical-green")
    cut = body["context"]["cuts"][0]
    return draw_map(
        RiskMap(
            title="Channel in Sitka spruce, 1/8 in two-flute bit",
            subtitle=body["design"]["label"],
            feeds_mm_per_min=FEEDS,
            spindle_rpms=SPEEDS,
            cells=tuple(tuple(cell(body, feed, speed) for speed in SPEEDS) for feed in FEEDS),
            present=MapPoint(cut["feed_mm_per_min"], cut["spindle_rpm"]),
        )
    )


def cell(body, feed, speed):
    result = judged(changed(body, cuts__0__feed_mm_per_min=feed, cuts__0__spindle_rpm=speed))
    return MapCell(result.risk_level, result.overall_score)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
