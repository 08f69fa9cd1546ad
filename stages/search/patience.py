"""When a search ends before its budget does: its last trials brought nothing better."""

import math
from collections.abc import Iterable
from operator import attrgetter

from optuna.trial import FrozenTrial, TrialState

FEWEST = 8
"""Trials, told ones among them, before anything is decided: the first few are far apart."""


def is_settled(trials: Iterable[FrozenTrial], *, patience: int) -> bool:
    """Tell whether the last `patience` trials brought no score above the best before.

    In the order in which they ended, which is another than that of their numbers where several run
    at a time. Told ones may bring a score; only those that the search ran count as having brought
    none, pruned ones among them and failed ones not. Never with a patience of 0.
    """
    whole_or_pruned = (t for t in trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED))
    ended = sorted(whole_or_pruned, key=attrgetter("datetime_complete"))
    best, without = -math.inf, 0
    for trial in ended:
        score = _score(trial)
        is_told = bool(trial.user_attrs.get("told"))
        without = 0 if score > best else without + (not is_told)
        best = max(best, score)
    return len(ended) >= FEWEST and 0 < patience <= without


def _score(trial: FrozenTrial) -> float:
    """Return the score; of a pruned trial, whose value is that of its last epoch, none."""
    is_whole = trial.state == TrialState.COMPLETE and trial.value is not None
    return float(trial.value or 0.0) if is_whole else -math.inf
