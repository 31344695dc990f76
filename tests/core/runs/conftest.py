import pytest
from rmos.storage.backend import open_local


@pytest.fixture
def stores(tmp_path):
    opened = open_local(tmp_path / "data")
    yield opened
    opened.close()
