"""Room for labels: as near to what they name as their size allows."""

from collections.abc import Sequence


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places at least `gap` apart, in order, as near as can be to `wanted` (ascending) and within low to high.

    Least squares by pooling neighbours that stand too close. More labels than there is room for share it evenly.
    """
    count = len(wanted)
    if count > 1 and gap * (count - 1) >= high - low:
        return [low + (high - low) * index / (count - 1) for index in range(count)]
    pools: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        total, size = place - index * gap, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / size:
            before = pools.pop()
            total, size = total + before[0], size + before[1]
        pools.append((total, size))
    flat = [total / size for total, size in pools for _ in range(size)]
    last = high - (count - 1) * gap
    return [min(max(place, low), last) + index * gap for index, place in enumerate(flat)]
