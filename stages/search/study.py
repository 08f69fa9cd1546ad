"""The study: what comes next, what is known without training, and how it went.

One process owns it and writes its SQLite file; workers never see it (SQLite is for one writer, and
Optuna's heartbeat does not work with ask and tell). `TUNE_STORAGE` names another storage, such as
PostgreSQL, which several machines share, each with such a process.
"""

import random
import re
from collections.abc import Mapping
from typing import Any

from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from stages.command.errors import UserError
from stages.params import Tune, Value
from stages.search.known import KnownScore
from stages.search.patience import is_settled
from stages.search.sampler import make_pruner, make_sampler, quiet, step_of, steps
from stages.search.space import Space, combinations, distributions, grid
from stages.search.storage import Storage
from stages.workers.messages import Job, TrialResult, WorkerMessage, key_of, read_result

SEARCH = "search"
ATTEMPTS = 100
"""Choices of a sampler, all tried already, after which there is nothing new to be had of it."""
PATIENCE = 5
"""Choices of a sampler, all tried already, after which chance chooses: a GP that is sure of its
best point asks for it for ever."""
SAME_FAILURES = 3
"""Trials in a row that fail for one reason, after which a search stops."""
TYPED = len("tune-0123")
"""Letters of a study's name that its trials bear, and people type; the file has it whole."""


class Search:
    """A study with its budget: what was tried, by whichever process, and what comes next."""

    def __init__(self, name: str, tune: Tune, space: Space, *, epochs: int) -> None:
        """Open the study, or begin it."""
        quiet()
        self.name, self.tune, self.space = name[:TYPED], tune, space
        self.storage = Storage(name)
        self.study = self.storage.open(make_pruner(tune, space, epochs=epochs))
        is_grid = tune.strategy == "grid"
        self.combinations = grid(space, trials=tune.trials) if is_grid else combinations(space)
        self.distributions = distributions(space)
        self.running: dict[str, Trial] = {}
        """By the name of the job."""
        self.failures: list[str] = []

    def trials(self) -> list[FrozenTrial]:
        """Return known, finished and running trials, without the repeated ones and the orphans."""
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
        most = max(0, self.tune.trials - len(self.spent()))
        return min(most, len(self.in_state(TrialState.WAITING))) if self.is_settled() else most

    def is_settled(self) -> bool:
        """Tell whether `tune.patience` is used up; a grid is no choice, and is run to its end."""
        patience = 0 if self.tune.strategy == "grid" else self.tune.patience
        return is_settled(self.trials(), patience=patience)

    def asked(self) -> list[FrozenTrial]:
        """Return what an uninterrupted search would have as well: no orphans, no waiting trials."""
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

    def requeue_orphans(self) -> int:
        """Take up again what an earlier life of this process left running; return how many."""
        with self.storage.turn():
            running = self.in_state(TrialState.RUNNING)
            orphans = [t for t in running if self.storage.is_orphan(t.user_attrs.get("owner"))]
            for trial in orphans:
                if trial.params.keys() == self.space.keys():
                    self._enqueue(trial.params, trial.user_attrs.get("source", SEARCH))
                storage = self.study._storage  # noqa: SLF001 (no Trial of this process is at hand)
                storage.set_trial_user_attr(trial._trial_id, "reaped", True)  # noqa: SLF001
                self.study.tell(trial.number, state=TrialState.FAIL)
        return len(orphans)

    def tell_known(self, known: list[KnownScore]) -> None:
        """Tell Optuna what other experiments have measured already."""
        with self.storage.turn():
            known_keys = {key_of(t.params) for t in self.in_state(TrialState.COMPLETE)}
            for one in known:
                if key_of(one.values) not in known_keys:
                    known_keys.add(key_of(one.values))
                    self._tell(one)

    def put_first(self, values: Mapping[str, Value], source: str = SEARCH) -> bool:
        """Let values be tried before any that are chosen, unless they were or will be tried.

        Returns whether they now will.
        """
        with self.storage.turn():
            tried = [t for t in self.trials() if key_of(t.params) == key_of(values)]
            waiting = [t for t in self.in_state(TrialState.WAITING) if _fixed(t) == key_of(values)]
            is_new = not tried and not waiting
            if is_new:
                self._enqueue(values, source)
            return is_new

    def ask(self) -> Job | None:
        """Return the next trial, or None where budget, space or patience is used up."""
        with self.storage.turn():
            if len(self.spent()) >= self.tune.trials:
                return None
            for attempt in range(ATTEMPTS):
                waiting = bool(self.in_state(TrialState.WAITING))
                if not waiting and self.is_settled():  # what was promised is run all the same
                    return None
                if not waiting and self.combinations is not None:
                    left = self.untried()
                    if not left:
                        return None
                    if self.tune.strategy == "grid":
                        self._enqueue(left[0], SEARCH)
                asked = self._ask_once(by_chance=attempt >= PATIENCE)
                if asked:
                    return asked
                left = self.untried() if self.combinations is not None else []
                if left:
                    self._enqueue(left[0], SEARCH)
        return None

    def report(self, job: str, *, epoch: float, score: float) -> bool:
        """Note the score of an epoch; return whether the training should go on."""
        trial = self.running[job]
        step = step_of(epoch, trial.params)
        if step not in self._frozen(trial.number).intermediate_values:
            trial.report(score, step)
        return not trial.should_prune()

    def end(self, job: str, message: WorkerMessage) -> TrialResult | None:
        """Note how a trial ended. Raises `UserError` at the third failure of one kind in a row."""
        trial = self.running.pop(job)
        if message.kind == "done":
            result = read_result(message)
            for step, score in steps(result.epochs, trial.params).items():
                if step not in self._frozen(trial.number).intermediate_values:
                    trial.report(score, step)
            _note(
                trial,
                experiment=job,
                seconds=result.seconds,
                overhead=result.overhead,
                examples=result.examples,
                weights=result.weights,
                reason=result.warning,
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

    def _tell(self, one: KnownScore) -> None:
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
                intermediate_values=steps(one.epochs, one.values),
                user_attrs=attributes | {"told": not own},
            )
        )

    def _ask_once(self, *, by_chance: bool) -> Job | None:
        """Return a trial; None where the sampler chose what was tried already."""
        self.study.sampler = make_sampler(self.tune, asked=len(self.asked()), by_chance=by_chance)
        trial = self.study.ask(self.distributions)
        source = trial.user_attrs.get("source", SEARCH)
        _note(trial, owner=self.storage.owner, source=source)
        others = (t for t in self.trials() if t.number != trial.number)
        if key_of(trial.params) in {key_of(t.params) for t in others}:
            _note(trial, repeats=True)
            self.study.tell(trial, state=TrialState.FAIL)
            return None
        name = f"{self.name}-{trial.number}"
        self.running[name] = trial
        return Job(name, trial.params)

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


def _fixed(trial: FrozenTrial) -> str:
    return key_of(trial.system_attrs.get("fixed_params", {}))


def _note(trial: Trial, **notes: Any) -> None:
    for name, value in notes.items():
        trial.set_user_attr(name, value)
