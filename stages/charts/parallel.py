"""A search as parallel coordinates: an axis for each key and the score, a line for each trial."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from stages.charts.axes import Axis
from stages.charts.search import kind_channels, told_of, trial_tips
from stages.charts.studies import Study
from stages.charts.vega import INK, LINE, MUTED, PAGE, Say, Spec, spec

_SCORE = "rouge_mean"
_WIDE = 14
"""Characters from which on an axis's name is written in several lines."""
_WIDEST = 80
"""Pixels of a label, which are fewer than those between two axes."""
_PADDING, _LINE_HEIGHT = 12, 14
"""Pixels between the names and the axes, and of each of their lines."""
_PLACE = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}}


def parallel(study: Study, say: Say) -> Spec:
    """Return each trial as a line over its values to its score.

    A trial without a score ends at the last key, with the mark of what ended it.
    """
    axes = {**study.axes, _SCORE: study.score_axis}
    names = {"domain": list(axes), "type": "point", "padding": 0.5}
    x: Spec = {"field": "axis", "type": "nominal", "sort": None, "scale": names}
    x["axis"] = _heads(axes)
    kinds = kind_channels(study.trials, say)
    lines = {"x": x, "y": _PLACE, "color": kinds["color"], "detail": {"field": "trial"}}
    ends = {"x": x, "y": _PLACE, **kinds, "tooltip": trial_tips(say)}
    rules, labels = _scales(x, axes)
    layer = [
        rules,
        _of("datum.score === null", _line(0.6, 1.5) | {"strokeDash": [3, 3]}, lines),
        _of("datum.score !== null && !datum.is_best", _line(0.45, 1.5), lines),
        _of("datum.is_best", _line(1, 2.5), lines),
        *labels,
        _of("datum.is_last", {"type": "point", "filled": True, "opacity": 1}, ends),
    ]
    values = [row for trial in study.trials for row in _vertices(trial, axes, say)]
    title = say("Each trial as a line over its values to its score")
    return spec(title, values, layer=layer) | {"height": 340}


def _scales(x: Spec, axes: Mapping[str, Axis]) -> tuple[Spec, list[Spec]]:
    """Return the axes, which lie below the lines, and their ticks, which lie above."""
    ends = {"x": x, "y": {"value": 0}, "y2": {"value": "height"}}
    rules = {
        "data": {"values": [{"axis": name} for name in axes]},
        "mark": {"type": "rule", "color": LINE, "strokeWidth": 1.5},
        "encoding": ends,
    }
    ticks = [
        {"axis": name, "place": axis.place(tick), "label": axis.label(tick)}
        for name, axis in axes.items()
        for tick in axis.ticks()
    ]
    label = {"type": "text", "align": "right", "baseline": "middle", "dx": -7, "fontSize": 11}
    label |= {"limit": _WIDEST, "color": MUTED}
    halo = label | {"color": PAGE, "stroke": PAGE, "strokeWidth": 4, "strokeJoin": "round"}
    dash = {"type": "tick", "orient": "horizontal", "size": 7, "color": MUTED}
    at = {"x": x, "y": _PLACE}
    words = at | {"text": {"field": "label"}}
    drawn = ((halo, words), (label, words), (dash, at))
    return rules, [
        {"data": {"values": ticks}, "mark": mark, "encoding": encoding} for mark, encoding in drawn
    ]


def _of(test: str, mark: Spec, encoding: Spec) -> Spec:
    return {"transform": [{"filter": test}], "mark": mark, "encoding": encoding}


def _line(opacity: float, width: float) -> Spec:
    return {"type": "line", "opacity": opacity, "strokeWidth": width}


def _vertices(trial: Mapping[str, Any], axes: Mapping[str, Axis], say: Say) -> list[dict[str, Any]]:
    at = dict(trial["values"])
    if trial["score"] is not None:
        at[_SCORE] = trial["score"]
    last = list(at)[-1]
    told = told_of(trial, say)
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
