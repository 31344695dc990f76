"""Times and new ids. Services read them here and pass them on."""

import uuid
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present time, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def rfc3339_utc(moment: datetime) -> str:
    """Return `moment` as RFC 3339 in UTC with six decimals and Z: text that sorts as the times do.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_id(prefix: str) -> str:
    """Return `<prefix>_` and 32 random hex digits."""
    return f"{prefix}_{uuid.uuid4().hex}"
