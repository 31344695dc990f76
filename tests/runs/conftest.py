import json
from pathlib import Path

import pytest
from rmos.storage.backend import open_local

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture
def stores(tmp_path):
    opened = open_local(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def green():
    """The README's example: may be cut."""
    return json.loads((FIXTURES / "classical-green.json").read_text())


@pytest.fixture
def red():
    """Its twin in hard maple, in one pass with a long stickout: deflects too much."""
    return json.loads((FIXTURES / "classical-red.json").read_text())


@pytest.fixture
def unknown(green):
    """The same without the bit's stickout, which no verdict can do without."""
    del green["context"]["cuts"][0]["tool"]["stickout_mm"]
    return green
