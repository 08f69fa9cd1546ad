"""Experiments side by side, as metrics/compare.json has them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from stages.charts.axes import SCORE
from stages.charts.vega import (
    BEST,
    FAINT,
    INK,
    MUTED,
    Rows,
    Say,
    Spec,
    colors,
    number,
    spec,
    tips,
)
from stages.page.sections import label


class ComparedRow(BaseModel):
    """An experiment, as `stages.comparison.table.comparison_record` writes it."""

    model_config = ConfigDict(strict=True)

    names: Annotated[list[str], Field(min_length=1)]
    params: dict[str, Any]
    score: float
    low: float
    high: float
    seeds: int
    difference: dict[str, float] | None
    verdict: str
    marks: list[str]
    seconds: float | None
    public: float | None
    private: float | None


class ComparedNote(BaseModel):
    """A sentence below the table, with `{names}` for its values."""

    text: str
    values: dict[str, str | int] = {}


class Compared(BaseModel):
    """What metrics/compare.json holds, which Git merges and somebody may have edited."""

    model_config = ConfigDict(strict=True)

    rows: list[ComparedRow]
    floors: dict[str, float] = {}
    notes: list[ComparedNote] = []


MOST_DRAWN = 30
"""Experiments in the chart, the best ones; the table has them all."""

_VERDICTS = {
    "better": (BEST, "diamond"),
    "baseline": (INK, "square"),
    "tie": (MUTED, "circle"),
    "worse": (MUTED, "triangle-down"),
    "not compared": (FAINT, "circle"),
}
"""Verdict → colour and shape: those of the best, the params before and the others of a search."""

MARKS = {
    "other scorer": "Other scorer: the signatures differ, so the scores do not compare.",
    "other edition": "Other edition: dev.csv has other rows or lengths, so they do not compare.",
    "other data": "Other data: other dev dialogues were scored, so the scores do not compare.",
    "other train": "Other train: the same dev.csv, and another train.csv.",
    "stale": "Stale: its params or data were changed after the score was made (dvc repro).",
    "not here": "Not here: the predictions are not in this cache (dvc exp pull).",
}
"""What sets a row apart from the baseline → its sentence."""


def has_score(rows: Rows, score: float) -> bool:
    """Tell whether the workspace's score, 0 to 100, is what the rows have; any row's without it."""
    own = [row for row in rows if "workspace" in row["names"]]
    return any(abs(row["score"] - score) < 1e-3 for row in own or rows)


def has_result(row: Mapping[str, Any]) -> bool:
    """Tell whether the leaderboard ever said something of an experiment."""
    return row["public"] is not None or row["private"] is not None


def told(compared: Mapping[str, Any], say: Say) -> list[str]:
    """Return the sentences below the table: of each mark that a row has, then the notes."""
    marks = dict.fromkeys(mark for row in compared["rows"] for mark in row["marks"])
    notes = (say(note["text"], **note["values"]) for note in compared.get("notes", ()))
    return [*(say(MARKS[mark]) for mark in marks), *notes]


def score_ranges(rows: Rows, floors: Mapping[str, float], say: Say) -> Spec:
    """Return each experiment's score with its interval, the best first, and lines to compare with.

    The lines are the baseline's score and the best floor.
    """
    values = [_value(place, row, say) for place, row in enumerate(rows[:MOST_DRAWN])]
    base = [{"score": row["score"], "line": say("baseline")} for row in rows if _is_baseline(row)]
    if floors:
        best = max(floors, key=lambda name: floors[name])
        base.append({"score": floors[best], "line": say("{name} (floor)", name=say(label(best)))})
    present = {value["verdict"] for value in values}
    shown = {say(name): how for name, how in _VERDICTS.items() if say(name) in present}
    color, shape = (
        colors("verdict", {name: how[part] for name, how in shown.items()}) for part in (0, 1)
    )
    y = {
        "field": "place",
        "type": "nominal",
        "axis": {"title": say("experiment"), **_names(values)},
    }
    x = number("score", say(SCORE), zero=False)
    tooltip = tips(say, "name", "params", score=".2f", low=".2f", high=".2f")
    line_tip = tips(say, "line", score=".2f")
    chart = spec(
        say("Scores of the experiments with their intervals"),
        values,
        layer=[
            {
                "data": {"values": base},
                "mark": {"type": "rule", "strokeDash": [3, 3], "color": MUTED, "size": 1.5},
                "encoding": {"x": x, "tooltip": line_tip},
            },
            {
                "mark": {"type": "rule", "size": 2},
                "encoding": {
                    "y": y,
                    "x": number("low", "", zero=False),
                    "x2": {"field": "high"},
                    "color": color,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
                "encoding": {"y": y, "x": x, "color": color, "shape": shape, "tooltip": tooltip},
            },
        ],
    )
    return chart | {"height": 60 + 24 * len(values)}


def _value(place: int, row: Mapping[str, Any], say: Say) -> dict[str, Any]:
    return {
        "place": f"{place:03}",
        "name": row["names"][0],
        "params": " ".join(f"{key}={value}" for key, value in row["params"].items()),
        **{key: row[key] for key in ("score", "low", "high")},
        "verdict": say(row["verdict"] or "not compared"),
    }


def _names(values: Rows) -> Spec:
    """Return labels by place: two experiments of one name keep a line each."""
    names = {value["place"]: value["name"] for value in values}
    return {"labelExpr": f"{json.dumps(names)}[datum.label]", "labelLimit": 165}


def _is_baseline(row: Mapping[str, Any]) -> bool:
    return bool(row["verdict"] == "baseline")
