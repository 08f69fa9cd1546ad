"""What a study has tried, by whichever process, and what of its space is left."""

import random

from optuna.trial import FrozenTrial, TrialState

from stages.params import Tune, Value
from stages.search.sampler import make_pruner, quiet
from stages.search.space import Space, combinations, grid
from stages.search.storage import Storage
from stages.workers.messages import key_of


class Record:
    """A study, read."""

    def __init__(self, name: str, tune: Tune, space: Space, *, epochs: int) -> None:
        """Open the study, or begin it."""
        quiet()
        self.name, self.tune, self.space = name, tune, space
        self.storage = Storage(name)
        self.study = self.storage.open(make_pruner(tune, space, epochs=epochs))
        is_grid = tune.strategy == "grid"
        self.combinations = grid(space, trials=tune.trials) if is_grid else combinations(space)

    def trials(self) -> list[FrozenTrial]:
        """Return told, finished and running trials, without the repeated and the reaped ones."""
        return [trial for trial in self.asked() if "repeats" not in trial.user_attrs]

    def complete(self) -> list[FrozenTrial]:
        """Return the trials with a score, the best first."""
        done = [t for t in self.trials() if t.state == TrialState.COMPLETE]
        return sorted(done, key=lambda trial: (-(trial.value or 0), trial.number))

    def spent(self) -> list[FrozenTrial]:
        """Return the trials that count against `tune.trials`: those that this search ran."""
        return [trial for trial in self.trials() if not trial.user_attrs.get("told")]

    def left(self) -> int:
        """Return how many trials are still to be run, the running ones not counted."""
        return max(0, self.tune.trials - len(self.spent()))

    def asked(self) -> list[FrozenTrial]:
        """Return what an uninterrupted search would have as well: no reaped, no waiting trials."""
        return [
            trial
            for trial in self.in_state()
            if trial.state != TrialState.WAITING and "reaped" not in trial.user_attrs
        ]

    def untried(self) -> list[dict[str, Value]]:
        """Return the combinations of a finite space that were not tried, in a seeded order."""
        tried = {key_of(trial.params) for trial in self.trials()}
        shuffled = list(self.combinations or [])
        random.Random(self.tune.seed).shuffle(shuffled)
        return [values for values in shuffled if key_of(values) not in tried]

    def in_state(self, *states: TrialState) -> list[FrozenTrial]:
        """Return all trials, or those in one of these states."""
        trials: list[FrozenTrial] = self.study.get_trials(deepcopy=False, states=states or None)
        return trials
