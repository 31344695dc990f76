import re
from datetime import UTC, datetime, timedelta

import pytest
from rmos.errors import Unauthenticated
from rmos.identity import Role, TokenAuthenticator, list_tokens

from local.place import CannotStart
from local.tokens import expiry
from tests.support.commands import rmos

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_create_prints_the_token_alone_and_it_is_accepted(data_dir, backend):
    made = rmos("token", "create", "--role", "operator", "--name", "CAM plug-in", "--data-dir", data_dir)

    assert made.returncode == 0
    assert made.stderr == ""
    assert re.fullmatch(r"rmos_[0-9a-f]{16}_[0-9a-f]{64}\n", made.stdout)
    principal = TokenAuthenticator(backend.records).authenticate(f"Bearer {made.stdout.strip()}")
    assert (principal.name, principal.role) == ("CAM plug-in", Role.OPERATOR)


def test_a_revoked_token_is_refused_and_still_listed(data_dir, backend):
    token = rmos("token", "create", "--role", "viewer", "--name", "guest", "--data-dir", data_dir).stdout.strip()
    (kept,) = list_tokens(backend.records)

    revoked = rmos("token", "revoke", kept.token_id, "--data-dir", data_dir)
    listed = rmos("token", "list", "--data-dir", data_dir)

    assert revoked.returncode == 0
    with pytest.raises(Unauthenticated):
        TokenAuthenticator(backend.records).authenticate(f"Bearer {token}")
    assert kept.token_id in listed.stdout
    assert "revoked" in listed.stdout
    assert token not in listed.stdout


def test_an_expiring_token_is_listed_with_its_end(data_dir, backend):
    command = ("token", "create", "--role", "viewer", "--name", "guest", "--expires-in", "30d")
    rmos(*command, "--data-dir", data_dir)

    (kept,) = list_tokens(backend.records)

    assert kept.expires_at - kept.created_at < timedelta(days=30, seconds=1)
    assert kept.expires_at.strftime("%Y-%m-%dT%H:%M") in rmos("token", "list", "--data-dir", data_dir).stdout


def test_the_data_folder_may_come_from_the_environment(data_dir, backend):
    made = rmos("token", "create", "--role", "viewer", "--name", "guest", env={"RMOS_DATA_DIR": str(data_dir)})

    assert made.returncode == 0
    assert [token.name for token in list_tokens(backend.records)] == ["guest"]


def test_a_narrow_terminal_still_shows_whole_ids_to_revoke_by(data_dir, backend):
    token = rmos("token", "create", "--role", "viewer", "--name", "a longer name", "--data-dir", data_dir).stdout
    listed = rmos("token", "list", "--data-dir", data_dir, env={"COLUMNS": "80"})
    assert token.split("_")[1] in listed.stdout


@pytest.mark.parametrize("command", [("token", "list"), ("fsck",), ("reindex",), ("gc",)])
def test_a_folder_that_holds_no_data_is_refused_and_stays_empty(data_dir, command):
    answered = rmos(*command, "--data-dir", data_dir)
    assert answered.returncode == 2
    assert "holds no data of RMOS" in answered.stderr
    assert list(data_dir.iterdir()) == []


def test_a_mistyped_data_folder_is_refused_in_one_line_and_not_made(tmp_path):
    listed = rmos("token", "list", "--data-dir", tmp_path / "dtaa")

    assert listed.returncode == 2
    assert listed.stdout == ""
    assert listed.stderr.count("\n") == 1
    assert "dtaa" in listed.stderr
    assert not (tmp_path / "dtaa").exists()


def test_an_unknown_token_cannot_be_revoked(data_dir, backend):
    revoked = rmos("token", "revoke", "0123456789abcdef", "--data-dir", data_dir)

    assert revoked.returncode == 2
    assert "no token" in revoked.stderr


def test_two_places_at_once_are_refused(data_dir):
    listed = rmos("token", "list", "--data-dir", data_dir, "--stack", "rmos")

    assert listed.returncode == 2
    assert "not both" in listed.stderr


@pytest.mark.parametrize(
    ("given", "age"),
    [("90m", timedelta(minutes=90)), ("12h", timedelta(hours=12)), ("30d", timedelta(30)), ("4w", timedelta(28))],
)
def test_times_to_live_are_written_short(given, age):
    assert expiry(given, START) == START + age


def test_a_token_without_a_time_to_live_does_not_end():
    assert expiry(None, START) is None


@pytest.mark.parametrize("given", ["", "30", "0d", "-1d", "1y", "30 d", "999999w", "٣d"])
def test_other_times_to_live_are_refused(given):
    with pytest.raises(CannotStart):
        expiry(given, START)
