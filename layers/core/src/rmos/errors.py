"""Errors by cause. What each becomes over HTTP stands in one table, in `rmos.http.problems`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with an input: an RFC 6901 pointer into it and what to do about it."""

    pointer: str
    detail: str


class RmosError(Exception):
    """A refusal or failure that a caller can act on.

    `slug` ends the problem type `urn:rmos:problem:<slug>`; subclasses narrow it.
    `extensions` are further members of the problem document, `headers` go on the answer.
    """

    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str,
        *,
        problems: Sequence[FieldProblem] = (),
        extensions: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)
        self.extensions = dict(extensions or {})
        self.headers = dict(headers or {})


class Malformed(RmosError):
    """The request cannot be read at all: a cursor of another list, a wrong Content-Digest."""

    slug = "malformed"
    title = "Malformed request"


class Unauthenticated(RmosError):
    slug = "unauthenticated"
    title = "No valid token"


class Forbidden(RmosError):
    slug = "forbidden"
    title = "Role too small"


class NotFound(RmosError):
    slug = "not-found"
    title = "Not found"


class Refused(RmosError):
    """Well formed and real, but it may not happen now."""

    slug = "refused"
    title = "Refused"


class Conflict(Refused):
    """Somebody else wrote first. `keys` are the record keys whose precondition did not hold."""

    slug = "conflict"
    title = "Conflict"

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__("somebody else changed this meanwhile; read it again and repeat")
        self.keys = tuple(keys)


class LimitReached(Refused):
    """A `Reserve` would have passed its limit."""

    slug = "limit-reached"
    title = "Limit reached"

    def __init__(self, counter: str) -> None:
        super().__init__("the limit is reached; nothing was reserved")
        self.counter = counter


class PreconditionFailed(RmosError):
    slug = "precondition-failed"
    title = "Precondition failed"


class TooLarge(RmosError):
    slug = "too-large"
    title = "Too large"


class Unsupported(RmosError):
    """A media type or content coding that the operation does not read."""

    slug = "unsupported-media-type"
    title = "Unsupported media type"


class RangeNotSatisfiable(RmosError):
    slug = "range-not-satisfiable"
    title = "Range not satisfiable"


class Invalid(RmosError):
    """Readable, but it breaks a rule of its fields; `problems` name them."""

    slug = "invalid"
    title = "Invalid input"


class Corrupt(RmosError):
    """Stored bytes do not match their digest. They are never handed out."""

    slug = "record-corrupt"
    title = "Stored record is damaged"

    def __init__(self, key: str) -> None:
        super().__init__("the stored bytes do not match their digest and are not served; run `rmos fsck`")
        self.key = key


class BlobCorrupt(Corrupt):
    slug = "blob-corrupt"
    title = "Stored blob is damaged"


class SecretUnreadable(RmosError):
    """A secret that a setting names is not there, or may not be read."""

    slug = "secret-unreadable"
    title = "A secret cannot be read"


class Busy(RmosError):
    """The store cannot take the call now: no turn in time, no room on the disk, no answer over the network.

    A repeat is safe. A create should be repeated with its Idempotency-Key: only of a store that was never reached, or
    had no turn to give, is it certain that nothing was written.
    """

    slug = "busy"
    title = "Busy"
