"""What a search tried, and what it found: its studies, their charts and their pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from stages.charts.axes import SCORE, Axis, score_axis, searched_axis
from stages.charts.vega import (
    ACCENT,
    BEST,
    FAULT,
    INK,
    MUTED,
    Rows,
    Spec,
    number,
    sentence,
    spec,
    tips,
)

MOST_TRIALS = 1000
"""Rows of the page's table; trials.csv has them all."""

CROSS = "M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z"
KINDS = {
    "best": (BEST, "diamond"),
    "search": (ACCENT, "circle"),
    "present params": (INK, "square"),
    "experiments": (MUTED, "circle"),
    "ended early": (MUTED, CROSS),
    "failed": (FAULT, "triangle-down"),
}
"""Kind of trial → its colour and shape in every chart of a search."""
NO_SCORE = {"PRUNED": "ended early", "FAIL": "failed"}


@dataclass(frozen=True)
class Study:
    """The trials that searched one set of keys, in their order."""

    axes: Mapping[str, Axis]
    """Searched key → what of it was searched."""
    trials: Sequence[Mapping[str, Any]]
    """Those that have ended: `n` from 1 on, `trial`, `kind`, `score`, which may be None, `values`
    and `reason`."""
    importance: Mapping[str, float]
    """Key → its share of 1."""

    @property
    def scored(self) -> list[Mapping[str, Any]]:
        """The trials with a score, 0 included."""
        return [trial for trial in self.trials if trial["score"] is not None]

    @property
    def score_axis(self) -> Axis:
        """The scores."""
        return score_axis(trial["score"] for trial in self.scored)


def studies(trials: Sequence[Mapping[str, str]], facts: Mapping[str, Any]) -> list[Study]:
    """Return the studies of trials.csv and tune.json: training and, where there is one, decoding.

    `facts` have no spaces where nothing was searched.
    """
    found = []
    for name, space in facts.get("spaces", {}).items():
        axes = {key: searched_axis(searched) for key, searched in space.items()}
        own = [trial for trial in trials if trial["trial"].rpartition("-")[0] == name]
        shares = {key: share for key, share in facts["importance"].items() if key in axes}
        found.append(Study(axes, _ended(own, axes), shares))
    return found


