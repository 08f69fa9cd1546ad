"""The charts of a search: on the page, and as pictures in files."""

from collections.abc import Mapping, Sequence
from typing import Any

from stages.charts.parallel import parallel
from stages.charts.search import (
    history,
    importance_bars,
    score_over,
    tried_points,
)
from stages.charts.studies import Study, studies
from stages.charts.svg import svg
from stages.charts.vega import Say, Spec, english, sentence

PICTURES = ("history", "importance", "slices", "parallel")
"""The files of a study."""
_WIDTH = 720
_COLUMNS = 3
_SLICE = {"width": 260, "height": 200}
_AXIS = 110
"""Pixels for each axis of the parallel coordinates."""


def charts(study: Study, say: Say) -> dict[str, Spec]:
    """Return the charts of the page, those that there is data for."""
    if not study.trials:
        return {}
    drawn = {"history": history(study, say)}
    keys = sorted(study.axes, key=lambda key: -study.importance.get(key, 0.0))
    if len(keys) > 1:
        drawn["tried"] = tried_points(keys[0], keys[1], study, say)
    drawn |= {f"over {key}": score_over(key, study, say) for key in study.axes}
    drawn |= {"importance": importance_bars(study, say)} if study.importance else {}
    return drawn | {"parallel": parallel(study, say)}


def pictures(trials: Sequence[Mapping[str, str]], facts: Mapping[str, Any]) -> dict[str, str]:
    """Return file name → SVG; those of a search over `generate` stand in `decoding/`."""
    return {
        f"{'decoding/' * bool(place)}{name}.svg": svg(chart)
        for place, study in enumerate(studies(trials, facts))
        for name, chart in _drawn(study).items()
    }


def _drawn(study: Study) -> dict[str, Spec]:
    if not study.trials:
        nothing = sentence("Search", "No trial has ended.")
        return dict.fromkeys(PICTURES, _sized(nothing, _WIDTH))
    wide = max(_WIDTH, _AXIS * (len(study.axes) + 1))
    drawn = (
        _sized(history(study, english), _WIDTH) | {"height": 320},
        _sized(importance_bars(study, english), _WIDTH),
        _slices(study),
        _sized(parallel(study, english), wide),
    )
    return dict(zip(PICTURES, drawn, strict=True))


def _sized(chart: Spec, width: int) -> Spec:
    return {**chart, "width": width, "title": chart["description"]}


def _slices(study: Study) -> Spec:
    """Return the score over each key, side by side."""
    title = "Score over each key"
    parts = [score_over(key, study, english) | _SLICE for key in study.axes]
    for part in parts:
        del part["autosize"]  # several charts in one are as large as they are
    return {"title": title, "description": title, "columns": _COLUMNS, "concat": parts}
