"""Canonical JSON and the hashes over it."""

import hashlib
import json
import re
from typing import Any, Final, TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

SHA256_FORM: Final = "[0-9a-f]{64}"
"""How a digest is written everywhere, as a regular expression."""
SHA256_IN_WORDS: Final = "a SHA-256 has 64 digits of 0-9 a-f, in lower case"

_MAX_SAFE_INTEGER: Final = 2**53 - 1
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_PERHAPS_OTHER = re.compile(r"[:,\[]-?\d(?:\d{15}|[\d.]*(?:\.0[,\]}]|e)|\.0000)", re.ASCII)
"""A number that the standard library may have written differently than RFC 8785 says; also matches in texts."""


class _OtherForm(Exception):
    """The standard library would write this value differently than RFC 8785 says."""


def canonical_json(value: object) -> bytes:
    """Return `value` as RFC 8785 canonical JSON, UTF-8.

    Integers beyond 2**53 - 1 are refused, as the RFC's number form (IEEE 754 double) cannot hold them.

    The library `rfc8785` says what the form is. Most values the standard library writes just so, many times as fast
    (a verdict's hash would otherwise cost more than the verdict); a property test holds the two together. Names that
    are numbers are written as texts.

    Raises:
        ValueError: NaN, an infinity, a lone surrogate, an integer out of range, or not JSON.
    """
    try:
        text = _encode(value)
        if isinstance(value, dict | list) and _is_canonical(text):
            return text.encode()
        return _encode(_plain(value)).encode()
    except (_OtherForm, TypeError, RecursionError):
        return _by_library(value)


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


def _is_canonical(text: str) -> bool:
    """Tell whether what the standard library wrote is RFC 8785's form for certain.

    Beyond the Basic Multilingual Plane the two sort names differently; there a character takes two units of UTF-16.
    """
    return len(text.encode("utf-16-le")) == 2 * len(text) and _PERHAPS_OTHER.search(text) is None


def _by_library(value: object) -> bytes:
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked by the library itself
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON; one return for each of its kinds
    """Return `value` with its numbers as the standard library has to see them to write RFC 8785's form.

    Raises:
        _OtherForm: it has a number or a name that the two write or sort differently, or a subclass of JSON's types.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict:
        if not all(type(name) is str and name.isascii() for name in value):
            raise _OtherForm  # RFC 8785 sorts by UTF-16 units, Python by code points
        return {name: _plain(member) for name, member in value.items()}
    if kind is list or kind is tuple:
        return [_plain(member) for member in value]
    if kind is float:
        return _plain_float(value)
    if kind is int and -_MAX_SAFE_INTEGER <= value <= _MAX_SAFE_INTEGER:
        return value
    raise _OtherForm


def _plain_float(value: float) -> float | int:
    """Return a number that Python writes as ECMAScript does: whole ones as integers, others without an exponent."""
    if value.is_integer() and -_MAX_SAFE_INTEGER <= value <= _MAX_SAFE_INTEGER:
        return int(value)
    if 1e-4 <= value < 1e15 or -1e15 < value <= -1e-4:  # noqa: PLR2004  # where neither uses an exponent
        return value
    raise _OtherForm
