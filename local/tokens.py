"""Tokens as a person at the command line sees them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.table import Column, Table
from rmos.clock import now
from rmos.identity import Token

from local.place import CannotStart

_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MAX_AGE = timedelta(days=3_660)


def expiry(expires_in: str | None, start: datetime) -> datetime | None:
    """Return when a token made at `start` ends: `expires_in` is 90m, 12h, 30d or 4w, None for never.

    Raises:
        CannotStart: it is none of these, or more than ten years.
    """
    if expires_in is None:
        return None
    match = _DURATION.fullmatch(expires_in)
    age = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    if age is None or age > MAX_AGE:
        raise CannotStart(f"--expires-in {expires_in!r} is not a time like 90m, 12h, 30d or 4w, of at most ten years")
    return start + age


def table_of(tokens: Sequence[Token]) -> Table:
    """Return `tokens` as a table, without their secrets, which nobody keeps."""
    whole = Column("id", no_wrap=True, min_width=max((len(token.token_id) for token in tokens), default=0))
    table = Table(whole, *(Column(name, overflow="fold") for name in ("name", "role", "created", "expires", "state")))
    for token in tokens:
        expires = "never" if token.expires_at is None else _to_the_second(token.expires_at)
        created = _to_the_second(token.created_at)
        table.add_row(token.token_id, token.name, token.role.value, created, expires, _state(token))
    return table


def _to_the_second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _state(token: Token) -> str:
    if token.revoked_at is not None:
        return f"revoked {_to_the_second(token.revoked_at)}"
    return "valid" if token.is_valid(now()) else "expired"
