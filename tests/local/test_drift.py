import pytest

from local.architecture_map import MapError
from local.drift import Word, compare
from local.source_tree import SourceTree

MAP = """
# Map

| Component | Lives in | Status | Notes |
|---|---|---|---|
| `Saw` | `rmos.saw:Saw` | `[IMPLEMENTED]` | |
| `cut()` | `rmos.saw:cut(wood, depth_mm)` | `[IMPLEMENTED]` | a \\| b |
| `Saw.stop` | `rmos.saw:Saw.stop`, `docs/saw.md` | `[IMPLEMENTED]` | |
| `Laser` | `rmos.laser:Laser` | `[PLANNED]` | |

| Endpoint | Query | Status | Notes |
|---|---|---|---|
| `GET /saws` | `limit` `cursor` | `[IMPLEMENTED]` | |
| `POST /lasers` | | `[PLANNED]` | |
"""
SAW = "class Saw:\n    def stop(self):\n        pass\n\n\ndef cut(wood, depth_mm):\n    pass\n"
LISTING = {"parameters": [{"name": "limit", "in": "query"}, {"name": "cursor", "in": "query"}]}
OPENAPI = {"paths": {"/saws": {"get": LISTING}}}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "layers/core/src/rmos").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/saw.md").write_text("saws")
    (tmp_path / "layers/core/src/rmos/__init__.py").write_text("")
    (tmp_path / "layers/core/src/rmos/saw.py").write_text(SAW)
    return tmp_path


def drifts(root, map_text=MAP, openapi=OPENAPI):
    return [(each.word, each.name) for each in compare(map_text, openapi, SourceTree(root)).drifts]


def test_a_map_that_tells_the_truth_has_no_drift_and_names_what_is_planned(root):
    comparison = compare(MAP, OPENAPI, SourceTree(root))

    assert comparison.drifts == ()
    assert comparison.planned == ("Laser", "POST /lasers")
    assert comparison.rows == 6


def test_a_component_that_is_gone_is_missing(root):
    (root / "layers/core/src/rmos/saw.py").write_text(SAW.replace("class Saw:", "class Plane:"))

    assert drifts(root) == [(Word.MISSING, "Saw"), (Word.MISSING, "Saw.stop")]


def test_a_file_that_is_gone_is_missing(root):
    (root / "docs/saw.md").unlink()

    assert drifts(root) == [(Word.MISSING, "Saw.stop")]


def test_a_component_that_moved_is_elsewhere(root):
    (root / "layers/core/src/rmos/saw.py").rename(root / "layers/core/src/rmos/tools.py")

    assert (Word.LOCATION, "Saw") in drifts(root)


def test_a_function_with_other_parameters_has_another_signature(root):
    (root / "layers/core/src/rmos/saw.py").write_text(SAW.replace("depth_mm", "depth_mm, feed"))

    assert drifts(root) == [(Word.SIGNATURE, "cut()")]


def test_a_module_that_no_row_names_is_undocumented(root):
    (root / "layers/core/src/rmos/plane.py").write_text("x = 1\n")

    assert drifts(root) == [(Word.UNDOCUMENTED, "rmos.plane")]


def test_a_package_with_a_row_covers_its_modules(root):
    (root / "functions/workshop/tools").mkdir(parents=True)
    (root / "functions/workshop/tools/routes.py").write_text("x = 1\n")
    row = "| tools | `workshop.tools` | `[IMPLEMENTED]` | |\n"

    assert drifts(root) == [(Word.UNDOCUMENTED, "workshop.tools.routes")]
    assert drifts(root, MAP.replace("| `Laser`", row + "| `Laser`")) == []


@pytest.mark.parametrize("module", ["laser", "light"])
def test_a_planned_component_that_exists_anywhere_is_undocumented(root, module):
    (root / f"layers/core/src/rmos/{module}.py").write_text("class Laser: pass\n")

    assert (Word.UNDOCUMENTED, "Laser") in drifts(root)


def test_an_endpoint_the_api_lacks_is_missing(root):
    assert drifts(root, openapi={"paths": {}}) == [(Word.MISSING, "GET /saws")]


def test_an_endpoint_the_map_lacks_is_undocumented(root):
    openapi = {"paths": {"/saws": {"get": LISTING, "post": {}}}}

    assert drifts(root, openapi=openapi) == [(Word.UNDOCUMENTED, "POST /saws")]


def test_a_planned_endpoint_that_is_served_is_undocumented(root):
    openapi = {"paths": {"/saws": {"get": LISTING}, "/lasers": {"post": {}}}}

    assert drifts(root, openapi=openapi) == [(Word.UNDOCUMENTED, "POST /lasers")]


def test_an_endpoint_with_other_query_parameters_has_another_signature(root):
    openapi = {"paths": {"/saws": {"get": {"parameters": LISTING["parameters"][:1]}}}}

    assert drifts(root, openapi=openapi) == [(Word.SIGNATURE, "GET /saws")]


@pytest.mark.parametrize(
    "row",
    [
        "| `Saw` | `rmos.saw:Saw` | `[PERHAPS]` | |",
        "| `Saw` | `rmos.saw:Saw` | | |",
        "| `Saw` | somewhere | `[IMPLEMENTED]` | |",
    ],
)
def test_a_row_without_a_place_or_a_known_status_is_refused_by_its_line(root, row):
    text = MAP.replace("| `Saw` | `rmos.saw:Saw` | `[IMPLEMENTED]` | |", row)

    with pytest.raises(MapError, match="line 6"):
        compare(text, OPENAPI, SourceTree(root))
