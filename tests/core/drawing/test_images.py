"""The pictures in the documents are what the command draws.

To draw them anew, and then look at them:

    rmos evaluate tests/fixtures/spanish-rosette.json --preview docs/images/spanish-rosette.svg
    rmos evaluate tests/fixtures/classical-green.json --map docs/images/classical-map.svg
"""

from pathlib import Path

import pytest

from tests.support.commands import rmos

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("fixture", "option", "picture"),
    [
        ("spanish-rosette.json", "--preview", "spanish-rosette.svg"),
        ("classical-green.json", "--map", "classical-map.svg"),
    ],
)
def test_a_picture_of_the_documents_is_as_drawn_now(fixture, option, picture, tmp_path):
    rmos("evaluate", ROOT / "tests" / "fixtures" / fixture, option, tmp_path / picture)
    drawn = (tmp_path / picture).read_text(encoding="utf-8")
    assert drawn == (ROOT / "docs" / "images" / picture).read_text(encoding="utf-8")
