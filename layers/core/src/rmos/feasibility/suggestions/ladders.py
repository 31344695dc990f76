"""Values that a setting can be put to: no machine is fed at 961.3 mm/min."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rmos.design.units import nine_digits

_ON_A_RUNG = 1e-9


@dataclass(frozen=True, slots=True)
class Multiples:
    """The whole multiples of `step` from `least` to `most`."""

    least: float
    most: float
    step: float

    def below(self, value: float) -> float | None:
        """Return the greatest that is not over `value`, or None."""
        rung = nine_digits(math.floor(min(value, self.most) / self.step + _ON_A_RUNG) * self.step)
        return rung if rung >= self.least - _ON_A_RUNG else None

    def above(self, value: float) -> float | None:
        """Return the least that is not under `value`, or None."""
        rung = nine_digits(math.ceil(max(value, self.least) / self.step - _ON_A_RUNG) * self.step)
        return rung if rung <= self.most + _ON_A_RUNG else None


@dataclass(frozen=True, slots=True)
class Rungs:
    """A few values, ascending, such as the speeds of a dial."""

    values: Sequence[float]

    def below(self, value: float) -> float | None:
        """Return the greatest that is not over `value`, or None."""
        return max((each for each in self.values if each <= value), default=None)

    def above(self, value: float) -> float | None:
        """Return the least that is not under `value`, or None."""
        return min((each for each in self.values if each >= value), default=None)


Ladder = Multiples | Rungs
