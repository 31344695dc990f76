"""Canonical JSON and the hashes over it."""

import hashlib
import json
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def canonical_json(value: object) -> bytes:
    """Return `value` as RFC 8785 canonical JSON, UTF-8.

    Integers beyond 2**53 - 1 are refused, as the RFC's number form (IEEE 754 double) cannot hold them.

    Raises:
        ValueError: NaN, an infinity, a lone surrogate, an integer out of range, or not JSON.
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked by the library itself
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error


def sha256_of_json(value: object) -> str:
    """Return the SHA-256, in hex, of the canonical JSON of `value`; see `canonical_json` for errors."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def sha256_of_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def parsed(text: str | bytes) -> Json:
    """Return JSON that this system wrote itself; input from outside goes through `rmos.http.json_input`."""
    value: Json = json.loads(text)
    return value
