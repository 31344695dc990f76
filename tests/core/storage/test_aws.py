"""AWS clients, as they are made."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from rmos.storage.aws import LateClient, client


@pytest.fixture
def region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def test_threads_that_ask_at_once_are_given_one_client(region):
    start = threading.Barrier(8)

    def asked(_number):
        start.wait()
        return LateClient("sts").meta

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(asked, range(8)))
    assert {id(meta) for meta in found} == {id(client("sts").meta)}
