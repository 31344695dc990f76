"""JSON bodies read strictly: what two readers could understand differently is refused."""

import json
import math

from starlette.requests import ClientDisconnect, Request

from rmos.canonical import Json
from rmos.errors import FieldProblem, Invalid, Malformed, TooLarge, Unsupported
from rmos.http.problems import json_pointer

MAX_BODY_BYTES = 1_048_576
MAX_DEPTH = 32
MAX_SAFE_INTEGER = 2**53 - 1
_AS_IT_IS = "identity"


class BodyEndedEarly(Malformed):
    slug = "body-ended-early"
    title = "The body ended early"


async def read_body(request: Request, at_most: int) -> bytes:
    """Return the whole body, reading no more than `at_most` bytes of it.

    Raises:
        Unsupported: it is compressed, or encoded in another way.
        TooLarge: it is longer.
        BodyEndedEarly: the client went away.
    """
    if request.headers.get("content-encoding", _AS_IT_IS).strip().lower() != _AS_IT_IS:
        raise Unsupported("send the body as it is, without Content-Encoding", headers={"Accept-Encoding": _AS_IT_IS})
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > at_most:
        raise too_large(at_most)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > at_most:
                raise too_large(at_most)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise BodyEndedEarly("the connection broke; nothing was kept, send it again") from error
    return b"".join(chunks)


def too_large(at_most: int) -> TooLarge:
    return TooLarge(f"the body is larger than {at_most:,} bytes", extensions={"max_bytes": at_most})


def parse_strictly(raw: bytes) -> Json:
    """Return the JSON value in `raw`.

    Refuses what RFC 8259 leaves to the reader: names that stand twice, NaN and infinities (also 1e999), integers
    beyond 2**53 - 1, lone surrogates, nesting over 32, and anything but UTF-8.

    Raises:
        Invalid: with a pointer to the place.
    """
    try:
        value: Json = json.loads(raw.decode("utf-8"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise _refused("", "the body is not UTF-8") from error
    except RecursionError as error:
        raise _refused("", f"nested deeper than {MAX_DEPTH}") from error
    except json.JSONDecodeError as error:
        raise _refused("", f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from error
    except ValueError as error:
        raise _refused("", "a number has too many digits") from error
    _check(value)
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused("", f"the name {twice[:100]!a} stands twice in one object")
    return members


def _check(root: Json) -> None:
    waiting: list[tuple[Json, tuple[str | int, ...]]] = [(root, ())]
    while waiting:
        value, steps = waiting.pop()
        if isinstance(value, dict | list):
            if len(steps) >= MAX_DEPTH:
                raise _refused(json_pointer(steps), f"nested deeper than {MAX_DEPTH}")
            members = value.items() if isinstance(value, dict) else enumerate(value)
            for step, member in members:
                if isinstance(step, str):
                    _check_text(step, steps)
                waiting.append((member, (*steps, step)))
        elif isinstance(value, str):
            _check_text(value, steps)
        elif isinstance(value, int | float):
            _check_number(value, steps)


def _check_text(text: str, steps: tuple[str | int, ...]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _refused(json_pointer(steps), "holds half a surrogate pair, which no text has") from error


def _check_number(number: float, steps: tuple[str | int, ...]) -> None:
    if not math.isfinite(number):
        raise _refused(json_pointer(steps), "not a finite number")
    if not isinstance(number, float) and abs(number) > MAX_SAFE_INTEGER:
        raise _refused(json_pointer(steps), "an integer beyond 2^53 - 1, which JSON numbers cannot hold exactly")


def _refused(pointer: str, detail: str) -> Invalid:
    return Invalid("the body cannot be read", problems=[FieldProblem(pointer, detail)])
