import re
import time
from datetime import timedelta

import pytest
from rmos import identity
from rmos.clock import now
from rmos.errors import Busy, Invalid, NotFound, Unauthenticated
from rmos.identity import Role, TokenAuthenticator, create_token, list_tokens, revoke_token
from rmos.storage.backend import open_local


@pytest.fixture
def records(tmp_path):
    opened = open_local(tmp_path)
    yield opened.records
    opened.close()


def bearer(token):
    return f"Bearer {token}"


def test_a_token_holds_256_random_bits_and_its_secret_is_not_stored(records, tmp_path):
    token = create_token(records, "bench", Role.OPERATOR)
    assert re.fullmatch(r"rmos_[0-9a-f]{16}_[0-9a-f]{64}", token)
    secret = token.rpartition("_")[2].encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_a_token_names_its_holder_and_role(records):
    principal = TokenAuthenticator(records).authenticate(bearer(create_token(records, "bench", Role.REVIEWER)))
    assert (principal.name, principal.role) == ("bench", Role.REVIEWER)


def test_each_role_covers_itself_and_the_smaller_ones():
    covered = {role: [needed for needed in Role if role.covers(needed)] for role in Role}
    assert covered == {role: list(Role)[: position + 1] for position, role in enumerate(Role)}


def test_an_expired_token_is_refused_even_while_it_is_remembered(records, monkeypatch):
    authenticator = TokenAuthenticator(records)
    header = bearer(create_token(records, "short", Role.VIEWER, now() + timedelta(hours=1)))
    assert authenticator.authenticate(header)
    assert authenticator.recall(header)
    later = now() + timedelta(hours=2)
    monkeypatch.setattr(identity, "now", lambda: later)
    assert authenticator.recall(header) is None
    with pytest.raises(Unauthenticated):
        authenticator.authenticate(header)


def test_a_revoked_token_is_refused_once_the_30_seconds_are_over(records, monkeypatch):
    authenticator = TokenAuthenticator(records)
    header = bearer(create_token(records, "lost", Role.VIEWER))
    authenticator.authenticate(header)
    (token,) = list_tokens(records)
    revoke_token(records, token.token_id)
    with pytest.raises(Unauthenticated):
        TokenAuthenticator(records).authenticate(header)
    over = time.monotonic() + identity.CACHE_S
    monkeypatch.setattr(identity.time, "monotonic", lambda: over)
    assert authenticator.recall(header) is None


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_word_bearer_may_be_written_in_any_case(records, scheme):
    token = create_token(records, "n", Role.VIEWER)
    assert TokenAuthenticator(records).authenticate(f"{scheme} {token}").name == "n"


@pytest.mark.parametrize("header", ["", "Bearer", "Basic {}", "{}", "Bearer  {}", "Bearer {} ", "Bearer {},{}"])
def test_nobody_enters_by_any_other_header(records, header):
    token = create_token(records, "n", Role.VIEWER)
    with pytest.raises(Unauthenticated):
        TokenAuthenticator(records).authenticate(header.format(token, token))


def test_nothing_is_remembered_of_a_refusal(records):
    authenticator = TokenAuthenticator(records)
    header = bearer("rmos_" + "0" * 16 + "_" + "0" * 64)
    with pytest.raises(Unauthenticated):
        authenticator.authenticate(header)
    assert authenticator.recall(header) is None


def test_nobody_is_let_in_while_the_store_cannot_answer(records):
    class Stuck:
        def get(self, keys):
            raise Busy("no turn")

    header = bearer(create_token(records, "n", Role.ADMIN))
    with pytest.raises(Busy):
        TokenAuthenticator(Stuck()).authenticate(header)


def test_tokens_are_listed_oldest_first_and_revoking_is_safe_to_repeat(records):
    for name in ("a", "b", "c"):
        create_token(records, name, Role.VIEWER)
    tokens = list_tokens(records)
    assert [token.name for token in tokens] == ["a", "b", "c"]
    first = revoke_token(records, tokens[1].token_id)
    assert revoke_token(records, tokens[1].token_id) == first
    assert [token.revoked_at is None for token in list_tokens(records)] == [True, False, True]


@pytest.mark.parametrize("name", ["", "x" * 49, "a\nb", "a\x00", "\ud800"])
def test_a_name_that_is_not_one_short_line_is_refused(records, name):
    with pytest.raises(Invalid, match="48"):
        create_token(records, name, Role.VIEWER)
    assert list_tokens(records) == []


def test_an_unknown_token_cannot_be_revoked(records):
    with pytest.raises(NotFound, match="token list"):
        revoke_token(records, "nobody")
