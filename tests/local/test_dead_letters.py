"""Work that was given up, as the person who looks after the data meets it."""

from contextlib import closing

import pytest
from rmos.storage.backend import DATABASE_NAME, open_local
from rmos.storage.ports import Emit
from rmos.storage.queue import MAX_ATTEMPTS, SqliteQueue

from tests.support.commands import rmos


@pytest.fixture
def data_dir(tmp_path):
    folder = tmp_path / "data"
    with closing(open_local(folder)) as stores:
        stores.records.commit([Emit("explanations", "event-1", "{}"), Emit("explanations", "event-2", "{}")])
    return folder


@pytest.fixture
def queue(data_dir):
    with closing(SqliteQueue(data_dir / DATABASE_NAME)) as opened:
        yield opened


def give_up_one(queue):
    receipt = None
    for _ in range(MAX_ATTEMPTS):
        receipt = queue.claim(["explanations"], 0).receipt
    return receipt


def test_fsck_names_given_up_work_as_a_warning_and_redrive_sends_it_back(data_dir, queue):
    queue.finish(queue.claim(["explanations"], 60).receipt)
    give_up_one(queue)

    checked = rmos("fsck", "--data-dir", data_dir)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "event-2 of explanations" in checked.stdout
    assert "5 attempts" in checked.stdout
    assert f"rmos redrive --data-dir {data_dir}" in checked.stdout

    sent = rmos("redrive", "--data-dir", data_dir)
    assert (sent.returncode, sent.stdout) == (0, "sent back: event-2 of explanations\n")
    assert queue.dead_letters() == []
    assert queue.claim(["explanations"], 60).attempt == 1
    assert "given up" not in rmos("fsck", "--data-dir", data_dir).stdout


def test_redrive_leaves_work_alone_that_waits_or_is_in_hand(data_dir, queue):
    held = queue.claim(["explanations"], 60)

    assert rmos("redrive", "--data-dir", data_dir).stdout == "nothing was given up\n"
    queue.retry(held.receipt, 0)
    assert {queue.claim(["explanations"], 60).attempt for _ in range(2)} == {1, 2}
