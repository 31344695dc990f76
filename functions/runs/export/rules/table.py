"""Summaries of runs as CSV (RFC 4180) that a spreadsheet shows and does not run."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from rmos.runs.models import RunSummary

COLUMNS: Final = tuple(RunSummary.model_fields)

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def header() -> str:
    """Return the first line: the names of the fields of a summary."""
    return _lines([COLUMNS])


def rows(summaries: Iterable[RunSummary]) -> str:
    """Return one line for each summary.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises
    (https://owasp.org/www-community/attacks/CSV_Injection); what is absent is an empty field.
    """
    written = (summary.model_dump(mode="json") for summary in summaries)
    return _lines([_cell(each[name]) for name in COLUMNS] for each in written)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return "'" + value
    return "" if value is None else value


def _lines(table: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    return text.getvalue()
