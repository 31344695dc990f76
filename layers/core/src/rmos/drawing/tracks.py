"""Where a pattern runs: around a ring, or straight along a sample of it. Both are told in cells and ring widths."""

import math
from dataclasses import dataclass
from typing import Protocol

from rmos.drawing.svg import number


class Track(Protocol):
    """Places on a band: `along` counts cells, `across` goes from 0 at the inner edge to 1 at the outer one."""

    @property
    def scale(self) -> float:
        """Drawn lengths beside real ones, for shapes that have a size of their own."""
        ...

    def point(self, along: float, across: float) -> tuple[float, float]: ...

    def sweep(self, start: float, end: float, across: float) -> str:
        """Return the path command that follows the band from `start`, where the pen is, to `end`."""
        ...


@dataclass(frozen=True, slots=True)
class ArcTrack:
    """A ring around the origin, cut into `count` cells clockwise from twelve o'clock."""

    inner_radius_mm: float
    width_mm: float
    count: int

    @property
    def scale(self) -> float:
        return 1.0

    def point(self, along: float, across: float) -> tuple[float, float]:
        angle = 2 * math.pi * along / self.count
        radius = self.inner_radius_mm + across * self.width_mm
        return radius * math.sin(angle), -radius * math.cos(angle)

    def sweep(self, start: float, end: float, across: float) -> str:
        radius = number(self.inner_radius_mm + across * self.width_mm)
        x, y = self.point(end, across)
        is_large = int(abs(end - start) * 2 > self.count)
        return f"A{radius} {radius} 0 {is_large} {int(end > start)} {number(x)} {number(y)}"


@dataclass(frozen=True, slots=True)
class StraightTrack:
    """A straight band from x = 0, its outer edge at y = 0, each cell `pitch` long."""

    height: float
    pitch: float
    scale: float

    def point(self, along: float, across: float) -> tuple[float, float]:
        return along * self.pitch, (1 - across) * self.height

    def sweep(self, start: float, end: float, across: float) -> str:  # noqa: ARG002  # a straight line needs no start
        x, y = self.point(end, across)
        return f"L{number(x)} {number(y)}"
