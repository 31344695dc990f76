"""The two hashes of a result."""

from typing import Any

from rmos.canonical import sha256_of_json
from rmos.design.rosette import Design
from rmos.feasibility.models import ResolvedContext


def input_sha256(design: Design, context: ResolvedContext) -> str:
    """Return the hash over the design and the resolved context, nulls left out."""
    return sha256_of_json(
        {
            "design": design.model_dump(mode="json", exclude_none=True),
            "context": context.model_dump(mode="json", exclude_none=True),
        }
    )


def result_sha256(result: dict[str, Any]) -> str:
    """Return the hash over a result as JSON; `result` holds neither itself nor anything volatile."""
    return sha256_of_json(result)
