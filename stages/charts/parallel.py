"""A search as parallel coordinates: an axis for each key and the score, a line for each trial."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from stages.charts.search import Study, kind_channels
from stages.charts.vega import INK, LINE, MUTED, PAGE, Spec, spec, tips

_SCORE = "rouge_mean"
_WIDE = 14
"""Characters from which on an axis's name is written in several lines."""
_WIDEST = 80
"""Pixels of a label, which are fewer than those between two axes."""
_PADDING, _LINE_HEIGHT = 12, 14
"""Pixels between the names and the axes, and of each of their lines."""
_ENDS = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}


def parallel(study: Study) -> Spec:
    """Return each trial as a line over its values to its score.

    A trial without a score ends at the last key, with the mark of what ended it.
    """
    axes = {**study.axes, _SCORE: study.score_axis}
    names = {"domain": list(axes), "type": "point", "padding": 0.5}
    x: Spec = {
        "field": "axis",
        "type": "nominal",
        "sort": None,
        "scale": names,
        "axis": _heads(axes),
    }
    values = [row for trial in study.trials for row in _vertices(trial, axes)]
    ticks = [
        {"axis": name, "place": axis.place(tick), "label": axis.label(tick)}
        for name, axis in axes.items()
        for tick in axis.ticks()
    ]
    placed = {"x": x, "y": _ENDS}
    kinds = kind_channels(study.trials)
    lines = {"x": x, "y": _ENDS, "color": kinds["color"], "detail": {"field": "trial"}}
    tip = [{"field": "trial"}, {"field": "kind"}, *tips(score=".2f"), {"field": "reason"}]
    label = {"type": "text", "align": "right", "baseline": "middle", "dx": -7, "fontSize": 11}
    label |= {"limit": _WIDEST}
    text = {**placed, "text": {"field": "label"}}
    rule = {"x": x, "y": {"value": 0}, "y2": {"value": "height"}}
    last = {"transform": [{"filter": "datum.is_last"}]}
    faint, strong = _line(0.45, 1.5), _line(1, 2.5)
    dashed = _line(0.6, 1.5) | {"strokeDash": [3, 3]}
    layer = [
        {"data": {"values": [{"axis": name} for name in axes]}, "encoding": rule}
        | {"mark": {"type": "rule", "color": LINE, "strokeWidth": 1.5}},
        _of("datum.score === null", dashed, lines),
        _of("datum.score !== null && datum.kind !== 'best'", faint, lines),
        _of("datum.kind === 'best'", strong, lines),
        {"data": {"values": ticks}, "mark": label | _halo(), "encoding": text},
        {"data": {"values": ticks}, "mark": label | {"color": MUTED}, "encoding": text},
        {"data": {"values": ticks}, "encoding": placed}
        | {"mark": {"type": "tick", "orient": "horizontal", "size": 7, "color": MUTED}},
        {**last, "mark": {"type": "point", "filled": True, "opacity": 1}}
        | {"encoding": {**placed, **kinds, "tooltip": tip}},
    ]
    return spec("Each trial as a line over its values to its score", values, layer=layer) | {
        "height": 340
    }


def _of(test: str, mark: Spec, encoding: Spec) -> Spec:
    return {"transform": [{"filter": test}], "mark": mark, "encoding": encoding}


def _line(opacity: float, width: float) -> Spec:
    return {"type": "line", "opacity": opacity, "strokeWidth": width}


def _halo() -> Spec:
    return {"stroke": PAGE, "strokeWidth": 4, "color": PAGE, "strokeJoin": "round"}


def _vertices(trial: Mapping[str, Any], axes: Mapping[str, Any]) -> list[dict[str, Any]]:
    at = dict(trial["values"])
    if trial["score"] is not None:
        at[_SCORE] = trial["score"]
    last = list(at)[-1]
    told = {name: trial[name] for name in ("trial", "kind", "score", "reason")}
    return [
        {**told, "axis": name, "place": axes[name].place(value), "is_last": name == last}
        for name, value in at.items()
    ]


def _heads(axes: Iterable[str]) -> Spec:
    """Return the names above the axes, with room for the one that has most lines."""
    lines = {name: _lines(name) for name in axes}
    more = max(map(len, lines.values())) - 1
    labels = {"labelExpr": f"{json.dumps(lines)}[datum.label]", "labelAngle": 0, "labelColor": INK}
    room = {"labelPadding": _PADDING + more * _LINE_HEIGHT, "labelLineHeight": _LINE_HEIGHT}
    return {"title": None, "orient": "top", "domain": False, "ticks": False, **labels, **room}


def _lines(name: str) -> list[str]:
    """Return a long name in several lines.

    >>> _lines("train.lr"), _lines("train.gradient_accumulation_steps")
    (['train.lr'], ['train.', 'gradient_', 'accumulation_', 'steps'])
    """
    return [name] if len(name) <= _WIDE else re.findall(r"[^._]+[._]?", name)
