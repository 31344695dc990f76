"""The id of the request, or of the event, in work."""

from contextvars import ContextVar

current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)


def require_request_id() -> str:
    """Return the id of the request in work.

    Raises:
        LookupError: no request is in work here; a worker sets the id of the event it handles first.
    """
    request_id = current_request_id.get()
    if request_id is None:
        raise LookupError("no request is in work")
    return request_id
