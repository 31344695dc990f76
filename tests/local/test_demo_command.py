from rmos.feasibility.models import RiskLevel
from rmos.runs.models import RunFilter, RunStatus
from rmos.runs.repository import list_summaries
from rmos.settings import Settings

from local import demo
from tests.support.commands import rmos


def test_the_story_holds_on_an_empty_folder_and_leaves_its_runs_there(data_dir, backend):
    told = rmos("demo", "--data-dir", data_dir)

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    assert "✗" not in told.stdout
    page = list_summaries(backend.records, RunFilter(), None, 10)
    assert [line.head["status"] for line in page.items] == [RunStatus.OK.value, RunStatus.BLOCKED.value]


def test_it_can_be_told_again_over_the_same_data(data_dir):
    assert [rmos("demo", "--data-dir", data_dir).returncode for _ in range(2)] == [0, 0]


def test_without_a_folder_nothing_is_left_behind(tmp_path):
    told = rmos("demo", cwd=tmp_path, env={"TMPDIR": str(tmp_path)})

    assert told.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_does_not_hold_is_told(backend, monkeypatch):
    monkeypatch.setattr(demo, "GREEN", demo.RED)

    steps = list(demo.Demo(backend, Settings()).play())

    assert [step.held for step in steps][:2] == [True, False]
    assert RiskLevel.RED.value in steps[1].outcome
