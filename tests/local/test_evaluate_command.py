import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rmos.design.own_rows import TOOLS, RowOrigin, ToolEntry, put_row
from rmos.storage.backend import open_local

from tests.support.commands import rmos

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
GREEN = json.loads((EXAMPLES / "classical-green.json").read_text())


@pytest.fixture
def file_of(tmp_path):
    def write(body):
        path = tmp_path / "body.json"
        path.write_text(body if isinstance(body, str) else json.dumps(body))
        return path

    return write


def with_cut(**changes):
    body = json.loads(json.dumps(GREEN))
    body["context"]["cuts"][0].update(changes)
    return body


def test_the_green_example_exits_0_and_shows_numbers_beside_limits():
    shown = rmos("evaluate", EXAMPLES / "classical-green.json")

    assert shown.returncode == 0
    assert shown.stdout.startswith("GREEN")
    for word in ("chipload", "deflection", "Not checked", "cut 1 (channel)"):
        assert word in shown.stdout


def test_the_red_example_exits_2_and_says_deflection():
    shown = rmos("evaluate", EXAMPLES / "classical-red.json")

    assert shown.returncode == 2
    assert shown.stdout.startswith("RED")
    assert "deflection" in shown.stdout.split("cut 1")[0].lower()


def test_an_assumed_default_is_yellow_and_exits_1(file_of):
    body = json.loads(json.dumps(GREEN))
    del body["context"]["cuts"][0]["tool"]["edge"]

    shown = rmos("evaluate", file_of(body))

    assert shown.returncode == 1
    assert "tool/edge" in shown.stdout


def test_as_json_it_is_the_result_of_the_api(file_of):
    shown = rmos("evaluate", "--json", EXAMPLES / "classical-green.json")

    result = json.loads(shown.stdout)
    assert result["risk_level"] == "GREEN"
    assert len(result["result_sha256"]) == 64


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (with_cut(spindle_rpm="fast"), "/context/cuts/0/spindle_rpm"),
        (with_cut(colour="red"), "/context/cuts/0/colour"),
        (GREEN | {"risk_level": "GREEN"}, "/risk_level"),
        ("{", "(the whole file)"),
        ('{"design": NaN}', "/design"),
    ],
)
def test_bad_input_exits_3_and_points_at_the_place(file_of, body, pointer):
    shown = rmos("evaluate", file_of(body))

    assert shown.returncode == 3
    assert shown.stdout == ""
    assert pointer in shown.stderr


def test_standard_input_is_read_and_called_so():
    shown = rmos("evaluate", "-", stdin=json.dumps({"design": GREEN["design"]}))

    assert shown.returncode == 3
    assert shown.stderr.splitlines() == [
        "rmos: standard input is no design with its cuts",
        "  /context: required, but missing",
    ]


def test_an_unknown_engine_exits_3():
    shown = rmos("evaluate", "--engine", "oracle", EXAMPLES / "classical-green.json")

    assert shown.returncode == 3
    assert "oracle" in shown.stderr


def test_a_missing_file_exits_3_in_one_line_as_2_would_say_red(tmp_path):
    shown = rmos("evaluate", tmp_path / "none.json")

    assert shown.returncode == 3
    assert shown.stderr.count("\n") == 1


def test_a_red_example_shows_what_would_help():
    shown = rmos("evaluate", EXAMPLES / "classical-red.json")

    assert "What would help" in shown.stdout
    assert "stickout 16 mm" in shown.stdout


def test_as_json_the_suggestions_are_there_unless_the_request_wants_none(file_of):
    shown = rmos("evaluate", "--json", EXAMPLES / "classical-red.json")
    suggestion = json.loads(shown.stdout)["suggestions"][0]
    assert suggestion["changes"] == [{"op": "replace", "path": "/context/cuts/0/tool/stickout_mm", "value": 16}]

    body = json.loads((EXAMPLES / "classical-red.json").read_text()) | {"suggest": False}
    without = json.loads(rmos("evaluate", "--json", file_of(body)).stdout)
    assert without["suggestions"] == []
    assert without["result_sha256"] == json.loads(shown.stdout)["result_sha256"]


def test_what_stands_in_the_way_is_named(file_of):
    body = json.loads(json.dumps(GREEN))
    del body["context"]["cuts"][0]["tool"]["edge"]

    shown = rmos("evaluate", file_of(body))

    assert "In the way" in shown.stdout


