import pytest
from rmos.storage.backend import open_local

from local.place import made_folder


@pytest.fixture
def data_dir(tmp_path):
    return made_folder(tmp_path / "data")


@pytest.fixture
def backend(data_dir):
    backend = open_local(data_dir)
    yield backend
    backend.close()
