"""Scores as bars: where a score and its interval stand on the width that a table gives them."""

import math
from collections.abc import Iterable
from typing import NamedTuple


class Bar(NamedTuple):
    """One line of a chart; scores 0 to 100."""

    name: str
    kind: str
    """`model`, `test`, `floor` or `baseline`."""
    score: float
    low: float | None = None
    """95% interval; None where there is none."""
    high: float | None = None
    note: str = ""


class Scale(NamedTuple):
    """The scores between which a bar is drawn."""

    low: float
    high: float

    def place(self, score: float) -> str:
        """Return where a score stands, as CSS.

        >>> Scale(20, 60).place(30)
        '25.00%'
        """
        share = (score - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0), 1):.2f}%"

    def width(self, low: float, high: float) -> str:
        """Return how long an interval is, as CSS.

        >>> Scale(20, 60).width(30, 40)
        '25.00%'
        """
        return f"{100 * (high - low) / (self.high - self.low):.2f}%"


def scale_around(scores: Iterable[float], *, from_zero: bool = False) -> Scale:
    """Return the scale, in steps of 5, on which all scores have a place.

    >>> scale_around([23.1, 48.0])
    Scale(low=20, high=50)
    """
    values = list(scores)
    low = 0 if from_zero else 5 * math.floor(min(values) / 5)
    return Scale(low, max(5 * math.ceil(max(values) / 5), low + 5))
