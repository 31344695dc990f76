"""What is added to a run after it was recorded, as records: the only place that knows their keys.

Each advisory and each attachment is a record of its own, created once under its own key. So many may be added at the
same moment without one waiting for another, and of two with one id the store itself keeps one. Only the state of the
explanation, which moves, is one record that is rewritten.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rmos.clock import rfc3339_utc
from rmos.errors import Refused
from rmos.listing import ListedPage, Listing, list_page, records_at
from rmos.runs.evidence import Advisory, AdvisoryInput, Appended, Attachment, Explanation
from rmos.storage.limits import MAX_LIMIT
from rmos.storage.ports import Entry, Listed, Order, Put, Record, RecordStore

ADVISORY_PREFIX: Final = "run-advisory/"
ATTACHMENT_PREFIX: Final = "run-attachment/"
EXPLANATION_PREFIX: Final = "run-explanation/"
INDEX: Final = "run-evidence/"

MAX_ADDED: Final = 1_000
"""Advisories and attachments of one run, so that its view stays an answer of one piece (under 4 MiB)."""


class EvidenceFull(Refused):
    slug = "evidence-full"
    title = "Nothing more can be added to this run"


def put_advisory(run_id: str, advisory: Advisory) -> Put:
    """Return the change that adds an advisory; it conflicts where its id is taken."""
    return Put(
        Record(
            key=advisory_key(run_id, advisory.advisory_id),
            body=advisory.model_dump_json(),
            head=advisory.link.model_dump(mode="json"),
            entries=(Entry(_index(run_id), place_of_advisory(advisory)),),
        )
    )


def place_of_advisory(advisory: Advisory) -> str:
    """Return where an advisory stands in the list of its run; a page may go on past it."""
    return f"{rfc3339_utc(advisory.created_at)}/advisory/{advisory.advisory_id}"


def put_attachment(run_id: str, attachment: Attachment) -> Put:
    """Return the change that adds an attachment, whose blob is stored already; it conflicts where the run has it."""
    sort = f"{rfc3339_utc(attachment.created_at)}/attachment/{attachment.sha256}"
    return Put(
        Record(
            key=attachment_key(run_id, attachment.sha256),
            body=attachment.model_dump_json(),
            head=attachment.model_dump(mode="json"),
            entries=(Entry(_index(run_id), sort),),
        )
    )


def put_explanation(run_id: str, explanation: Explanation, old: Record | None) -> Put:
    """Return the change that moves the explanation on from `old`, which `get_explanation` gave."""
    version = 1 if old is None else old.version + 1
    return Put(Record(explanation_key(run_id), explanation.model_dump_json(), version=version), old)


def get_advisory(records: RecordStore, run_id: str, advisory_id: str) -> Advisory | None:
    """Return one advisory with what was asked for it. Raises Corrupt when it does not match its digest."""
    (record,) = records.get([advisory_key(run_id, advisory_id)])
    return None if record is None else Advisory.model_validate_json(record.body)


def get_attachment(records: RecordStore, run_id: str, sha256: str) -> Attachment | None:
    """Return one attachment that was added later. Raises Corrupt when it does not match its digest."""
    (record,) = records.get([attachment_key(run_id, sha256)])
    return None if record is None else Attachment.model_validate_json(record.body)


def get_explanation(records: RecordStore, run_id: str) -> tuple[Explanation, Record | None]:
    """Return how the explanation stands, and its record for the next move. Raises Corrupt as above."""
    (record,) = records.get([explanation_key(run_id)])
    return explanation_in(record), record


def get_appended(records: RecordStore, run_id: str, explanation: Explanation) -> Appended:
    """Return all that was added to a run, in the order in which it was added. Raises Corrupt as above."""
    advisories: list[AdvisoryInput] = []
    attachments: list[Attachment] = []
    for line in lines(records, run_id):
        if line.key.startswith(ADVISORY_PREFIX):
            advisories.append(AdvisoryInput.model_validate(line.head))
        else:
            attachments.append(Attachment.model_validate(line.head))
    return Appended(
        advisory_inputs=tuple(advisories),
        attachments=tuple(attachments),
        explanation_status=explanation.status,
        explanation_summary=explanation.summary,
        explanation_error=explanation.error,
    )


def lines(records: RecordStore, run_id: str) -> Iterator[Listed]:
    """Yield the line of everything that was added, oldest first. Raises Corrupt when one does not match its digest."""
    after: str | None = None
    while True:
        page = records.query(_index(run_id), "", "", Order.OLDEST_FIRST, after, MAX_LIMIT)
        yield from page.items
        if not page.more:
            return
        after = page.items[-1].sort


def list_advisories(records: RecordStore, run_id: str, after: str | None, limit: int) -> ListedPage:
    """Return a page of advisories' lines, oldest first; `rmos.listing.list_page` says what a page promises."""
    return list_page(records, Listing(_index(run_id), Order.OLDEST_FIRST, _is_advisory), after, limit)


def all_advisories(records: RecordStore, run_id: str) -> list[Advisory]:
    """Return everything that was said of a run, oldest first. Raises Corrupt as above."""
    return advisories_of(records, [line for line in lines(records, run_id) if _is_advisory(line.head)])


def advisories_of(records: RecordStore, page: Sequence[Listed]) -> list[Advisory]:
    """Return the advisories that these lines stand for. Raises Corrupt as above."""
    return [Advisory.model_validate_json(record.body) for record in records_at(records, [line.key for line in page])]


def require_room(records: RecordStore, run_id: str) -> None:
    """Refuse what a run with a thousand additions gets; those added at the same moment may pass it by their number.

    Raises:
        EvidenceFull: a thousand are there.
    """
    page = records.query(_index(run_id), "", "", Order.OLDEST_FIRST, None, MAX_ADDED)
    if len(page.items) >= MAX_ADDED:
        raise EvidenceFull(f"a run keeps {MAX_ADDED:,} advisories and attachments; record a new one and go on there")


def explanation_in(record: Record | None) -> Explanation:
    return Explanation() if record is None else Explanation.model_validate_json(record.body)


def advisory_key(run_id: str, advisory_id: str) -> str:
    """Return the key of an advisory; neither id can hold the slash between them."""
    return f"{ADVISORY_PREFIX}{run_id}/{advisory_id}"


def attachment_key(run_id: str, sha256: str) -> str:
    return f"{ATTACHMENT_PREFIX}{run_id}/{sha256}"


def explanation_key(run_id: str) -> str:
    return EXPLANATION_PREFIX + run_id


def name_of(key: str) -> str:
    """Return what people call the record with this key: `advisory <id>`, `attachment <sha256>` or `explanation`."""
    noun, _, ids = key.removeprefix("run-").partition("/")
    return " ".join((noun, *ids.split("/")[1:]))


def _index(run_id: str) -> str:
    return INDEX + run_id


def _is_advisory(head: Mapping[str, object]) -> bool:
    return "advisory_id" in head
