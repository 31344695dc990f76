"""The use cases of reference rows: list and show them, write the workshop's own."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from rmos.canonical import sha256_of_text
from rmos.clock import now
from rmos.design import own_rows
from rmos.design.cutting import Context
from rmos.design.library import table_of
from rmos.design.own_rows import OWN_PREFIX, AnyEntry, RowOrigin, Shelf, built_in_entry, is_own
from rmos.design.stored_library import library_for
from rmos.errors import Conflict, FieldProblem, Invalid, NotFound, Refused, TooLarge
from rmos.feasibility.resolution import UnknownRow, unknown_in_context
from rmos.http.conditional import Precondition, etag_of
from rmos.http.idempotency import Answer, Claim
from rmos.identity import Principal
from rmos.listing import MalformedCursor, decode_cursor, encode_cursor
from rmos.logging import logger
from rmos.storage.ports import Put, RecordStore

from feasibility.rows.models import RowInput, RowPage

MAX_ROW_BYTES: Final = 16 * 1024
"""One row as JSON: so a page of 200 stays under 4 MiB."""

_BUILT_IN: Final = "built-in/"
_NO_SLUG = re.compile(r"[^a-z0-9]+")


class RowNotFound(NotFound):
    slug = "row-not-found"
    title = "No such row"


class RowExists(Refused):
    slug = "row-exists"
    title = "This id is taken"


class BuiltInRow(Refused):
    slug = "built-in-row"
    title = "Built-in rows do not change"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a row when; never taken from a request's body."""

    name: str
    at: datetime
    request_id: str


def writer_now(author: Principal, request_id: str) -> Writer:
    """Return the signature of what is written now."""
    return Writer(author.name, now(), request_id)


def list_rows(records: RecordStore, shelf: Shelf[AnyEntry], query: str, cursor: str | None, limit: int) -> RowPage:
    """Return a page of the rows whose id, label or an alias holds every word of `query`: own ones, then built-in ones.

    Raises:
        MalformedCursor: the cursor is not of this list.
    """
    filters = {"rows": shelf.kind.value, "q": query or None}
    after = decode_cursor(cursor, filters)
    found: list[AnyEntry] = []
    if after is None or not after.startswith(_BUILT_IN):
        page = own_rows.list_rows(records, shelf, query, after, limit)
        found = own_rows.entries_of(records, shelf, page.items)
        after = page.resume_after or _BUILT_IN
    if after.startswith(_BUILT_IN):
        rest = _built_in(shelf, query, after.removeprefix(_BUILT_IN))
        shown = rest[: limit - len(found)]
        last = shown[-1].id if shown else after.removeprefix(_BUILT_IN)
        found += shown
        after = _BUILT_IN + last if len(rest) > len(shown) else None
    version = table_of(shelf.kind).version
    return RowPage(version=version, items=tuple(found), next_cursor=encode_cursor(after, filters))


def get_row(records: RecordStore, shelf: Shelf[AnyEntry], row_id: str) -> tuple[str, str]:
    """Return the JSON of a row and its entity tag.

    Raises:
        RowNotFound: there is none with this id.
    """
    entry: AnyEntry
    if is_own(row_id):
        kept = own_rows.get_row(records, shelf, row_id)
        if kept is None:
            raise _not_found(shelf, row_id)
        entry = kept.entry
    else:
        table = table_of(shelf.kind)
        if row_id not in table.rows:
            raise _not_found(shelf, row_id)
        entry = built_in_entry(shelf, table.rows[row_id], table.version)
    return _representation(entry.model_dump_json())


def create_row(records: RecordStore, shelf: Shelf[AnyEntry], given: RowInput, writer: Writer, claim: Claim) -> Answer:
    """Keep a new own row. Of several at once under one id one is kept.

    Raises:
        RowExists: the id is taken.
        Invalid: no id can be made of the label.
        UnknownRow: a preset names a tool or machine that is not known.
        TooLarge: the row has more than 16 KiB.
    """
    _require_known(records, given.values)
    row_id = given.id or _id_of(given.label)
    entry = shelf.entry_type(
        **given.content(),
        id=row_id,
        origin=RowOrigin.OWN,
        version=1,
        created_at=writer.at,
        created_by=writer.name,
        updated_at=writer.at,
        updated_by=writer.name,
        request_id=writer.request_id,
    )
    put = _checked(own_rows.put_row(shelf, entry, None))
    body, etag = _representation(put.new.body)
    location = f"/api/rmos/feasibility/{shelf.kind.value}/{row_id}"
    answer: Answer = Answer(HTTPStatus.CREATED, body, {"Location": location, "ETag": etag})
    try:
        records.commit([put, *claim(answer)])
    except Conflict as conflict:
        if set(conflict.keys) != {put.new.key}:
            raise
        detail = f"{row_id!r} is there already; PUT {location} changes it, another id keeps both"
        raise RowExists(detail, extensions={"id": row_id}) from conflict
    _log(shelf, row_id, 1)
    return answer


