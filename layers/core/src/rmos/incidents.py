"""Damage of what is stored, as people hear of it."""

from rmos.errors import BlobCorrupt, Corrupt
from rmos.logging import logger
from rmos.metrics import count


def report_damage(found: Corrupt) -> None:
    """Log an incident, whose message the alarm's filter looks for, and count it by what is damaged."""
    logger.critical("incident", extra={"slug": found.slug, "key": found.key})
    count("CorruptBlobs" if isinstance(found, BlobCorrupt) else "CorruptRecords")