def test_a_map_and_a_preview_are_written_as_svg(tmp_path):
    shown = rmos(
        "evaluate", EXAMPLES / "classical-green.json", "--map", tmp_path / "map.svg", "--preview", tmp_path / "look.svg"
    )

    assert shown.returncode == 0
    for name in ("map.svg", "look.svg"):
        assert ET.parse(tmp_path / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_map_of_a_cut_without_a_feed_is_refused(file_of, tmp_path):
    body = json.loads(json.dumps(GREEN))
    del body["context"]["cuts"][0]["feed_mm_per_min"]

    shown = rmos("evaluate", file_of(body), "--map", tmp_path / "map.svg")

    assert shown.returncode == 3
    assert "/context/cuts/0/feed_mm_per_min" in shown.stderr


OWN_BIT = {
    "id": "own:stub",
    "label": "Stubby 1/8 in",
    "source": "my caliper",
    "confidence": 0.9,
    "values": GREEN["context"]["cuts"][0]["tool"],
}


@pytest.fixture
def workshop(tmp_path):
    """Return a data folder in which one own bit is kept."""
    folder = tmp_path / "workshop"
    store = open_local(folder)
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    entry = ToolEntry(**OWN_BIT, origin=RowOrigin.OWN, version=1, created_at=moment)
    store.records.commit([put_row(TOOLS, entry, None)])
    store.close()
    return folder


def with_own_bit(tool_id="own:stub"):
    body = json.loads(json.dumps(GREEN))
    del body["context"]["cuts"][0]["tool"]
    body["context"]["cuts"][0]["tool_id"] = tool_id
    return body


def test_own_rows_are_read_from_the_data_folder(file_of, workshop, tmp_path):
    picture, chart = tmp_path / "look.svg", tmp_path / "map.svg"
    named = rmos(
        "evaluate", "--json", file_of(with_own_bit()), "--data-dir", workshop, "--preview", picture, "--map", chart
    )
    inline = rmos("evaluate", "--json", EXAMPLES / "classical-green.json")

    assert (named.returncode, named.stderr) == (0, "")
    assert json.loads(named.stdout)["cuts"] == json.loads(inline.stdout)["cuts"]
    assert picture.exists()
    assert chart.exists()


def test_an_own_row_without_a_data_folder_exits_3_and_says_what_to_do(file_of):
    shown = rmos("evaluate", file_of(with_own_bit()))

    assert (shown.returncode, shown.stdout) == (3, "")
    assert "own:stub" in shown.stderr
    assert "--data-dir" in shown.stderr


def test_an_own_row_that_the_data_folder_does_not_hold_is_named_with_the_nearest_one(file_of, workshop):
    shown = rmos("evaluate", file_of(with_own_bit("own:stubb")), "--data-dir", workshop)

    assert shown.returncode == 3
    assert "/context/cuts/0/tool_id: unknown tool 'own:stubb'; did you mean own:stub?" in shown.stderr


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_without_data_exits_3_and_nothing_is_made_in_it(tmp_path, is_there):
    folder = tmp_path / "typo"
    if is_there:
        folder.mkdir()

    shown = rmos("evaluate", EXAMPLES / "classical-green.json", "--data-dir", folder)

    assert shown.returncode == 3
    assert str(folder) in shown.stderr
    assert folder.exists() == is_there
    assert not is_there or list(folder.iterdir()) == []


def test_the_table_is_in_the_units_that_the_request_asks_for(file_of):
    body = json.loads(json.dumps(GREEN))
    body["context"]["display_units"] = "INCH"

    metric = rmos("evaluate", EXAMPLES / "classical-green.json").stdout
    inches = rmos("evaluate", file_of(body)).stdout

    assert "0.04167 mm" in metric
    assert "ratio" not in metric
    assert "0.00164 in" in inches
    assert "thou" in inches
    assert " mm" not in inches.partition("Hazards")[0]


def test_a_hazard_of_several_materials_is_said_once():
    shown = rmos("evaluate", EXAMPLES / "classical-green.json").stdout

    assert shown.count("Wood dust harms the lungs and nose") == 1
    assert "Sitka spruce, Hard maple and East Indian rosewood: Wood dust" in shown
