"""Files as a zip archive, written piece by piece: the same files give the same bytes."""

import io
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

from runs.bundle.models import Member

if TYPE_CHECKING:
    from typing_extensions import Buffer

_AHEAD: Final = 8
"""Members that are opened before their turn: each waits for the store, and a run may have a thousand."""
_CHUNK_BYTES: Final = 1 << 20
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first date that the format can hold. When a file was packed says nothing of it."""
_READABLE_FILE: Final = 0o100644 << 16
_UNIX: Final = 3
_ZIP64_BYTES: Final = 2**31 - 1


class _Sink(io.RawIOBase):
    """Takes what an archive writes until somebody fetches it; it cannot be rewound."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer", /) -> int:
        piece = bytes(data)
        self._held += piece
        return len(piece)

    def fetch(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


def packed(folder: str, members: Sequence[Member]) -> Iterator[bytes]:
    """Yield the archive of these members in pieces of about 1 MiB.

    Nothing is compressed, as compressors differ from version to version. Whatever opening a member raises ends the
    archive before its directory, so that no reader takes it for a whole one.
    """
    sink = _Sink()
    archive = zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED)
    for member, source in _opened(members):
        info = zipfile.ZipInfo(f"{folder}/{member.file.path}", _EARLIEST)
        info.create_system = _UNIX
        info.external_attr = _READABLE_FILE
        large = member.file.size_bytes > _ZIP64_BYTES
        with source, archive.open(info, "w", force_zip64=large) as target:
            while chunk := source.read(_CHUNK_BYTES):
                target.write(chunk)
                yield sink.fetch()
        yield sink.fetch()
    archive.close()
    yield sink.fetch()


def _opened(members: Sequence[Member]) -> Iterator[tuple[Member, BinaryIO]]:
    """Yield each member with its bytes, in their order, the next ones being opened meanwhile."""
    to_open = iter(members)
    waiting: deque[Future[BinaryIO]] = deque()
    with ExitStack() as on_end:
        threads = on_end.enter_context(ThreadPoolExecutor(_AHEAD))
        on_end.callback(_close_all, waiting)
        for member in members:
            waiting.extend(threads.submit(each.open) for each in islice(to_open, _AHEAD - len(waiting)))
            yield member, waiting.popleft().result()


def _close_all(waiting: Sequence[Future[BinaryIO]]) -> None:
    """Close what was opened and not asked for; what could not be opened is nobody's concern any more."""
    for future in waiting:
        if not future.cancel() and future.exception() is None:
            future.result().close()
