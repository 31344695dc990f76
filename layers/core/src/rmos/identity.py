"""Who calls: tokens, roles and how a token is checked. The only place that knows the tokens' keys."""

import hmac
import re
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from rmos.canonical import sha256_of_text
from rmos.clock import now, rfc3339_utc
from rmos.errors import FieldProblem, Invalid, NotFound, Unauthenticated
from rmos.models import StoredModel, UtcTime
from rmos.storage.ports import Entry, Order, Put, Record, RecordStore

CACHE_S = 30.0
_CACHE_ENTRIES = 1_000
_INDEX = "tokens"
_BEARER = re.compile(r"(?i:Bearer) rmos_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)
"""An `Authorization` header; the case of its scheme is the sender's choice (RFC 9110 section 11.1)."""
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,48}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rmos"'}


class Role(Enum):
    """What a token may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who made a request, as their token says."""

    token_id: str
    name: str
    role: Role


class Token(StoredModel):
    """A token as it is kept: its secret only as a SHA-256."""

    token_id: str
    name: str
    role: Role
    secret_sha256: str
    created_at: UtcTime
    expires_at: UtcTime | None = None
    revoked_at: UtcTime | None = None

    def is_valid(self, moment: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


def create_token(records: RecordStore, name: str, role: Role, expires_at: datetime | None = None) -> str:
    """Store a new token and return its text, which is shown this once: `rmos_<id>_<256 random bits>`.

    Raises:
        Invalid: `name` is not one line of 1 to 48 characters; it stands in every run that the token makes.
    """
    if _NAME.fullmatch(name) is None:
        raise Invalid("a token's name is one line of 1 to 48 characters", problems=[FieldProblem("/name", "see above")])
    secret = secrets.token_hex(32)
    token = Token(
        token_id=secrets.token_hex(8),
        name=name,
        role=role,
        secret_sha256=sha256_of_text(secret),
        created_at=now(),
        expires_at=expires_at,
    )
    records.commit([Put(_record_of(token, version=1))])
    return f"rmos_{token.token_id}_{secret}"


def list_tokens(records: RecordStore) -> list[Token]:
    """Return all tokens, revoked ones too, oldest first."""
    tokens: list[Token] = []
    after: str | None = None
    while True:
        page = records.query(_INDEX, "", "", Order.OLDEST_FIRST, after, 100)
        stored = records.get([line.key for line in page.items])
        tokens.extend(Token.model_validate_json(record.body) for record in stored if record is not None)
        if not page.more:
            return tokens
        after = page.items[-1].sort


def revoke_token(records: RecordStore, token_id: str) -> Token:
    """End a token; within 30 seconds no process accepts it any more. Safe to repeat.

    Raises:
        NotFound: no such token.
        Conflict: it changed at the same moment.
    """
    (stored,) = records.get([_key(token_id)])
    if stored is None:
        raise NotFound(f"no token {token_id!r}; `rmos token list` shows them")
    token = Token.model_validate_json(stored.body)
    if token.revoked_at is None:
        token = token.model_copy(update={"revoked_at": now()})
        records.commit([Put(_record_of(token, version=stored.version + 1), old=stored)])
    return token


class Authenticator(Protocol):
    """Says who sent an `Authorization` header."""

    def recall(self, authorization: str | None) -> Principal | None:
        """Return the principal if it is known without I/O."""
        ...

    def authenticate(self, authorization: str | None) -> Principal:
        """Return the principal, or raise Unauthenticated."""
        ...


class TokenAuthenticator:
    """Checks bearer tokens against the store: one read, then remembered for at most 30 seconds.

    Only good answers are remembered. When the store cannot answer, nobody is let in.
    """

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._known: dict[str, tuple[float, Token]] = {}
        self._lock = threading.Lock()

    def recall(self, authorization: str | None) -> Principal | None:
        token = self._remembered(sha256_of_text(authorization or ""))
        return _principal(token) if token is not None else None

    def authenticate(self, authorization: str | None) -> Principal:
        parts = _BEARER.fullmatch(authorization or "")
        if parts is None:
            raise Unauthenticated("send `Authorization: Bearer rmos_…`", headers=_CHALLENGE)
        token_id, secret = parts.groups()
        (stored,) = self._records.get([_key(token_id)])
        token = Token.model_validate_json(stored.body) if stored is not None else None
        expected = token.secret_sha256 if token is not None else ""
        is_right = hmac.compare_digest(expected, sha256_of_text(secret))
        if token is None or not is_right or not token.is_valid(now()):
            raise Unauthenticated("this token is unknown, revoked or expired", headers=_CHALLENGE)
        self._remember(sha256_of_text(authorization or ""), token)
        return _principal(token)

    def _remembered(self, digest: str) -> Token | None:
        with self._lock:
            until, token = self._known.get(digest, (0.0, None))
        if token is None or time.monotonic() >= until or not token.is_valid(now()):
            return None
        return token

    def _remember(self, digest: str, token: Token) -> None:
        with self._lock:
            if len(self._known) >= _CACHE_ENTRIES:
                self._known.clear()
            self._known[digest] = (time.monotonic() + CACHE_S, token)


class OpenDoor:
    """Everybody is the administrator: for one machine started with `--no-auth`, on loopback only."""

    _principal = Principal("no-auth", "anybody on this machine", Role.ADMIN)

    def recall(self, authorization: str | None) -> Principal | None:
        del authorization
        return self._principal

    def authenticate(self, authorization: str | None) -> Principal:
        del authorization
        return self._principal


def _principal(token: Token) -> Principal:
    return Principal(token.token_id, token.name, token.role)


def _key(token_id: str) -> str:
    return f"token/{token_id}"


def _record_of(token: Token, version: int) -> Record:
    return Record(
        key=_key(token.token_id),
        body=token.model_dump_json(),
        head={"name": token.name, "role": token.role.value},
        entries=(Entry(_INDEX, f"{rfc3339_utc(token.created_at)}/{token.token_id}"),),
        version=version,
    )
