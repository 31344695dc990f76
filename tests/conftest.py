"""What holds in every test: a bare environment, and no network but loopback."""

import os

import hypothesis
import pytest
import pytest_socket

pytest_plugins = ("tests.support.emulator", "tests.support.aws_stores")

_OURS = ("AWS_", "RMOS_", "POWERTOOLS_")


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.startswith(_OURS)]:  # noqa: TID251  # cleaned, not read
        del os.environ[name]  # noqa: TID251
    # botocore would otherwise look for credentials in the home folder and at the address of EC2's metadata.
    os.environ.update(  # noqa: TID251
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true"
    )
    # A shared machine stalls for longer than any deadline per example.
    hypothesis.settings.register_profile("shared-machine", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("shared-machine")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
