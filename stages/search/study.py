"""The study: what was tried, what comes next, and what is known without training.

One process owns it and writes its SQLite file; workers never see it (SQLite is for one writer, and
Optuna's heartbeat does not work with ask and tell). `TUNE_STORAGE` names another storage, such as
PostgreSQL, which several machines share, each with such a process.
"""

import math
import os
import random
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from stages.command.errors import UserError
from stages.params import Tune
from stages.search.conditions import key_of
from stages.search.dvc_lock import Value
from stages.search.jobs import Message, Result, read_result
from stages.search.sampler import make_pruner, make_sampler, quiet
from stages.search.space import Space, combinations, distributions, grid
from stages.search.warm_start import PRESENT, Known

STUDIES = Path("data/studies")
SEARCH = "search"
SAME_FAILURES = 3
"""Trials in a row that fail for one reason, after which a search stops."""


@dataclass(frozen=True)
class Asked:
    """A trial that is to be run."""

    number: int
    values: Mapping[str, Value]
    source: str


class Search:
    """A study with its budget."""

    def __init__(self, name: str, tune: Tune, space: Space, *, epochs: int) -> None:
        """Open the study, or begin it."""
        quiet()
        self.name, self.tune, self.space = name, tune, space
        self.distributions = distributions(space)
        STUDIES.mkdir(parents=True, exist_ok=True)
        storage = os.environ.get("TUNE_STORAGE") or f"sqlite:///{STUDIES / name}.db"
        self.study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=make_pruner(tune, epochs=epochs),
        )
        is_grid = tune.strategy == "grid"
        self.combinations = grid(space, trials=tune.trials) if is_grid else combinations(space)
        self.running: dict[int, Trial] = {}
        self.failures: list[str] = []

    def reap(self) -> int:
        """Take up again what an earlier life of this process left running; return how many."""
        left = [
            trial
            for trial in self._trials(TrialState.RUNNING)
            if trial.user_attrs.get("host") == socket.gethostname()
        ]
        for trial in left:
            if trial.params.keys() == self.space.keys():
                self._enqueue(trial.params, trial.user_attrs["source"])
            storage = self.study._storage  # noqa: SLF001 (no Trial of this process is at hand)
            storage.set_trial_user_attr(trial._trial_id, "reaped", True)  # noqa: SLF001
            self.study.tell(trial.number, state=TrialState.FAIL)
        return len(left)

    def tell_known(self, known: list[Known]) -> None:
        """Tell Optuna what other experiments have measured already."""
        told = {key_of(t.params) for t in self._trials(TrialState.COMPLETE)}
        for one in known:
            if key_of(one.values) in told:
                continue
            told.add(key_of(one.values))
            # One of this study's own was saved, but the owner was killed before it was told.
            own = re.fullmatch(rf"{self.name}-\d+", one.name) is not None
            attributes = {
                "source": SEARCH if own else one.source,
                "experiment": one.name,
                "seconds": one.seconds,
                "examples": one.examples,
            }
            self.study.add_trial(
                create_trial(
                    params=dict(one.values),
                    distributions=self.distributions,
                    value=one.score,
                    intermediate_values=steps(one.epochs),
                    user_attrs=attributes | {"told": not own},
                )
            )

    def put_first(self, values: Mapping[str, Value]) -> None:
        """Make the present params the first trial, unless they were or will be tried."""
        tried = [t for t in self.trials() if key_of(t.params) == key_of(values)]
        waiting = [t for t in self._trials(TrialState.WAITING) if _fixed(t) == key_of(values)]
        if not tried and not waiting:
            self._enqueue(values, PRESENT)

    def ask(self) -> Asked | None:
        """Return the next trial, or None where the budget or the space is used up."""
        if len(self.spent()) >= self.tune.trials:
            return None
        for _ in range(100):
            waiting = bool(self._trials(TrialState.WAITING))
            if not waiting and self.combinations is not None:
                left = self._untried()
                if not left:
                    return None
                if self.tune.strategy == "grid":
                    self._enqueue(left[0], SEARCH)
            self.study.sampler = make_sampler(self.tune, asked=len(self._asked()))
            trial = self.study.ask(self.distributions)
            trial.set_user_attr("host", socket.gethostname())
            source = trial.user_attrs.get("source", SEARCH)
            trial.set_user_attr("source", source)
            if not self._is_repeat(trial):
                self.running[trial.number] = trial
                return Asked(trial.number, trial.params, source)
            trial.set_user_attr("repeats", True)
            self.study.tell(trial, state=TrialState.FAIL)
            left = self._untried() if self.combinations is not None else []
            if left:
                self._enqueue(left[0], SEARCH)
        return None

    def report(self, number: int, *, epoch: float, score: float) -> bool:
        """Note the score of an epoch; return whether the training should go on."""
        trial = self.running[number]
        step = math.ceil(epoch)
        if step not in self._frozen(number).intermediate_values:
            trial.report(score, step)
        return not trial.should_prune()

    def end(self, number: int, message: Message) -> Result | None:
        """Note how a trial ended. Raises `UserError` at the third failure of one kind in a row."""
        trial = self.running.pop(number)
        if message.kind == "done":
            result = read_result(message)
            for step, score in steps(result.epochs).items():
                if step not in self._frozen(number).intermediate_values:
                    trial.report(score, step)
            _note(
                trial,
                experiment=f"{self.name}-{number}",
                seconds=result.seconds,
                overhead=result.overhead,
                examples=result.examples,
                weights=result.weights,
            )
            self.study.tell(trial, result.score)
            self.failures = []
            return result
        _note(trial, seconds=message.seconds, examples=message.examples)
        if message.kind == "pruned":
            self.study.tell(trial, state=TrialState.PRUNED)
            self.failures = []
            return None
        _note(trial, reason=message.reason)
        self.study.tell(trial, state=TrialState.FAIL)
        self._count_failure(message.reason)
        return None

    def trials(self) -> list[FrozenTrial]:
        """Return told, finished and running trials, without the repeated and the reaped ones."""
        return [trial for trial in self._asked() if "repeats" not in trial.user_attrs]

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

    def _asked(self) -> list[FrozenTrial]:
        """Return what an uninterrupted search would have as well: no reaped, no waiting trials."""
        return [
            trial
            for trial in self._trials()
            if trial.state != TrialState.WAITING and "reaped" not in trial.user_attrs
        ]

    def _is_repeat(self, trial: Trial) -> bool:
        others = (t for t in self.trials() if t.number != trial.number)
        return key_of(trial.params) in {key_of(t.params) for t in others}

    def _untried(self) -> list[dict[str, Value]]:
        """Return the combinations of a finite space that were not tried, in a seeded order."""
        tried = {key_of(trial.params) for trial in self.trials()}
        shuffled = list(self.combinations or [])
        random.Random(self.tune.seed).shuffle(shuffled)
        return [values for values in shuffled if key_of(values) not in tried]

    def _count_failure(self, reason: str) -> None:
        self.failures.append(re.sub(r"\d+(\.\d+)?", "#", reason))
        last = self.failures[-SAME_FAILURES:]
        if len(last) == SAME_FAILURES and len(set(last)) == 1:
            raise UserError(
                f"{SAME_FAILURES} trials in a row failed for the same reason: {reason}\n"
                "The search is stopped; it goes on when you run it again"
            )

    def _enqueue(self, values: Mapping[str, Value], source: str) -> None:
        self.study.enqueue_trial(dict(values), user_attrs={"source": source})

    def _frozen(self, number: int) -> FrozenTrial:
        return self.study.get_trials(deepcopy=False)[number]

    def _trials(self, *states: TrialState) -> list[FrozenTrial]:
        trials: list[FrozenTrial] = self.study.get_trials(deepcopy=False, states=states or None)
        return trials


def steps(epochs: list[tuple[float, float]]) -> dict[int, float]:
    """Return epoch scores as Optuna's steps; a part of an epoch counts as the whole."""
    return {math.ceil(epoch): score for epoch, score in epochs}


def _fixed(trial: FrozenTrial) -> str:
    return key_of(trial.system_attrs.get("fixed_params", {}))


def _note(trial: Trial, **notes: Any) -> None:
    for name, value in notes.items():
        trial.set_user_attr(name, value)
