"""The charts of a study."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from stages.charts.axes import SCORE, Axis
from stages.charts.studies import NO_SCORE, Study
from stages.charts.vega import (
    ACCENT,
    BEST,
    FAULT,
    INK,
    MUTED,
    Rows,
    Say,
    Spec,
    number,
    sentence,
    spec,
    tips,
)

CROSS = "M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z"
KINDS = {
    "best": (BEST, "diamond"),
    "search": (ACCENT, "circle"),
    "params before the search": (INK, "square"),
    "experiments": (MUTED, "circle"),
    "ended early": (MUTED, CROSS),
    "failed": (FAULT, "triangle-down"),
}
"""Kind of trial → its colour and shape in every chart of a search."""


def history(study: Study, say: Say) -> Spec:
    """Return the score of each trial in their order, and the best so far."""
    so_far = accumulate((trial["score"] for trial in study.scored), max)
    best = {trial["n"]: score for trial, score in zip(study.scored, so_far, strict=True)}
    values = [{**told, "best": best.get(told["n"])} for told, _ in _told(study, say)]
    last = max(len(values), 2)
    x = number("n", say("trial, in order")) | {"scale": {"domain": [0, last + 1], "nice": False}}
    x["axis"] |= {"tickMinStep": 1, "format": "d"}
    y = study.score_axis.channel("at", say(SCORE))
    line = {
        "transform": [{"filter": "datum.best !== null"}],
        "mark": {"type": "line", "interpolate": "step-after", "color": BEST, "strokeWidth": 1},
        "encoding": {"x": x, "y": {**y, "field": "best"}},
    }
    encoding = {"x": x, "y": y, **kind_channels(study.trials, say), "tooltip": trial_tips(say)}
    title = say("Score of each trial, and the best so far: {counts}", counts=_counts(study, say))
    layer = [line, {"mark": _POINT, "encoding": encoding}]
    return spec(title, values, layer=layer) | {"height": _HEIGHT}


def score_over(key: str, study: Study, say: Say) -> Spec:
    """Return the score of each trial over one of the values that were searched."""
    values = [{**told, "value": own[key]} for told, own in _told(study, say)]
    encoding = {
        "x": study.axes[key].channel("value", key),
        "y": study.score_axis.channel("at", say(SCORE)),
        **kind_channels(study.trials, say),
        "tooltip": [*trial_tips(say), {"field": "value", "title": key}],
    }
    return _points(say("Score over {key}", key=key), values, encoding)


def tried_points(x: str, y: str, study: Study, say: Say) -> Spec:
    """Return which values of two keys were tried, by whom; the larger a point, the better."""
    scores = study.score_axis
    values = [
        {**told, "x": own[x], "y": own[y], "size": _size(scores, told)}
        for told, own in _told(study, say)
    ]
    encoding = {
        "x": study.axes[x].channel("x", x),
        "y": study.axes[y].channel("y", y, is_upright=True),
        **kind_channels(study.trials, say),
        "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
        "tooltip": [*trial_tips(say), {"field": "x", "title": x}, {"field": "y", "title": y}],
    }
    return _points(say("What was tried of {x} and {y}", x=x, y=y), values, encoding)


def importance_bars(study: Study, say: Say) -> Spec:
    """Return how much each key matters, the most important first (PED-ANOVA)."""
    title = say("How much each key matters (PED-ANOVA)")
    if not study.importance:
        return sentence(title, say("This needs 4 finished trials that differ."))
    values = [{"key": key, "share": 100 * share} for key, share in study.importance.items()]
    share = number("share", say("importance, %"))
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
                "axis": {"title": say("searched key"), "labelLimit": 170},
            },
            "tooltip": tips(say, "key", share=".1f"),
        },
    )
    return chart | {"height": 60 + 28 * len(values)}


def kind_channels(trials: Rows, say: Say) -> Spec:
    """Return colour and shape by the kind of a trial, with one legend, and the best larger."""
    kinds = [kind for kind in KINDS if any(trial["kind"] == kind for trial in trials)]
    names = [say(kind) for kind in kinds]
    ranges = zip(*(KINDS[kind] for kind in kinds), strict=True)
    channels: Spec = {
        channel: {"field": "kind", "type": "nominal", "scale": {"domain": names, "range": [*own]}}
        for channel, own in zip(("color", "shape"), ranges, strict=True)
    }
    return channels | {"size": {"condition": {"test": "datum.is_best", "value": 130}, "value": 60}}


_HEIGHT = 260
_POINT = {"type": "point", "filled": True, "opacity": 0.9}


def trial_tips(say: Say) -> list[Spec]:
    """Return what a pointer on a trial shows."""
    return [*tips(say, "trial", "kind", score=".2f"), *tips(say, "reason")]


def told_of(trial: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Return what every chart says of a trial."""
    told = {name: trial[name] for name in ("trial", "score", "reason")}
    return told | {"kind": say(trial["kind"]), "is_best": trial["kind"] == "best"}


def _told(study: Study, say: Say) -> list[tuple[dict[str, Any], Mapping[str, float | str]]]:
    """Return what each trial is and its values, the best last: it is drawn on top.

    It stands `at` its score; the others have rows at the foot.
    """
    scores, rows = study.score_axis, list(NO_SCORE.values())
    placed = []
    for trial in sorted(study.trials, key=lambda trial: trial["kind"] == "best"):
        score = trial["score"]
        at = scores.foot(rows.index(trial["kind"])) if score is None else score
        placed.append(({**told_of(trial, say), "n": trial["n"], "at": at}, trial["values"]))
    return placed


def _points(title: str, values: Rows, encoding: Spec) -> Spec:
    return spec(title, values, mark=_POINT, encoding=encoding) | {"height": _HEIGHT}


def _size(scores: Axis, told: Mapping[str, Any]) -> float:
    """Return how large a trial's point is: the better, the larger."""
    return 60.0 if told["score"] is None else 30 + 190 * scores.place(told["score"])


def _counts(study: Study, say: Say) -> str:
    """Return how the trials ended: `finished 5, ended early 2, failed 1`."""
    ends = {"finished": len(study.scored)}
    ends |= {kind: sum(t["kind"] == kind for t in study.trials) for kind in NO_SCORE.values()}
    return ", ".join(f"{say(how)} {n}" for how, n in ends.items() if n or how == "finished")