def replace_row(  # noqa: PLR0913, PLR0917  # the row, what becomes of it, by whom and on which condition
    records: RecordStore,
    shelf: Shelf[AnyEntry],
    row_id: str,
    given: RowInput,
    writer: Writer,
    condition: Precondition,
) -> tuple[str, str]:
    """Put `given` in the place of an own row and return its JSON and new entity tag. What runs have kept stays.

    Raises:
        BuiltInRow: the row ships with RMOS.
        RowNotFound: there is none with this id.
        PreconditionFailed: it is not as If-Match says, or stopped being so at this moment.
        Conflict: somebody else wrote at the same moment, and there was no condition.
        Invalid, UnknownRow, TooLarge: as for `create_row`, or the body has another id.
    """
    if not is_own(row_id) and row_id in table_of(shelf.kind).rows:
        raise BuiltInRow(f"{row_id!r} ships with RMOS; POST a row of your own, with an id like own:{row_id}"[:400])
    if given.id is not None and given.id != row_id:
        raise Invalid("the body has another id than the path", problems=[FieldProblem("/id", f"not {row_id!r}")])
    kept = own_rows.get_row(records, shelf, row_id)
    if kept is None:
        raise _not_found(shelf, row_id)
    condition.require_match(_representation(kept.entry.model_dump_json())[1])
    _require_known(records, given.values)
    changes = given.content() | {
        "updated_at": writer.at,
        "updated_by": writer.name,
        "request_id": writer.request_id,
    }
    entry = shelf.entry_type(**(dict(kept.entry) | changes))
    put = _checked(own_rows.put_row(shelf, entry, kept.record))
    try:
        records.commit([put])
    except Conflict:
        condition.require_match(get_row(records, shelf, row_id)[1])
        raise
    _log(shelf, row_id, put.new.version)
    return _representation(put.new.body)


def _built_in(shelf: Shelf[AnyEntry], query: str, after: str) -> Sequence[AnyEntry]:
    """Return the built-in rows that `query` finds past the one with the id `after`, which is empty at the start."""
    table = table_of(shelf.kind)
    ids = list(table.rows)
    if after and after not in table.rows:
        raise MalformedCursor("the cursor belongs to an earlier table; start again without it")
    past = set(ids[ids.index(after) + 1 :] if after else ids)
    return [built_in_entry(shelf, row, table.version) for row in table.matching(query) if row.id in past]


def _require_known(records: RecordStore, values: object) -> None:
    """Refuse a preset that names a tool or a machine that is not known."""
    if isinstance(values, Context):
        problems = list(unknown_in_context(values, library_for(records, [], [values]), "/values"))
        if problems:
            raise UnknownRow("an id stands for nothing that is known", problems=problems)


def _id_of(label: str) -> str:
    """Return an id made of a label: "Åke's bit" gives own:ake-s-bit."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = _NO_SLUG.sub("-", plain).strip("-")[:64].rstrip("-")
    if not slug:
        raise Invalid(
            "no id can be made of the label",
            problems=[FieldProblem("/id", "required here, as the label has neither Latin letters nor digits: own:…")],
        )
    return OWN_PREFIX + slug


def _checked(put: Put) -> Put:
    size_bytes = len(put.new.body.encode())
    if size_bytes > MAX_ROW_BYTES:
        raise TooLarge(f"the row takes {size_bytes:,} bytes as JSON, more than {MAX_ROW_BYTES:,}")
    return put


def _representation(body: str) -> tuple[str, str]:
    return body, etag_of(sha256_of_text(body))


def _not_found(shelf: Shelf[AnyEntry], row_id: str) -> RowNotFound:
    return RowNotFound(f"no row {row_id!r}; GET /api/rmos/feasibility/{shelf.kind.value} lists them")


def _log(shelf: Shelf[AnyEntry], row_id: str, version: int) -> None:
    logger.info("row written", extra={"kind": shelf.kind.value, "row_id": row_id, "row_version": version})
