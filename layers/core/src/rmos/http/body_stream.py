"""A large body as a stream that the blob store reads: in flat memory, and only the bytes that were announced."""

import hashlib
import io
from collections.abc import AsyncIterator
from typing import BinaryIO, Final, cast

import anyio.from_thread
from starlette.requests import ClientDisconnect, Request

from rmos.errors import TooLarge
from rmos.http.json_input import BodyEndedEarly
from rmos.http.raw_body import WrongDigest
from rmos.storage.ports import Blob

_BUFFER_BYTES: Final = 1024 * 1024


def announced_body(request: Request, announced: Blob) -> BinaryIO:
    """Return the body of `request`, to be read in a worker thread of the server.

    Reading it to its end raises where it is not what was announced, so that nothing is kept of it:

    Raises:
        TooLarge: it has more bytes.
        BodyEndedEarly: it has fewer, or the client went away.
        WrongDigest: it has as many, but others.
    """
    return cast("BinaryIO", io.BufferedReader(_Announced(request.stream(), announced), _BUFFER_BYTES))


class _Announced(io.RawIOBase):
    def __init__(self, chunks: AsyncIterator[bytes], announced: Blob) -> None:
        super().__init__()
        self._chunks = chunks
        self._announced = announced
        self._rest = b""
        self._size_bytes = 0
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io hands in is a memoryview
        if not self._rest:
            self._rest = self._next()
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _next(self) -> bytes:
        """Return the next bytes, or none at the end of a body that is what was announced."""
        try:
            chunk = anyio.from_thread.run(_next_of, self._chunks)
        except ClientDisconnect as error:
            raise BodyEndedEarly("the connection broke; nothing was kept, send it again") from error
        if not chunk:
            self._check_whole()
        self._size_bytes += len(chunk)
        if self._size_bytes > self._announced.size_bytes:
            raise TooLarge(f"{self._announced.size_bytes:,} bytes were announced, and more came; nothing was kept")
        self._digest.update(chunk)
        return chunk

    def _check_whole(self) -> None:
        if self._size_bytes < self._announced.size_bytes:
            raise BodyEndedEarly(f"{self._announced.size_bytes:,} bytes were announced, {self._size_bytes:,} came")
        found = self._digest.hexdigest()
        if found != self._announced.sha256:
            raise WrongDigest(f"the bytes that came have SHA-256 {found}, not the announced one; nothing was kept")


async def _next_of(chunks: AsyncIterator[bytes]) -> bytes:
    """Return the next chunk that holds anything, b"" at the end."""
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""
