"""Axes of the values that were searched and of scores, each with its ticks.

A searched key is what tune.json says of it: `{"choices": [8, 16]}` or
`{"low": 1e-4, "high": 1e-2, "log": true, "step": null}`. Its axis shows all of it, also what nobody
has tried.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stages.charts.vega import Spec

SCORE = "dev ROUGE mean, 0–100"
_MOST_TICKS = 6
_MARGIN = 0.05
"""Share of an axis that is left free at either end."""
_FOOT = 0.08
"""Share of a score's axis between the lowest score and a row at its foot, and between two rows."""
_LONG_LABELS = 24
"""Characters of all choices together from which on they are written aslant."""


class Axis(NamedTuple):
    """The numbers or names that an axis shows; of numbers the first and the last one."""

    names: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    is_log: bool = False
    below: float = _MARGIN
    """Share of it that is left free below."""
    step: float = 0.0
    """The least distance of two ticks."""

    def foot(self, row: int) -> float:
        """Return where the first or second row of what has no score stands, below the scores."""
        return self.low - (row + 1) * _FOOT * (self.high - self.low)

    def value(self, text: str) -> float | str:
        """Return what stands at a place, from its cell of trials.csv."""
        return text if self.names else float(text)

    def place(self, value: float | str) -> float:
        """Return the place of a value, from 0 to 1.

        >>> Axis(low=1e-4, high=1e-2, is_log=True).place(1e-3)
        0.5
        """
        if self.names:
            return (self.names.index(str(value)) + 0.5) / len(self.names)
        low, high, at = (self._scaled(x) for x in (self.low, self.high, float(value)))
        return (at - low) / (high - low)

    def ticks(self) -> list[float] | list[str]:
        """Return what the axis has a label for.

        >>> Axis(low=1e-4, high=1e-2, is_log=True).ticks()
        [0.0001, 0.0003, 0.001, 0.003, 0.01]
        """
        if self.names:
            return list(self.names)
        if self.is_log:
            return _log_ticks(self.low, self.high)
        return _ticks(self.low, self.high, self.step)

    def label(self, tick: float | str) -> str:
        """Return a tick as people type it: `5e-5`, `0.5`, `16`."""
        if isinstance(tick, str):
            return tick
        mantissa, _, exponent = f"{tick:.2e}".partition("e")
        return f"{float(mantissa):g}e{int(exponent)}" if self._is_tiny() else f"{tick:g}"

    def channel(self, field: str, title: str, *, is_upright: bool = False) -> Spec:
        """Return the axis in Vega-Lite; in an upright one long names have room."""
        if self.names:
            is_long = not is_upright and sum(map(len, self.names)) > _LONG_LABELS
            aslant = {"labelAngle": -30, "labelAlign": "right"} if is_long else {"labelAngle": 0}
            axis = {"title": title, "labelLimit": 110, "labelOverlap": False, **aslant}
            scale = {"domain": list(self.names), "type": "point", "padding": 0.5}
            scale |= {"reverse": is_upright}
            return {"field": field, "type": "ordinal", "axis": axis, "scale": scale}
        first, last = self._scaled(self.low), self._scaled(self.high)
        ends = [first - self.below * (last - first), last + _MARGIN * (last - first)]
        ends = [math.exp(end) for end in ends] if self.is_log else ends
        label = f"format(datum.value, '{'.2~e' if self._is_tiny() else '~g'}')"
        axis = {"title": title, "values": self.ticks(), "labelExpr": label}
        axis |= {"labelOverlap": True, "labelSeparation": 4}
        scale = {"type": "log" if self.is_log else "linear", "domain": ends, "nice": False}
        return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}

    def _scaled(self, x: float) -> float:
        return math.log(x) if self.is_log else x

    def _is_tiny(self) -> bool:
        return self.is_log and self.low < 1e-3


def searched_axis(searched: Mapping[str, Any]) -> Axis:
    """Return the axis of a key: choices in their order, numbers by their ratio where `log` says so.

    >>> searched_axis({"choices": [8, 16]}).names
    ('8', '16')
    """
    if "choices" in searched:
        return Axis(names=tuple(str(choice) for choice in searched["choices"]))
    axis = _widened(searched["low"], searched["high"], is_log=searched["log"])
    return axis._replace(step=searched["step"] or 0.0)


def score_axis(scores: Iterable[float]) -> Axis:
    """Return the axis from the lowest of these scores to the highest, with room at its foot."""
    values = list(scores) or [0.0, 100.0]
    return _widened(min(values), max(values), is_log=False)._replace(below=2 * _FOOT + _MARGIN)


def _widened(low: float, high: float, *, is_log: bool) -> Axis:
    if high > low:
        return Axis((), low, high, is_log)
    return Axis((), low / 2, high * 2, is_log) if is_log else Axis((), low - 1, high + 1, is_log)


def _ticks(low: float, high: float, least: float) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten, as many as there is room for."""
    power = math.floor(math.log10(high - low)) - 1
    for step in (float(f"{digit}e{power + more}") for more in range(4) for digit in (1, 2, 5)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < _MOST_TICKS and step >= least:
            break
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        found = _within([float(f"{d}e{power}") for power in powers for d in digits], low, high)
        if len(found) <= _MOST_TICKS:
            break
    return found if len(found) > 1 else [low, high]


def _within(values: Sequence[float], low: float, high: float) -> list[float]:
    return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
