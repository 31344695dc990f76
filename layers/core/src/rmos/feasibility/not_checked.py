"""What no engine looks at, said beside every verdict, GREEN ones above all."""

from rmos.design.cutting import Target
from rmos.feasibility.inputs import FeasibilityInput

ALWAYS = (
    "workholding: whether the work is held against the forces of the cut",
    "tear-out: grain direction, figure and climb or conventional cutting",
    "wood movement: moisture, cupping and glue between now and later",
    "bit wear: how sharp the edge still is after the cuts before",
    "zeroing: Z zero, flatness of the top and of the table",
)
_FINISHED = (
    "top after thinning: finished_top_thickness_mm was not given, so what stays under the channel then is not known"
)


def not_checked(request: FeasibilityInput) -> tuple[str, ...]:
    """Return what was not looked at for this request."""
    has_channel = any(cut.target is Target.CHANNEL for cut in request.context.cuts)
    if has_channel and request.design.finished_top_thickness_mm is None:
        return (*ALWAYS, _FINISHED)
    return ALWAYS
