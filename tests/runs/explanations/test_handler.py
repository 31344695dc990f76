import importlib
import json
from pathlib import Path

import pytest
from rmos.clock import now
from rmos.runs import evidence_records, repository
from rmos.runs.evidence import Explanation, ExplanationStatus

from tests.support.gateway import CONTEXT
from tests.support.responses_api import responses_api
from tests.support.run_artifacts import an_artifact

EVENT = Path(__file__).parents[3] / "events/explanations-sqs.json"


@pytest.fixture
def handler(monkeypatch, stores, tmp_path):
    with responses_api() as api:
        for name, value in {
            "DATA_DIR": str(tmp_path / "data"),
            "OPENAI_API_KEY": "sk-x",
            "OPENAI_BASE_URL": api.url,
            "OPENAI_TEXT_MODEL": "m",
        }.items():
            monkeypatch.setenv(f"RMOS_{name}", value)
        module = importlib.reload(importlib.import_module("runs.explanations.handler"))
        yield module.handler
        module._stores().close()


def test_a_message_of_the_queue_is_worked_off(handler, stores):
    event = json.loads(EVENT.read_text())
    asked = json.loads(event["Records"][0]["body"])
    stores.records.commit([repository.create(an_artifact(run_id=asked["run_id"]))])
    handler(event, CONTEXT)  # nobody waits for it
    pending = Explanation(status=ExplanationStatus.PENDING, event_id=asked["event_id"], deadline_at=now())
    stores.records.commit([evidence_records.put_explanation(asked["run_id"], pending, None)])
    handler(event, CONTEXT)
    explanation, _ = evidence_records.get_explanation(stores.records, asked["run_id"])
    assert (explanation.status, explanation.summary) == (ExplanationStatus.READY, "It bends.")
