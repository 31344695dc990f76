"""Stores that fail at one call of many: real ones inside, for what is true whatever goes wrong between."""

from enum import Enum
from io import IOBase
from tempfile import SpooledTemporaryFile

from rmos.errors import Busy


class When(Enum):
    """At which side of its effect a call fails."""

    BEFORE = "before"
    AFTER = "after"


class Faults:
    """Lets the calls to the stores through and fails the one that is armed."""

    def __init__(self):
        self._left = 0
        self._when = When.BEFORE

    def arm(self, number, when):
        """Have the call of this number, counted from 1 over both stores, fail once."""
        self._left, self._when = number, when

    def disarm(self):
        """Let all calls through; return whether the armed one had come."""
        has_come, self._left = self._left == 0, 0
        return has_come

    def call(self, operation, *arguments):
        if self._left == 0:
            return operation(*arguments)
        self._left -= 1
        if self._left > 0:
            return operation(*arguments)
        if self._when is When.BEFORE:
            raise Busy("the store has no turn")
        found = operation(*arguments)
        if isinstance(found, IOBase | SpooledTemporaryFile):
            found.close()
        raise ConnectionError("the answer of the store was lost")


class FailingRecords:
    """A record store whose calls can fail."""

    def __init__(self, records, faults):
        self._records, self._faults = records, faults

    def commit(self, changes):
        self._faults.call(self._records.commit, changes)

    def get(self, keys):
        return self._faults.call(self._records.get, keys)

    def query(self, *bounds):
        return self._faults.call(self._records.query, *bounds)

    def totals(self, counters):
        return self._faults.call(self._records.totals, counters)


class FailingBlobs:
    """A blob store whose calls can fail."""

    def __init__(self, blobs, faults):
        self._blobs, self._faults = blobs, faults

    def put(self, source):
        return self._faults.call(self._blobs.put, source)

    def open(self, sha256):
        return self._faults.call(self._blobs.open, sha256)

    def stat(self, sha256):
        return self._faults.call(self._blobs.stat, sha256)
