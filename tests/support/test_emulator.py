import os

import pytest

from tests.support import emulator


def test_a_missing_environment_fails_and_names_its_target(monkeypatch, tmp_path):
    monkeypatch.setattr(emulator, "MINISTACK", tmp_path / ".venv-emulator" / "bin" / "ministack")

    with pytest.raises(pytest.fail.Exception, match=r"make \.venv-emulator"), emulator.emulating(tmp_path):
        pytest.fail("it started")


@pytest.mark.emulator
def test_an_emulator_answers_and_is_gone_afterwards(tmp_path):
    with emulator.emulating(tmp_path) as running:
        assert running.client("sqs").list_queues().get("QueueUrls", []) == []
        group_id = running.running.popen.pid

    with pytest.raises(ProcessLookupError):
        os.killpg(group_id, 0)
