"""What a search tried, as its tables say it: its studies and their trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stages.charts.axes import Axis, score_axis, searched_axis
from stages.charts.vega import Rows

MOST_TRIALS = 1000
"""Rows of the page's table; trials.csv has them all."""

SOURCES = {"search": "search", "present params": "params before the search"}
"""Where a trial came from → how that is called, also when the winner was promoted long ago; those
of other experiments are one kind."""
NO_SCORE = {"PRUNED": "ended early", "FAIL": "failed"}
"""State → kind of the trials without a score."""


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


def _ended(trials: Rows, axes: Mapping[str, Axis]) -> list[dict[str, Any]]:
    ended = [trial for trial in trials if trial["score"] or trial["state"] in NO_SCORE]
    scores = [float(trial["score"]) for trial in ended if trial["score"]]
    top = max(scores, default=None)
    best = next((t for t in ended if t["score"] and float(t["score"]) == top), None)
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
    source = SOURCES.get(trial["source"], "experiments")
    return NO_SCORE.get(trial["state"], source)
