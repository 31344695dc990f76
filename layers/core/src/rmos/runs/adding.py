"""Adding to a run after it was recorded: by whom, and once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rmos.clock import now
from rmos.errors import Conflict, Refused
from rmos.identity import Principal
from rmos.runs.evidence import Advisory
from rmos.storage.ports import Change, Put, RecordStore


class AdvisoryDiffers(Refused):
    slug = "advisory-differs"
    title = "This id is taken by another advisory"

    def __init__(self, kept: Advisory) -> None:
        super().__init__(
            f"advisory {kept.advisory_id!r} is attached already, with other content; what is attached stays",
            extensions={"advisory": kept.link.model_dump(mode="json")},
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """Who adds something to which run when; never taken from a request's body."""

    run_id: str
    created_at: datetime
    created_by: str
    request_id: str


def signature_now(run_id: str, author: Principal, request_id: str) -> Signature:
    """Return the signature of what is added to a run now."""
    return Signature(run_id, now(), author.name, request_id)


def add_once(records: RecordStore, put: Put, also: Sequence[Change]) -> bool:
    """Commit `put` with `also` and return True; False, and nothing written, where the key of `put` is taken already.

    Raises:
        Conflict: a precondition of `also` did not hold.
    """
    try:
        records.commit([put, *also])
    except Conflict as conflict:
        if set(conflict.keys) != {put.new.key}:
            raise
        return False
    return True


def keep_answer(records: RecordStore, also: Sequence[Change]) -> None:
    """Commit what keeps an answer that changes nothing else under its key; nothing where it has none.

    Raises:
        Conflict: the key was taken meanwhile.
    """
    if also:
        records.commit(also)
