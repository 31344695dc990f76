"""The forms in which runs are exported."""

from enum import Enum


class ExportFormat(Enum):
    """JSONL: whole artifacts, one on a line, as they are stored. CSV: what lists show of a run, for a spreadsheet."""

    JSONL = "jsonl"
    CSV = "csv"
