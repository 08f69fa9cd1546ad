"""What the search tried, and what it found, as the page shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from stages.search.trials_csv import HEADER, REST

MOST_TRIALS = 1000
"""Rows of the page's table; trials.csv has them all."""


def searched_keys(trials: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the keys of params.yaml among the columns of trials.csv."""
    columns = list(trials[0]) if trials else []
    return [column for column in columns if column not in (*HEADER, *REST)]


def finished(trials: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return the trials that have a score, in their order, with numbers as numbers."""
    keys = searched_keys(trials)
    return [
        {
            "trial": trial["trial"],
            "source": trial["source"],
            "score": float(trial["score"]),
            "values": {key: _value(trial[key]) for key in keys},
        }
        for trial in trials
        if trial["score"]
    ]


def best_first(trials: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the trials, the best first and those without a score last; `MOST_TRIALS` at most."""
    ordered = sorted(trials, key=lambda trial: -float(trial["score"] or "-inf"))
    return ordered[:MOST_TRIALS]


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
