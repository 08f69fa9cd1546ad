"""Experiments side by side, as metrics/compare.json has them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from stages.charts.vega import (
    ACCENT,
    BEST,
    FAINT,
    INK,
    MUTED,
    Rows,
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


class Compared(BaseModel):
    """What metrics/compare.json holds, which Git merges and somebody may have edited."""

    model_config = ConfigDict(strict=True)

    rows: list[ComparedRow]
    floors: dict[str, float] = {}
    notes: list[str] = []


MOST_DRAWN = 30
"""Experiments in the chart, the best ones; the table has them all."""

_VERDICTS = {
    "better": (BEST, "diamond"),
    "baseline": (INK, "square"),
    "tie": (ACCENT, "circle"),
    "worse": (MUTED, "triangle-down"),
    "not compared": (FAINT, "circle"),
}
"""Verdict → colour and shape."""


def has_score(rows: Rows, score: float) -> bool:
    """Tell whether the workspace's score, 0 to 100, is what the rows have; any row's without it."""
    own = [row for row in rows if "workspace" in row["names"]]
    return any(abs(row["score"] - score) < 1e-3 for row in own or rows)


def has_result(row: Mapping[str, Any]) -> bool:
    """Tell whether the leaderboard ever said something of an experiment."""
    return row["public"] is not None or row["private"] is not None


def score_ranges(rows: Rows, floors: Mapping[str, float]) -> Spec:
    """Return each experiment's score with its interval, the best first, and lines to compare with.

    The lines are the baseline's score and the best floor.
    """
    values = [_value(place, row) for place, row in enumerate(rows[:MOST_DRAWN])]
    lines = [{"score": row["score"], "line": "baseline"} for row in rows if _is_baseline(row)]
    if floors:
        best = max(floors, key=lambda name: floors[name])
        lines.append({"score": floors[best], "line": f"{label(best)} (floor)"})
    present = {value["verdict"] for value in values}
    shown = {name: marked for name, marked in _VERDICTS.items() if name in present}
    color, shape = (
        colors("verdict", {name: marked[part] for name, marked in shown.items()}) for part in (0, 1)
    )
    y = {"field": "place", "type": "nominal", "axis": {"title": "experiment", **_names(values)}}
    x = number("score", "dev ROUGE mean, 0–100", zero=False)
    tooltip = [{"field": "name"}, {"field": "params"}, *tips(score=".2f", low=".2f", high=".2f")]
    line_tip = [{"field": "line"}, *tips(score=".2f")]
    chart = spec(
        "Scores of the experiments with their intervals",
        values,
        layer=[
            {
                "data": {"values": lines},
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


def _value(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "place": f"{place:03}",
        "name": row["names"][0],
        "params": " ".join(f"{key}={value}" for key, value in row["params"].items()),
        **{key: row[key] for key in ("score", "low", "high")},
        "verdict": row["verdict"] or "not compared",
    }


def _names(values: Rows) -> Spec:
    """Return labels by place: two experiments of one name keep a line each."""
    names = {value["place"]: value["name"] for value in values}
    return {"labelExpr": f"{json.dumps(names)}[datum.label]", "labelLimit": 165}


def _is_baseline(row: Mapping[str, Any]) -> bool:
    return bool(row["verdict"] == "baseline")
