"""How grave a change is: one table from path to severity."""

import re
from typing import Final

from runs.models import Severity

_TABLE: Final = (
    (
        Severity.CRITICAL,
        re.compile(
            r"""/(status | decision/risk_level | feasibility/(.*/)?risk_level
                | (outputs/(gcode_text|toolpaths_json) | hashes/(gcode|toolpaths)_sha256)(/.*)?)""",
            re.VERBOSE | re.DOTALL,
        ),
    ),
    (
        Severity.WARNING,
        re.compile(
            r"""/(decision/score | outputs_check | (tool|material|machine)_id | engine_(id|version) | ruleset_version
                | (feasibility | hashes/feasibility_sha256)(/.*)?
                | (context|design)/(.*/)?(\w+_)?(tool|material|machine)s?(_id)?(/.*)?)""",
            re.VERBOSE | re.DOTALL,
        ),
    ),
    (Severity.INFO, re.compile(r".*", re.DOTALL)),
)
_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}


def severity_of(path: str) -> Severity:
    """Return the severity of the first row of the table that matches the whole of `path`."""
    return next(severity for severity, pattern in _TABLE if pattern.fullmatch(path))


def rank_of(severity: Severity) -> int:
    """Return the place of `severity` from NONE (0) to CRITICAL."""
    return _RANKS[severity]
