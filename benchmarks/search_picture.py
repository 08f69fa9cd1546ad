"""benchmarks/search_methods.svg: what methods of search tried, and how soon they found it."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.processes import ROOT
from benchmarks.search_steps import BATCH, LR, Step, best, cost_to_reach, mean_best
from stages.charts.axes import Axis
from stages.charts.search import CROSS
from stages.charts.svg import svg
from stages.charts.vega import ACCENT, BEST, INK, MUTED, SECOND, SOFT, THIRD, Spec, colors, number

PICTURE = ROOT / "benchmarks/search_methods.svg"
PANEL, WIDTH = 120, 820
COLORS = (INK, MUTED, THIRD, SECOND, ACCENT, ACCENT)
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [3, 2], [1, 0])
KINDS = {"its best": (BEST, "diamond"), "tried": (ACCENT, "circle"), "ended early": (MUTED, CROSS)}
Runs = Mapping[str, Sequence[Sequence[Step]]]
"""Method → a search with each seed, the grid first and ours last."""


class Found(NamedTuple):
    """What the picture says."""

    points: list[dict[str, Any]]
    """`method`, `lr`, `batch` and `kind` of each trial of a method's first seed."""
    curves: list[dict[str, Any]]
    """`method`, `cost` in grids and `score`: the mean of the best so far."""
    grid: float
    """The grid's best dev score."""
    noise: float
    """What seeds alone do to a score."""
    reached: float
    """Cost in grids at which our method is within the noise of the grid's best; median of seeds."""
    ended: float
    """Cost in grids at which it ends; median of seeds."""


def summed_up(runs: Runs, budget: int, noise: float) -> Found:
    """Return what is drawn; a search that never comes there counts with the cost of a grid."""
    grid = best(next(iter(runs.values()))[0]).dev or 0.0
    ours = list(runs.values())[-1]
    costs = [cost_to_reach(run, grid - noise) or budget for run in ours]
    curves = [
        {"method": name, "cost": cost / budget, "score": score}
        for name, own in runs.items()
        for cost, score in mean_best(own).items()
        if cost <= budget  # the last trial goes beyond it
    ]
    points = [
        {"method": name, "lr": step.values[LR], "batch": str(step.values[BATCH])}
        | {"kind": _kind(step, best(own[0]))}
        for name, own in runs.items()
        for step in own[0]
    ]
    ended = statistics.median(run[-1].spent for run in ours) / budget
    return Found(points, curves, grid, noise, statistics.median(costs) / budget, ended)


def picture(found: Found, *, low: float, high: float, batches: Sequence[int]) -> str:
    """Return the SVG, with learning rates from `low` to `high`."""
    lr, batch = Axis((), low, high, is_log=True), Axis(tuple(map(str, batches)))
    methods = list(dict.fromkeys(point["method"] for point in found.points))
    title = {
        "text": f"The grid's best, within noise, at {found.reached:.2f} of its cost",
        "subtitle": "by a search from a coarse grid that ends itself at "
        f"{found.ended:.2f}; the noise is what seeds alone do, {found.noise:.2f} points",
    }
    chart = {
        "title": title,
        "description": title["text"],
        "spacing": 24,
        "vconcat": [_panels(found, methods, lr=lr, batch=batch), _curves(found, methods)],
        "resolve": {"scale": dict.fromkeys(("color", "shape", "strokeDash"), "independent")},
    }
    return svg(chart)


def _panels(found: Found, methods: Sequence[str], *, lr: Axis, batch: Axis) -> Spec:
    shapes = {
        channel: {
            "field": "kind",
            "type": "nominal",
            "scale": {"domain": list(KINDS), "range": [kind[place] for kind in KINDS.values()]},
        }
        for place, channel in enumerate(("color", "shape"))
    }
    panel = {
        "width": PANEL,
        "height": 120,
        "mark": {"type": "point", "filled": True, "opacity": 0.9},
        "encoding": {
            "x": lr.channel("lr", LR),
            "y": batch.channel("batch", BATCH, is_upright=True),
            **shapes,
            "size": {"condition": {"test": "datum.kind === 'its best'", "value": 110}, "value": 50},
        },
    }
    header = {"field": "method", "type": "nominal", "sort": methods, "header": {"title": None}}
    points = sorted(found.points, key=lambda point: point["kind"] == "its best")
    return {"data": {"values": points}, "facet": {"column": header}, "spacing": 16, "spec": panel}


def _curves(found: Found, methods: Sequence[str]) -> Spec:
    x = number("cost", "cost, in grids")
    x["scale"] |= {"domain": [0, 1]}
    low = min(curve["score"] for curve in found.curves)
    y = number("score", "best dev ROUGE mean so far, 0–100", zero=False)
    y["scale"] |= {"domain": [low - 1, max(found.grid, *(c["score"] for c in found.curves)) + 1]}
    dash = {"field": "method", "scale": {"domain": list(methods), "range": list(DASHES)}}
    within = {"low": found.grid - found.noise, "high": found.grid, "cost": found.reached}
    at = {"data": {"values": [within]}}
    band = {"y": y | {"field": "low"}, "y2": {"field": "high"}}
    rule = {"x": x, "y": y | {"field": "low"}, "y2": {"value": "height"}}
    words = {"type": "text", "align": "right", "dx": -8, "dy": -9, "color": INK, "fontSize": 12}
    text = {"value": "within noise of the grid's best"}
    label = {"x": {"value": "width"}, "y": y | {"field": "low"}, "text": text}
    cost = {"field": "cost", "type": "quantitative", "format": ".2f"}
    reached = {"x": x, "y": y | {"field": "low"}, "text": cost}
    mark = {"type": "line", "interpolate": "step-after", "strokeWidth": 2}
    return {
        "width": WIDTH,
        "height": 260,
        "layer": [
            {**at, "mark": {"type": "rect", "color": SOFT}, "encoding": band},
            {**at, "mark": words, "encoding": label},
            {**at, "mark": {"type": "rule", "color": ACCENT}, "encoding": rule},
            {**at, "mark": words | {"align": "left", "dx": 5, "dy": 14}, "encoding": reached},
            {
                "data": {"values": found.curves},
                "mark": mark,
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": colors("method", dict(zip(methods, COLORS, strict=True))),
                    "strokeDash": dash,
                },
            },
        ],
    }


def _kind(step: Step, top: Step) -> str:
    return "ended early" if step.dev is None else "its best" if step is top else "tried"
