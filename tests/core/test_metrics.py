"""Metrics and incidents as lines of the log."""

import json
import time

import pytest
from rmos.errors import BlobCorrupt, Corrupt
from rmos.incidents import report_damage
from rmos.metrics import count
from rmos.request_context import current_request_id


@pytest.fixture
def on_aws(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "RMOS/test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "rmos")


@pytest.fixture
def written(capsys):
    """What was written since, as documents."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_count_is_one_document_of_cloudwatchs_embedded_format(on_aws, written):
    token = current_request_id.set("req_1")
    try:
        count("Runs", status="OK")
    finally:
        current_request_id.reset(token)
    (line,) = written()
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "RMOS/test"
    assert directive["Metrics"] == [{"Name": "Runs", "Unit": "Count"}]
    (dimensions,) = directive["Dimensions"]
    assert set(dimensions) == {"service", "status"}
    assert (line["Runs"], line["service"], line["status"]) == ([1.0], "rmos", "OK")
    assert line["correlation_id"] == "req_1"
    assert abs(line["_aws"]["Timestamp"] / 1_000 - time.time()) < 60


def test_counts_do_not_run_into_each_other(on_aws, written):
    count("Runs", status="OK")
    count("Runs", status="BLOCKED")
    count("CorruptBlobs")
    first, second, third = written()
    assert (first["status"], second["status"], second["Runs"]) == ("OK", "BLOCKED", [1.0])
    assert "status" not in third
    assert "Runs" not in third


def test_one_machine_writes_no_metrics(written):
    count("Runs", status="OK")
    assert written() == []


@pytest.mark.parametrize(
    ("found", "metric"), [(BlobCorrupt("a" * 64), "CorruptBlobs"), (Corrupt("k"), "CorruptRecords")]
)
def test_damage_is_counted_by_what_is_damaged(on_aws, written, found, metric):
    report_damage(found)
    assert [line[metric] for line in written() if "_aws" in line] == [[1.0]]
