import stat

import pytest
from rmos.identity import Role, TokenAuthenticator, create_token, list_tokens

from local.admin_token import ensure_admin_token


def test_the_first_start_writes_a_token_that_only_its_owner_reads(data_dir, backend):
    path = ensure_admin_token(data_dir, backend.records)

    principal = TokenAuthenticator(backend.records).authenticate(f"Bearer {path.read_text().strip()}")
    assert path == data_dir / "admin.token"
    assert principal.role is Role.ADMIN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_later_starts_leave_it_as_it_is(data_dir, backend):
    before = ensure_admin_token(data_dir, backend.records).read_text()

    assert ensure_admin_token(data_dir, backend.records).read_text() == before
    assert len(list_tokens(backend.records)) == 1


def test_a_file_that_was_taken_away_does_not_come_back(data_dir, backend):
    ensure_admin_token(data_dir, backend.records).unlink()

    assert not ensure_admin_token(data_dir, backend.records).exists()


def test_a_file_left_of_other_data_is_written_anew_for_its_owner_alone(data_dir, backend):
    path = data_dir / "admin.token"
    path.write_text("a longer text than any token has " * 9)
    path.chmod(0o644)

    text = ensure_admin_token(data_dir, backend.records).read_text().strip()

    assert TokenAuthenticator(backend.records).authenticate(f"Bearer {text}").role is Role.ADMIN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("tokens", [0, 1])
def test_a_first_start_that_was_cut_short_is_made_good(data_dir, backend, tokens):
    (data_dir / "admin.token").touch(mode=0o600)
    for _ in range(tokens):
        create_token(backend.records, "first start", Role.ADMIN)

    text = ensure_admin_token(data_dir, backend.records).read_text().strip()

    assert TokenAuthenticator(backend.records).authenticate(f"Bearer {text}").role is Role.ADMIN
