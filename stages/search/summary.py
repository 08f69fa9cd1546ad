"""metrics/tune/trials.csv and metrics/tune/tune.json: every trial, and what the search cost."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from stages.command.files import write_json, write_table
from stages.search.study import Search
from stages.search.trials_csv import HEADER, REST

FEWEST = 4
"""Finished trials from which on importance can be computed at all."""


def write_trials(folder: Path, searches: Sequence[Search]) -> None:
    """Write trials.csv: a line for each trial; `epochs` is the cheap dev score after each."""
    keys = list(dict.fromkeys(key for search in searches for key in search.space))
    rows = [
        [f"{search.name}-{trial.number}", *_row(trial, keys)]
        for search in searches
        for trial in search.trials()
    ]
    write_table(folder / "trials.csv", [*HEADER, *keys, *REST], rows)


def write_summary(
    folder: Path,
    searches: Sequence[Search],
    *,
    confirming: float,
    incomparable: Mapping[str, str],
    more: Mapping[str, Any],
) -> None:
    """Write tune.json: counts, the best score, the cost, and which experiments were left out.

    `seconds` are those of all trainings, `confirming` seconds of the confirmation among them.

    `spaces` says what each study searched; of `importance` each study's keys add up to 1.
    """
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
        "seconds": round(sum(t.user_attrs.get("seconds", 0.0) for t in own) + confirming, 1),
        "seconds_confirming": round(confirming, 1),
        "overhead": round(sum(t.user_attrs.get("overhead", 0.0) for t in own), 1),
        "examples": sum(t.user_attrs.get("examples", 0) for t in own),
    }
    shares = {key: share for search in searches for key, share in importance(search).items()}
    found = {
        "importance": {key: round(share, 4) for key, share in shares.items()},
        "spaces": {search.name: _space(search) for search in searches},
    }
    content = metrics | found | dict(more) | {"not_comparable": dict(incomparable)}
    write_json(folder / "tune.json", content)


def importance(search: Search) -> dict[str, float]:
    """Return how much each key matters, by PED-ANOVA (Watanabe et al. 2023); none of too few."""
    done = search.complete()
    varied = [key for key in search.space if len({t.params[key] for t in done}) > 1]
    if len(done) < FEWEST or not varied or len({trial.value for trial in done}) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, float] = get_param_importances(
            search.study, evaluator=PedAnovaImportanceEvaluator(), params=varied
        )
    return found


def _space(search: Search) -> dict[str, dict[str, Any]]:
    """Return what was searched: choices, or the ends of a range, whole numbers a step apart."""
    return {
        key: {"choices": list(one.choices)}
        if isinstance(one, CategoricalDistribution)
        else {"low": one.low, "high": one.high, "log": one.log, "step": one.step}
        for key, one in search.distributions.items()
    }


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
