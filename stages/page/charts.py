"""Charts as Vega-Lite, the language in which DVC draws its own plots.

Colours are the page's CSS variables, so that a chart follows the theme without being drawn anew.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
ACCENT, BEST = "var(--accent)", "var(--best)"
FONT = "system-ui, sans-serif"

CONFIG: Spec = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "legend": {
        "labelColor": INK,
        "labelFontSize": 12,
        "orient": "top",
        "title": None,
        "symbolStrokeWidth": 2,
    },
    "line": {"strokeWidth": 2},
}


def loss_curve(rows: Rows) -> Spec:
    """Return the training loss over epochs."""
    values = [{"epoch": float(row["epoch"]), "loss": float(row["loss"])} for row in rows]
    return _spec(
        "Training loss over epochs",
        values,
        mark={"type": "line", "color": ACCENT},
        encoding={
            "x": _number("epoch", "epoch"),
            "y": _number("loss", "training loss", zero=False),
            "tooltip": _tips(epoch=".2f", loss=".3f"),
        },
    )


def dev_curve(rows: Rows, best_epoch: float) -> Spec:
    """Return the dev score of each epoch, the best one in the colour of the best."""
    values = [
        {
            "epoch": float(row["epoch"]),
            "rouge_mean": float(row["rouge_mean"]),
            "is_best": float(row["epoch"]) == best_epoch,
        }
        for row in rows
    ]
    x, y = _number("epoch", "epoch"), _number("rouge_mean", "dev ROUGE mean, 0–100")
    point = {"filled": True, "size": 70, "opacity": 1}
    return _spec(
        "Dev score of each epoch",
        values,
        layer=[
            {"mark": {"type": "line", "color": ACCENT}, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "point", **point},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": _when("datum.is_best", BEST, ACCENT),
                    "tooltip": _tips(epoch=".2f", rouge_mean=".2f"),
                },
            },
        ],
    )


def length_curves(lengths: Mapping[str, Sequence[int]], bins: int = 32) -> Spec:
    """Return how many percent of each split's dialogues have which length, in tokens as read."""
    longest = max((max(tokens, default=0) for tokens in lengths.values()), default=0)
    width = max(1, -(-(longest + 1) // bins))
    values = []
    for split, tokens in lengths.items():
        counts = Counter(length // width for length in tokens)
        values += [
            {"split": split, "tokens": place * width, "share": 100 * counts[place] / len(tokens)}
            for place in range(longest // width + 2)
            if tokens
        ]
    return _spec(
        "Lengths of the dialogues of each split",
        values,
        mark={"type": "line", "interpolate": "step-after"},
        encoding={
            "x": _number("tokens", f"tokens of a dialogue, in steps of {width}"),
            "y": _number("share", "% of the dialogues"),
            "color": _colors("split", {"train": MUTED, "dev": ACCENT, "test": BEST}),
            "strokeDash": {
                "field": "split",
                "scale": {"domain": ["train", "dev", "test"], "range": [[1, 0], [6, 2], [2, 2]]},
                "legend": None,
            },
            "tooltip": [{"field": "split"}, *_tips(tokens="d", share=".1f")],
        },
    )


def score_histogram(scores: Sequence[float], width: int = 5) -> Spec:
    """Return how many dialogues have which score."""
    counts = Counter(min(int(score // width), 100 // width - 1) for score in scores)
    values = [
        {"from": place * width, "to": (place + 1) * width, "dialogues": counts[place]}
        for place in range(100 // width)
    ]
    return _spec(
        "Dialogues by their score",
        values,
        mark={"type": "bar", "color": ACCENT},
        encoding={
            "x": _number("from", "ROUGE mean of a dialogue, 0–100") | {"bin": {"binned": True}},
            "x2": {"field": "to"},
            "y": _number("dialogues", "dialogues"),
            "tooltip": _tips(**{"from": "d", "to": "d", "dialogues": "d"}),
        },
    )


def search_history(trials: Rows) -> Spec:
    """Return the score of each finished trial and the best so far.

    `trials` have `trial`, `score` and `source` (`stages.page.search.finished`).
    """
    best = list(accumulate((trial["score"] for trial in trials), max))
    values = [
        {
            "number": number,
            "trial": trial["trial"],
            "score": trial["score"],
            "kind": "best" if trial["score"] == best[-1] else trial["source"],
            "best": so_far,
        }
        for number, (trial, so_far) in enumerate(zip(trials, best, strict=True), start=1)
    ]
    x = _number("number", "finished trials")
    kinds = list(dict.fromkeys(value["kind"] for value in values))
    return _spec(
        "Score of each trial, and the best so far",
        values,
        layer=[
            {
                "mark": {"type": "line", "interpolate": "step-after", "color": BEST, "size": 1},
                "encoding": {"x": x, "y": _number("best", "dev ROUGE mean, 0–100", zero=False)},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.9},
                "encoding": {
                    "x": x,
                    "y": _number("score", "dev ROUGE mean, 0–100", zero=False),
                    "color": _colors("kind", {kind: _KINDS.get(kind, MUTED) for kind in kinds}),
                    "tooltip": [{"field": "trial"}, {"field": "kind"}, *_tips(score=".2f")],
                },
            },
        ],
    )


def score_over(key: str, trials: Rows) -> Spec:
    """Return the score of each finished trial over one of the values that were searched."""
    top = max(trial["score"] for trial in trials)
    values = [
        {
            "value": trial["values"][key],
            "score": trial["score"],
            "trial": trial["trial"],
            "is_best": trial["score"] == top,
        }
        for trial in trials
        if trial["values"][key] != ""
    ]
    return _spec(
        f"Score over {key}",
        values,
        mark={"type": "point", "filled": True, "size": 60, "opacity": 0.9},
        encoding={
            "x": {"field": "value", "axis": {"labelOverlap": True}, **_scale_of(values, key)},
            "y": _number("score", "dev ROUGE mean", zero=False),
            "color": _when("datum.is_best", BEST, ACCENT),
            "tooltip": [{"field": "trial"}, {"field": "value", "title": key}, *_tips(score=".2f")],
        },
    )


_KINDS = {"best": BEST, "search": ACCENT, "present params": INK}


def _spec(description: str, values: Rows, **rest: Any) -> Spec:
    size = {"width": "container", "height": 220, "autosize": {"type": "fit", "contains": "padding"}}
    return {"description": description, "data": {"values": values}, **size, **rest}


def _number(field: str, title: str, *, zero: bool = True) -> Spec:
    axis = {"title": title, "tickCount": 6}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": zero}}


def _scale_of(values: Rows, title: str) -> Spec:
    """Return the type of an axis: names, or numbers, by their ratio where that is 10 or more."""
    numbers = [row["value"] for row in values if isinstance(row["value"], (int, float))]
    if len(numbers) < len(values) or len(set(numbers)) < 5:
        return {"type": "nominal", "title": title, "sort": "ascending"}
    is_wide = min(numbers) > 0 and max(numbers) >= 10 * min(numbers)
    scale = {"type": "log" if is_wide else "linear", "zero": False, "padding": 12}
    return {"type": "quantitative", "title": title, "scale": scale}


def _colors(field: str, colors: Mapping[str, str]) -> Spec:
    scale = {"domain": list(colors), "range": list(colors.values())}
    return {"field": field, "type": "nominal", "scale": scale}


def _when(test: str, yes: str, no: str) -> Spec:
    return {"condition": {"test": test, "value": yes}, "value": no}


def _tips(**formats: str) -> list[Spec]:
    return [
        {"field": field, "type": "quantitative", "format": form} for field, form in formats.items()
    ]
