"""Charts of a search."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from stages.page.vega import ACCENT, BEST, INK, MUTED, Rows, Spec, colors, number, spec, tips, when

_OTHERS = "other experiments"
_KINDS = {"best": BEST, "search": ACCENT, "present params": INK, _OTHERS: MUTED}


def search_history(trials: Rows) -> Spec:
    """Return the score of each finished trial and the best so far.

    `trials` have `trial`, `score` and `source` (`stages.page.search.finished`).
    """
    best = list(accumulate((trial["score"] for trial in trials), max))
    first = _first_best(trials)
    values = [
        {
            "number": number,
            "trial": trial["trial"],
            "score": trial["score"],
            "kind": _kind(trial, first),
            "best": so_far,
        }
        for number, (trial, so_far) in enumerate(zip(trials, best, strict=True), start=1)
    ]
    x = number("number", "finished trials")
    kinds = list(dict.fromkeys(value["kind"] for value in values))
    return spec(
        "Score of each trial, and the best so far",
        values,
        layer=[
            {
                "mark": {"type": "line", "interpolate": "step-after", "color": BEST, "size": 1},
                "encoding": {"x": x, "y": number("best", "dev ROUGE mean, 0–100", zero=False)},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.9},
                "encoding": {
                    "x": x,
                    "y": number("score", "dev ROUGE mean, 0–100", zero=False),
                    "color": colors("kind", {kind: _KINDS[kind] for kind in kinds}),
                    "tooltip": [{"field": "trial"}, {"field": "kind"}, *tips(score=".2f")],
                },
            },
        ],
    )


def score_over(key: str, trials: Rows) -> Spec:
    """Return the score of each finished trial over one of the values that were searched."""
    top = _first_best(trials)
    values = [
        {
            "value": trial["values"][key],
            "score": trial["score"],
            "trial": trial["trial"],
            "is_best": trial is top,
        }
        for trial in trials
        if trial["values"][key] != ""
    ]
    return spec(
        f"Score over {key}",
        values,
        mark={"type": "point", "filled": True, "size": 60, "opacity": 0.9},
        encoding={
            "x": {"field": "value", **_scale_of(values, key, field="value")},
            "y": number("score", "dev ROUGE mean", zero=False),
            "color": when("datum.is_best", BEST, ACCENT),
            "tooltip": [{"field": "trial"}, {"field": "value", "title": key}, *tips(score=".2f")],
        },
    )


def tried_points(x: str, y: str, trials: Rows) -> Spec:
    """Return which values of two keys were tried, by whom; the best trial in red.

    The larger a point, the better its score. A trial that lacks one of the values has no point.
    """
    top = _first_best(trials)
    values = [
        {
            "x": trial["values"][x],
            "y": trial["values"][y],
            "score": trial["score"],
            "trial": trial["trial"],
            "kind": _kind(trial, top),
        }
        for trial in trials
        if "" not in (trial["values"][x], trial["values"][y])
    ]
    kinds = list(dict.fromkeys(value["kind"] for value in values))
    return spec(
        f"What was tried of {x} and {y}",
        values,
        mark={"type": "point", "filled": True, "opacity": 0.8},
        encoding={
            "x": {"field": "x", **_scale_of(values, x, field="x")},
            "y": {"field": "y", **_scale_of(values, y, field="y")},
            "color": colors("kind", {kind: _KINDS[kind] for kind in kinds}),
            "size": {
                "field": "score",
                "type": "quantitative",
                "scale": {"zero": False, "range": [30, 220]},
                "legend": None,
            },
            "tooltip": [
                *({"field": field} for field in ("trial", "kind")),
                {"field": "x", "title": x},
                {"field": "y", "title": y},
                *tips(score=".2f"),
            ],
        },
    )


def importance_bars(importance: Mapping[str, float]) -> Spec:
    """Return how much each key matters, the most important first: shares of 1 (PED-ANOVA)."""
    values = [{"key": key, "share": 100 * share} for key, share in importance.items()]
    chart = spec(
        "How much each key matters",
        values,
        mark={"type": "bar", "color": ACCENT},
        encoding={
            "x": number("share", "importance, %"),
            "y": {"field": "key", "type": "nominal", "sort": "-x", "axis": {"title": None}},
            "tooltip": [{"field": "key"}, *tips(share=".1f")],
        },
    )
    return chart | {"height": 40 + 28 * len(values)}


def _first_best(trials: Rows) -> Mapping[str, Any]:
    """Return the best trial; of equal ones, such as many that score 0, the first."""
    return max(trials, key=lambda trial: trial["score"])


def _kind(trial: Mapping[str, Any], best: Mapping[str, Any]) -> str:
    if trial is best:
        return "best"
    return trial["source"] if trial["source"] in _KINDS else _OTHERS


def _scale_of(values: Rows, title: str, *, field: str) -> Spec:
    """Return the type of an axis: names, or numbers, by their ratio where that is 10 or more."""
    numbers = [row[field] for row in values if isinstance(row[field], (int, float))]
    if len(numbers) < len(values) or len(set(numbers)) < 5:
        return {"type": "nominal", "title": title, "axis": {"labelAngle": 0}}
    is_wide = min(numbers) > 0 and max(numbers) >= 10 * min(numbers)
    if is_wide:
        axis = {"grid": False, "tickCount": 4, "format": "~g" if min(numbers) >= 0.001 else ".0e"}
        scale = {"type": "log", "nice": False, "padding": 12}
    else:
        axis, scale = {"tickCount": 6}, {"zero": False, "padding": 12}
    return {"type": "quantitative", "title": title, "axis": axis, "scale": scale}
