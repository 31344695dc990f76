"""Idempotency-Key: a create that is sent again gets its first answer again."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request
from pydantic import StringConstraints, TypeAdapter
from starlette.responses import Response

from rmos.canonical import canonical_json, sha256_of_bytes, sha256_of_json
from rmos.clock import rfc3339_utc
from rmos.errors import Conflict, Invalid, Refused
from rmos.models import Worded
from rmos.storage.ports import Change, Delete, Put, Record, RecordStore

KEPT_S = 24 * 3600
REPLAYED_HEADER = "Idempotent-Replayed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a create answers: enough to say it again word for word."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


Claim: TypeAlias = Callable[[Answer], tuple[Change, ...]]
"""Gives the changes that keep an answer under its key, for the effect's own commit."""

_ANSWER = TypeAdapter(Answer)
_Key = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$"),
    Worded("a key is of letters, digits and signs of ASCII without spaces, at most 255"),
]


class KeyReused(Invalid):
    slug = "idempotency-key-reused"
    title = "Idempotency-Key used for another body"


class StillRunning(Refused):
    slug = "still-running"
    title = "The first request with this key is still running"


@dataclass(frozen=True, slots=True)
class OncePerKey:
    """One create under its Idempotency-Key, or under none; `body_sha256` is over the body and its media type."""

    record_key: str | None
    body_sha256: str

    def answer(self, records: RecordStore, use_case: Callable[[Claim], Answer]) -> Response:
        """Run `use_case` and answer it; the same key and body again is answered from the first time, for 24 hours.

        `use_case` puts the changes that its claim gives into the commit of its effect, so that either both stand or
        neither does. Of two requests at once one wins the commit and both get its answer.

        Raises:
            KeyReused: the key came with another body.
        """
        if self.record_key is None:
            return _response(use_case(lambda _answer: ()))
        kept = self._kept(records)
        if kept is not None:
            return self._replay(kept)
        try:
            return _response(use_case(lambda answer: (Put(self._done(answer, version=1)),)))
        except Conflict as conflict:
            if self.record_key not in conflict.keys:
                raise
        (winner,) = records.get([self.record_key])
        if winner is None:
            raise Conflict([self.record_key])
        return self._replay(winner)

    def answer_around_calls(self, records: RecordStore, lease_s: int, use_case: Callable[[Claim], Answer]) -> Response:
        """Do as `answer` does for a use case that calls outside systems: the key is leased before it starts.

        While the lease lasts, the same key is refused as still running; a use case that raises gives it back.

        Raises:
            KeyReused: the key came with another body.
            StillRunning: another request holds the lease.
        """
        if self.record_key is None:
            return _response(use_case(lambda _answer: ()))
        kept = self._kept(records)
        if kept is not None and not _lease_is_over(kept):
            return self._replay(kept)
        running = self._running(lease_s, version=1 if kept is None else kept.version + 1)
        try:
            records.commit([Put(running, old=kept)])
        except Conflict as conflict:
            raise StillRunning("another request with this key has just started") from conflict
        try:
            return _response(use_case(lambda answer: (Put(self._done(answer, running.version + 1), old=running),)))
        except BaseException:
            with suppress(Conflict):  # whoever took over a lease that ran out has the key now
                records.commit([Delete(running)])
            raise

    def _kept(self, records: RecordStore) -> Record | None:
        (record,) = records.get([self.record_key or ""])
        return record

    def _replay(self, kept: Record) -> Response:
        if kept.head["body_sha256"] != self.body_sha256:
            raise KeyReused("this Idempotency-Key was sent with another body in the last 24 hours; take a new key")
        if kept.head["lease_until"] is not None:
            raise StillRunning("the first request with this key has not ended yet", headers={"Retry-After": "1"})
        answer = _response(_ANSWER.validate_json(kept.body))
        answer.headers[REPLAYED_HEADER] = "true"
        return answer

    def _done(self, answer: Answer, version: int) -> Record:
        return self._record(canonical_json(asdict(answer)).decode(), None, version)

    def _running(self, lease_s: int, version: int) -> Record:
        until = rfc3339_utc(datetime.fromtimestamp(time.time() + lease_s, UTC))
        return self._record("null", until, version)

    def _record(self, body: str, lease_until: str | None, version: int) -> Record:
        return Record(
            key=self.record_key or "",
            body=body,
            head={"body_sha256": self.body_sha256, "lease_until": lease_until},
            version=version,
            expires_at=int(time.time()) + KEPT_S,
        )


def _lease_is_over(kept: Record) -> bool:
    until = kept.head["lease_until"]
    return isinstance(until, str) and until <= rfc3339_utc(datetime.fromtimestamp(time.time(), UTC))


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers=answer.headers, media_type=answer.media_type)


async def _once_per_key(
    request: Request,
    idempotency_key: Annotated[
        _Key | None,
        Header(description="Your choice; the same key and body again gets the first answer again, for 24 hours"),
    ] = None,
) -> OncePerKey:
    # The type too: an attachment is of the type that was sent, so the same bytes of another type are another request.
    body_sha256 = sha256_of_json([request.headers.get("content-type", ""), sha256_of_bytes(await request.body())])
    if idempotency_key is None:
        return OncePerKey(None, body_sha256)
    name = [request.state.principal.token_id, request.method, request.url.path, request.url.query, idempotency_key]
    return OncePerKey(f"idempotency/{sha256_of_json(name)}", body_sha256)


Once = Annotated[OncePerKey, Depends(_once_per_key)]
