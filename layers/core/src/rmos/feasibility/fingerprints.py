"""The two hashes of a result: SHA-256 over RFC 8785 canonical JSON, written at the rate of evaluations.

`rmos.canonical` is the measure; what is here writes the same bytes faster for values that need none of its care
(no exponents, names in ASCII) and hands over to it for all others.
"""

import re
from json.encoder import encode_basestring
from typing import Any

from rmos.canonical import sha256_of_bytes, sha256_of_json
from rmos.design.rosette import Design
from rmos.feasibility.models import Feasibility, ResolvedContext

_NOT_HASHED = {"result_sha256", "request_id", "compute_ms"}
_MARKS = (b"e-", b"e+", b".0,", b".0}", b".0]")
_CAREFUL_NUMBER = re.compile(rb"[:\[,]-?[0-9.]+(?:e[-+][0-9]+|\.0)[,\]}]")


class _NeedsCare(Exception):
    """A number that Python and RFC 8785 write differently."""


def input_sha256(design: Design, context: ResolvedContext) -> str:
    """Return the hash over the design and the resolved context, nulls left out."""
    value = {
        "design": design.model_dump(mode="json", exclude_none=True),
        "context": context.model_dump(mode="json", exclude_none=True),
    }
    try:
        return sha256_of_bytes(_written(value).encode())
    except _NeedsCare:
        return sha256_of_json(value)


def result_sha256(result: Feasibility) -> str:
    """Return the hash over a result without this hash and without what is of one request only.

    A result's fields and figures stand in alphabetical order, so what pydantic writes is already canonical, but for
    whole floats ("70.0") and numbers so small or large that they have an exponent.
    """
    written = result.model_dump_json(exclude=_NOT_HASHED).encode()
    if any(mark in written for mark in _MARKS) and _CAREFUL_NUMBER.search(written):
        return sha256_of_json(result.model_dump(mode="json", exclude=_NOT_HASHED))
    return sha256_of_bytes(written)


def _written(value: Any) -> str:  # noqa: ANN401  # any JSON value
    kind = type(value)
    if kind is float:
        text = repr(int(value)) if value.is_integer() else repr(value)
        if "e" in text:
            raise _NeedsCare
        return text
    if kind is str:
        return encode_basestring(value)
    if kind is dict:
        return "{" + ",".join([f'"{name}":{_written(value[name])}' for name in sorted(value)]) + "}"
    if kind is list:
        return "[" + ",".join([_written(item) for item in value]) + "]"
    if kind is int:
        return repr(value)
    return {None: "null", True: "true", False: "false"}[value]
