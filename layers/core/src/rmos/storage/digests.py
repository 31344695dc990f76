"""Digests of stored records and index entries: what makes an altered byte visible on every back-end.

They stand over the meaning of a record, not over a back-end's layout, so that a record moved from one back-end
to the other keeps its digest.
"""

from collections.abc import Mapping

from rmos.canonical import sha256_of_json, sha256_of_text
from rmos.storage.ports import Entry, HeadValue, Record


def record_digest(record: Record) -> str:
    """Return the SHA-256, in hex, over everything of `record`; the body counts by its own SHA-256.

    Raises:
        ValueError: the key, head or entries cannot be canonical JSON (a lone surrogate, NaN, an integer past 2**53).
    """
    return record_digest_around(sha256_of_text(record.body), record)


def record_digest_around(body_sha256: str, record: Record) -> str:
    """Return the digest of `record` with the body that `body_sha256` names instead of its own.

    So a record whose body was spilled is verified before its body is read. Raises as `record_digest` does.
    """
    return sha256_of_json(
        [
            record.key,
            body_sha256,
            dict(record.head),
            [[entry.index, entry.sort] for entry in record.entries],
            record.version,
            record.expires_at,
        ]
    )


def entry_digest(key: str, head: Mapping[str, HeadValue], entry: Entry, expires_at: int | None) -> str:
    """Return the SHA-256, in hex, over one line of an index: the record it points to, its place, head and expiry.

    Raises:
        ValueError: as for `record_digest`.
    """
    return sha256_of_json([key, dict(head), entry.index, entry.sort, expires_at])


def head_digest(record: Record) -> str:
    """Return the SHA-256, in hex, over key, head and expiry of `record`: it tells which part of one was altered.

    Raises:
        ValueError: as for `record_digest`.
    """
    return sha256_of_json([record.key, dict(record.head), record.expires_at])
