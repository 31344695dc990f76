"""The pictures in the documents are what the code draws."""

import pytest

from tests.support.pictures import FOLDER, pictures


@pytest.mark.parametrize("name", ["spanish-rosette.svg", "classical-map.svg"])
def test_a_picture_of_the_documents_is_as_drawn_now(name):
    kept = (FOLDER / name).read_text(encoding="utf-8")
    assert kept == pictures()[name], "run `.venv/bin/python -m tests.support.pictures` and look at the pictures"
