"""Which of several representations a client asks for (RFC 9110 section 12.5.1)."""

import re
from collections.abc import Sequence

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII | re.IGNORECASE)


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type of `offered` that `accept` weighs most, the first of equals; also where it names none."""
    if accept is None:
        return offered[0]
    ranges = _ranges(accept)
    return max(offered, key=lambda media_type: _weight(media_type, ranges))


def is_asked_for(accept: str, media_type: str, instead_of: str) -> bool:
    """Tell whether `accept` names `media_type` itself and weighs `instead_of` no more; */* asks for nothing special."""
    other = instead_of.partition(";")[0].strip().lower()
    named = dict(reversed(_ranges(accept))).get(media_type, 0.0)
    return named > 0 and preferred(accept, (media_type, other)) == media_type


def _ranges(accept: str) -> list[tuple[str, float]]:
    return [_range(part) for part in accept.lower().split(",")]


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    weights = [float(match[1]) for match in map(_WEIGHT.fullmatch, parameters) if match is not None]
    return name, weights[0] if weights else 1.0


def _weight(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that covers `media_type`, 0 where none does."""
    weights = dict(reversed(ranges))
    kind = media_type.partition("/")[0]
    return next((weights[name] for name in (media_type, f"{kind}/*", "*/*") if name in weights), 0.0)
