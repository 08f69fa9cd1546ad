"""metrics/tune/trials.csv and metrics/tune/tune.json: every trial, and what the search cost."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from stages.command.files import write_csv, write_json
from stages.search.study import Search
from stages.search.trials_csv import HEADER, REST


def write_trials(folder: Path, searches: Sequence[Search]) -> None:
    """Write trials.csv: a line for each trial; `epochs` is the cheap dev score after each."""
    keys = list(dict.fromkeys(key for search in searches for key in search.space))
    rows = [
        [f"{search.name}-{trial.number}", *_row(trial, keys)]
        for search in searches
        for trial in search.trials()
    ]
    write_csv(folder / "trials.csv", [*HEADER, *keys, *REST], rows)


def write_summary(
    folder: Path,
    searches: Sequence[Search],
    *,
    incomparable: Mapping[str, str],
    more: Mapping[str, Any],
) -> None:
    """Write tune.json: counts, the best score, the cost, and which experiments were left out."""
    trials = [trial for search in searches for trial in search.trials()]
    own = [trial for search in searches for trial in search.spent()]

    def count(state: TrialState) -> int:
        return sum(trial.state == state for trial in own)

    done = [trial.value for trial in trials if trial.state == TrialState.COMPLETE]
    metrics = {
        "trials": len(own),
        "complete": count(TrialState.COMPLETE),
        "pruned": count(TrialState.PRUNED),
        "failed": count(TrialState.FAIL),
        "told": len(trials) - len(own),
        "best_trial": max(done, default=None, key=lambda score: score or 0.0),
        "seconds": round(sum(t.user_attrs.get("seconds", 0.0) for t in own), 1),
        "overhead": round(sum(t.user_attrs.get("overhead", 0.0) for t in own), 1),
        "examples": sum(t.user_attrs.get("examples", 0) for t in own),
    }
    write_json(folder / "tune.json", metrics | dict(more) | {"not_comparable": dict(incomparable)})


def _row(trial: FrozenTrial, keys: Sequence[str]) -> list[Any]:
    notes = trial.user_attrs
    epochs = " ".join(f"{score:g}" for _, score in sorted(trial.intermediate_values.items()))
    return [
        notes.get("source", ""),
        trial.state.name,
        "" if trial.state != TrialState.COMPLETE else trial.value,
        *(trial.params.get(key, "") for key in keys),
        notes.get("experiment", ""),
        epochs,
        notes.get("seconds", ""),
        notes.get("examples", ""),
        notes.get("reason", ""),
    ]