def best_first(trials: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the trials, the best first and those without a score last; `MOST_TRIALS` at most."""
    ordered = sorted(trials, key=lambda trial: -float(trial["score"] or "-inf"))
    return ordered[:MOST_TRIALS]


def history(study: Study) -> Spec:
    """Return the score of each trial in their order, and the best so far."""
    so_far = accumulate((trial["score"] for trial in study.scored), max)
    best = {trial["n"]: score for trial, score in zip(study.scored, so_far, strict=True)}
    values = [{**told, "best": best.get(told["n"])} for told in _told(study)]
    last = max(len(values), 2)
    x = number("n", "trial, in order") | {"scale": {"domain": [0, last + 1], "nice": False}}
    x["axis"] |= {"tickMinStep": 1, "format": "d"}
    y = study.score_axis.channel("at", SCORE)
    line = {
        "transform": [{"filter": "datum.best !== null"}],
        "mark": {"type": "line", "interpolate": "step-after", "color": BEST, "strokeWidth": 1},
        "encoding": {"x": x, "y": {**y, "field": "best"}},
    }
    encoding = {"x": x, "y": y, **kind_channels(study.trials), "tooltip": _TIPS}
    title = f"Score of each trial, and the best so far: {_counts(study)}"
    layer = [line, {"mark": _POINT, "encoding": encoding}]
    return spec(title, values, layer=layer) | {"height": _HEIGHT}


def score_over(key: str, study: Study) -> Spec:
    """Return the score of each trial over one of the values that were searched."""
    values = [{**told, "value": told["values"][key]} for told in _told(study)]
    encoding = {
        "x": study.axes[key].channel("value", key),
        "y": study.score_axis.channel("at", SCORE),
        **kind_channels(study.trials),
        "tooltip": [*_TIPS, {"field": "value", "title": key}],
    }
    return _points(f"Score over {key}", values, encoding)


def tried_points(x: str, y: str, study: Study) -> Spec:
    """Return which values of two keys were tried, by whom; the larger a point, the better."""
    scores = study.score_axis
    values = [
        {**told, "x": told["values"][x], "y": told["values"][y], "size": _size(scores, told)}
        for told in _told(study)
    ]
    encoding = {
        "x": study.axes[x].channel("x", x),
        "y": study.axes[y].channel("y", y, is_upright=True),
        **kind_channels(study.trials),
        "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
        "tooltip": [*_TIPS, {"field": "x", "title": x}, {"field": "y", "title": y}],
    }
    return _points(f"What was tried of {x} and {y}", values, encoding)


def importance_bars(study: Study) -> Spec:
    """Return how much each key matters, the most important first (PED-ANOVA)."""
    title = "How much each key matters (PED-ANOVA)"
    if not study.importance:
        return sentence(title, "This needs 4 finished trials that differ.")
    values = [{"key": key, "share": 100 * share} for key, share in study.importance.items()]
    share = number("share", "importance, %")
    share["scale"] |= {"domain": [0, 100]}
    chart = spec(
        title,
        values,
        mark={"type": "bar", "color": ACCENT},
        encoding={
            "x": share,
            "y": {
                "field": "key",
                "type": "nominal",
                "sort": "-x",
                "axis": {"title": "searched key", "labelLimit": 170},
            },
            "tooltip": [{"field": "key"}, *tips(share=".1f")],
        },
    )
    return chart | {"height": 60 + 28 * len(values)}


def kind_channels(trials: Rows) -> Spec:
    """Return colour and shape by the kind of a trial, with one legend, and the best larger."""
    kinds = [kind for kind in KINDS if any(trial["kind"] == kind for trial in trials)]
    ranges = zip(*(KINDS[kind] for kind in kinds), strict=True)
    channels: Spec = {
        channel: {"field": "kind", "type": "nominal", "scale": {"domain": kinds, "range": [*own]}}
        for channel, own in zip(("color", "shape"), ranges, strict=True)
    }
    return channels | {"size": {"condition": {"test": _IS_BEST, "value": 130}, "value": 60}}


_HEIGHT = 260
_IS_BEST = "datum.kind === 'best'"
_POINT = {"type": "point", "filled": True, "opacity": 0.9}
_TIPS = [{"field": "trial"}, {"field": "kind"}, *tips(score=".2f"), {"field": "reason"}]


def _points(title: str, values: Rows, encoding: Spec) -> Spec:
    return spec(title, values, mark=_POINT, encoding=encoding) | {"height": _HEIGHT}


def _size(scores: Axis, told: Mapping[str, Any]) -> float:
    """Return how large a trial's point is: the better, the larger."""
    return 60.0 if told["score"] is None else 30 + 190 * scores.place(told["score"])


def _told(study: Study) -> list[dict[str, Any]]:
    """Return the trials, the best on top, `at` the place of the score; the others at the foot."""
    scores, rows = study.score_axis, list(NO_SCORE.values())
    placed = [
        {**trial, "at": scores.foot(rows.index(trial["kind"])) if score is None else score}
        for trial in study.trials
        for score in [trial["score"]]
    ]
    return sorted(placed, key=lambda trial: trial["kind"] == "best")


def _counts(study: Study) -> str:
    """Return how the trials ended: `5 finished, 2 ended early, 1 failed`."""
    ends = {"finished": len(study.scored)}
    ends |= {kind: sum(t["kind"] == kind for t in study.trials) for kind in NO_SCORE.values()}
    return ", ".join(f"{n} {how}" for how, n in ends.items() if n or how == "finished")


def _ended(trials: Rows, axes: Mapping[str, Axis]) -> list[dict[str, Any]]:
    ended = [trial for trial in trials if trial["score"] or trial["state"] in NO_SCORE]
    scores = [float(trial["score"]) for trial in ended if trial["score"]]
    best = next((t for t in ended if t["score"] and float(t["score"]) == max(scores)), None)
    return [
        {
            "n": n,
            "trial": trial["trial"],
            "kind": "best" if trial is best else _kind(trial),
            "score": float(trial["score"]) if trial["score"] else None,
            "values": {key: axis.value(trial[key]) for key, axis in axes.items()},
            "reason": trial["reason"],
        }
        for n, trial in enumerate(ended, start=1)
    ]


def _kind(trial: Mapping[str, str]) -> str:
    source = trial["source"] if trial["source"] in KINDS else "experiments"
    return NO_SCORE.get(trial["state"], source)
