"""Conditional requests (RFC 9110 section 13): 304 for what the client has, 412 for what changed meanwhile."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from starlette.responses import Response

from rmos.errors import PreconditionFailed

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_IF_MATCH = (
    "The `ETag` that a change is based on; 412 when it is another one by now. Without it, what is there is changed"
)
IF_NONE_MATCH = "The `ETag` of what the caller has; 304 when it still is that"


def etag_of(validator: str) -> str:
    """Return the strong entity tag of a digest or version."""
    return f'"{validator}"'


@dataclass(frozen=True, slots=True)
class Conditions:
    """The condition that a reading carries."""

    if_none_match: str | None

    def respond(self, body: str | bytes, etag: str, media_type: str = "application/json") -> Response:
        """Return the representation with its tag, or 304 without it when the client has it already."""
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if self.if_none_match is not None and is_weakly_listed(self.if_none_match, etag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media_type, headers=headers)


@dataclass(frozen=True, slots=True)
class Precondition:
    """The condition that a change carries."""

    if_match: str | None

    def require_match(self, etag: str) -> None:
        """Refuse a change that was based on another state than `etag`; without If-Match everything passes.

        Raises:
            PreconditionFailed: If-Match names other tags.
        """
        if self.if_match is None or self.if_match.strip() == "*":
            return
        if etag not in _listed(self.if_match):
            raise PreconditionFailed("it changed meanwhile; read it again and repeat with its new ETag")


def _listed(header: str) -> list[str]:
    """Return the tags in `header` as they stand: a weak one begins with W/, so that it equals no strong one."""
    return [match.group(0) for match in _TAG.finditer(header)]


def is_weakly_listed(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names `etag`, by the weak comparison of RFC 9110 section 8.8.3.2."""
    return header.strip() == "*" or etag in (tag.removeprefix("W/") for tag in _listed(header))


async def _conditions(
    if_none_match: Annotated[str | None, Header(max_length=2_048, description=IF_NONE_MATCH)] = None,
) -> Conditions:
    return Conditions(if_none_match)


async def _precondition(
    if_match: Annotated[str | None, Header(max_length=2_048, description=_IF_MATCH)] = None,
) -> Precondition:
    return Precondition(if_match)


Conditional = Annotated[Conditions, Depends(_conditions)]
IfMatch = Annotated[Precondition, Depends(_precondition)]
