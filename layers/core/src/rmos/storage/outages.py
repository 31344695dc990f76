"""AWS out of reach: what it raises once the client's own attempts are used up, as the ports name it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as NotConnected

from rmos.errors import Busy


@contextmanager
def outages_as_busy() -> Iterator[None]:
    """Turn a connection refused, lost or silent, and faults of AWS itself (5xx), into Busy; all else rises.

    A write that ends so may have taken effect all the same, so the detail asks for a repeat that finds it.
    """
    try:
        yield
    except (NotConnected, HTTPClientError, IncompleteReadError) as error:
        raise _busy() from error
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _busy() from error
        raise


def _busy() -> Busy:
    return Busy("the store cannot be reached for now; repeat it, and a create with the same Idempotency-Key")
