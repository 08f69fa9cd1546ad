"""Charts of a training and of its scores."""

from collections import Counter
from collections.abc import Mapping, Sequence

from stages.charts.axes import SCORE
from stages.charts.vega import (
    ACCENT,
    BEST,
    MUTED,
    SECOND,
    Rows,
    Say,
    Spec,
    colors,
    number,
    spec,
    tips,
    when,
)


def loss_curve(rows: Rows, say: Say) -> Spec:
    """Return the training loss over epochs."""
    values = [{"epoch": float(row["epoch"]), "loss": float(row["loss"])} for row in rows]
    return spec(
        say("Training loss over epochs"),
        values,
        mark={"type": "line", "color": ACCENT},
        encoding={
            "x": number("epoch", say("epoch")),
            "y": number("loss", say("training loss"), zero=False),
            "tooltip": tips(say, epoch=".2f", loss=".3f"),
        },
    )


def dev_curve(rows: Rows, best_epoch: float, say: Say) -> Spec:
    """Return the dev score of each epoch, the best one in the colour and shape of the best."""
    values = [
        {
            "epoch": float(row["epoch"]),
            "rouge_mean": float(row["rouge_mean"]),
            "is_best": float(row["epoch"]) == best_epoch,
        }
        for row in rows
    ]
    x, y = number("epoch", say("epoch")), number("rouge_mean", say(SCORE))
    point = {"filled": True, "size": 70, "opacity": 1}
    return spec(
        say("Dev score of each epoch"),
        values,
        layer=[
            {"mark": {"type": "line", "color": ACCENT}, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "point", **point},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": when("datum.is_best", BEST, ACCENT),
                    "shape": when("datum.is_best", "diamond", "circle"),
                    "tooltip": tips(say, epoch=".2f", rouge_mean=".2f"),
                },
            },
        ],
    )


def length_curves(lengths: Mapping[str, Sequence[int]], say: Say, bins: int = 32) -> Spec:
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
    return spec(
        say("Lengths of the dialogues of each split"),
        values,
        mark={"type": "line", "interpolate": "step-after"},
        encoding={
            "x": number("tokens", say("tokens of a dialogue, in steps of {width}", width=width)),
            "y": number("share", say("% of the dialogues")),
            "color": colors("split", {"train": MUTED, "dev": ACCENT, "test": SECOND}),
            "strokeDash": {
                "field": "split",
                "scale": {"domain": ["train", "dev", "test"], "range": [[1, 0], [6, 2], [2, 2]]},
            },
            "tooltip": tips(say, "split", tokens="d", share=".1f"),
        },
    )


def score_histogram(scores: Sequence[float], say: Say, width: int = 5) -> Spec:
    """Return how many dialogues have which score."""
    counts = Counter(min(int(score // width), 100 // width - 1) for score in scores)
    values = [
        {"from": place * width, "to": (place + 1) * width, "dialogues": counts[place]}
        for place in range(100 // width)
    ]
    return spec(
        say("Dialogues by their score"),
        values,
        mark={"type": "bar", "color": ACCENT, "opacity": 0.85},
        encoding={
            "x": number("from", say("ROUGE mean of a dialogue, 0–100")) | {"bin": {"binned": True}},
            "x2": {"field": "to"},
            "y": number("dialogues", say("dialogues")),
            "tooltip": tips(say, **{"from": "d", "to": "d", "dialogues": "d"}),
        },
    )
