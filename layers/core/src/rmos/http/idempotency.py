"""Idempotency-Key: a create that is sent again gets its first answer again."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request
from pydantic import StringConstraints, TypeAdapter
from starlette.responses import Response

from rmos.canonical import canonical_json, sha256_of_bytes, sha256_of_json
from rmos.errors import Conflict, Invalid
from rmos.models import Worded
from rmos.storage.ports import Change, Put, Record, RecordStore

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


@dataclass(frozen=True, slots=True)
class OncePerKey:
    """One create under its Idempotency-Key, or under none; `body_sha256` is over the body and its media type.

    `bytes_sha256` is over the body alone, as RMOS kept it at first: a retry across the upgrade is answered too.
    """

    record_key: str | None
    body_sha256: str
    bytes_sha256: str

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
            return _response(use_case(lambda answer: (Put(self._done(answer)),)))
        except Conflict as conflict:
            if self.record_key not in conflict.keys:
                raise
        (winner,) = records.get([self.record_key])
        if winner is None:
            raise Conflict([self.record_key])
        return self._replay(winner)

    def _kept(self, records: RecordStore) -> Record | None:
        (record,) = records.get([self.record_key or ""])
        return record

    def _replay(self, kept: Record) -> Response:
        if kept.head["body_sha256"] not in {self.body_sha256, self.bytes_sha256}:
            raise KeyReused("this Idempotency-Key was sent with another body in the last 24 hours; take a new key")
        answer = _response(_ANSWER.validate_json(kept.body))
        answer.headers[REPLAYED_HEADER] = "true"
        return answer

    def _done(self, answer: Answer) -> Record:
        return Record(
            key=self.record_key or "",
            body=canonical_json(asdict(answer)).decode(),
            head={"body_sha256": self.body_sha256},
            expires_at=int(time.time()) + KEPT_S,
        )


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers=answer.headers, media_type=answer.media_type)


async def _once_per_key(
    request: Request,
    idempotency_key: Annotated[
        _Key | None,
        Header(description="Your choice; the same key and body again gets the first answer again, for 24 hours"),
    ] = None,
) -> OncePerKey:
    bytes_sha256 = sha256_of_bytes(await request.body())
    # The type too: an attachment is of the type that was sent, so the same bytes of another type are another request.
    body_sha256 = sha256_of_json([request.headers.get("content-type", ""), bytes_sha256])
    if idempotency_key is None:
        return OncePerKey(None, body_sha256, bytes_sha256)
    name = [request.state.principal.token_id, request.method, request.url.path, request.url.query, idempotency_key]
    return OncePerKey(f"idempotency/{sha256_of_json(name)}", body_sha256, bytes_sha256)


Once = Annotated[OncePerKey, Depends(_once_per_key)]
