"""How Optuna chooses the next values, and when it ends a hopeless training."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from stages.params import Choices, Range, Tune, Value
from stages.search.space import Space, three_digits

EPOCHS = "train.epochs"
STARTUP_TRIALS = 4
"""Trials, told ones among them, before TPE and GP begin to learn; Optuna's 10 are half a search."""
WARMUP_EPOCHS = 1
"""Epochs that tell too little of a training to end it."""


class Rounded(BaseSampler):
    """Another sampler, whose floats have three digits: 0.00123 can be read, typed and compared."""

    def __init__(self, sampler: BaseSampler) -> None:
        """Take the sampler that chooses."""
        self.sampler = sampler

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return what is sampled together."""
        space: dict[str, BaseDistribution] = self.sampler.infer_relative_search_space(study, trial)
        return space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Sample together."""
        values = self.sampler.sample_relative(study, trial, search_space)
        return {key: _rounded(value, search_space[key]) for key, value in values.items()}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Sample one."""
        value = self.sampler.sample_independent(study, trial, param_name, param_distribution)
        return _rounded(value, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Pass on."""
        self.sampler.before_trial(study, trial)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Any) -> None:
        """Pass on."""
        self.sampler.after_trial(study, trial, state, values)


class PrunedToo(GPSampler):
    """Optuna's GP, which learns of finished trials alone and would ask for a pruned one again.

    A pruned trial counts with the score that it had come to, as it does for TPE.
    """

    def _sample_relative_impl(
        self,
        study: Study,
        completed_trials: list[FrozenTrial],
        running_trials: list[FrozenTrial],
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        pruned = study.get_trials(deepcopy=False, states=(TrialState.PRUNED,))
        known = [*completed_trials, *map(_ended_there, pruned)]
        values: dict[str, Any] = super()._sample_relative_impl(
            study, known, running_trials, search_space
        )
        return values


def make_sampler(tune: Tune, *, asked: int, by_chance: bool = False) -> BaseSampler:
    """Return the sampler for the trial that follows `asked` others; `by_chance` for any strategy.

    Each trial has a sampler, seeded by `tune.seed` and its place: a search that was interrupted
    goes on with the values that it would have chosen.
    """
    seed = (tune.seed * 1_000_003 + asked) % 2**32
    match "random" if by_chance else tune.strategy:
        case "gp":
            return Rounded(PrunedToo(seed=seed, n_startup_trials=STARTUP_TRIALS))
        case "bayes":
            return Rounded(TPESampler(seed=seed, n_startup_trials=STARTUP_TRIALS))
        case _:
            return Rounded(RandomSampler(seed=seed))


def make_pruner(tune: Tune, space: Space, *, epochs: int) -> BasePruner:
    """Return the pruner, whose steps are those of `step_of`; `epochs` is what params.yaml says."""
    searched = space.get(EPOCHS)
    fewest = _fewest(searched) if searched else float(epochs)
    values = {EPOCHS: fewest} if searched else {}
    match tune.pruner:
        case "median":
            warmup = step_of(WARMUP_EPOCHS + 1, values)
            return MedianPruner(n_startup_trials=STARTUP_TRIALS, n_warmup_steps=warmup)
        case "hyperband":
            first, last = step_of(1, values), step_of(fewest, values)
            return HyperbandPruner(
                min_resource=first, max_resource=max(last, first + 1), reduction_factor=3
            )
        case "none":
            return NopPruner()


def step_of(epoch: float, values: Mapping[str, Value]) -> int:
    """Return the step at which a pruner compares trainings: the epoch, a part counting as whole.

    Where `train.epochs` is searched: how much of the training is done, in percent. The learning
    rate falls over the whole of a training, so of two trainings with other numbers of epochs those
    places are alike, and epoch 5 of 10 is not like epoch 5 of 30.

    >>> step_of(4.5, {}), step_of(5, {"train.epochs": 10}), step_of(15, {"train.epochs": 30})
    (5, 50, 50)
    """
    share = 100 / float(str(values[EPOCHS])) if EPOCHS in values else 1
    return math.ceil(epoch * share - 1e-9)


def steps(epochs: Sequence[tuple[float, float]], values: Mapping[str, Value]) -> dict[int, float]:
    """Return epoch scores by step."""
    return {step_of(epoch, values): score for epoch, score in epochs}


def quiet() -> None:
    """Leave what Optuna would print to the table."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def _ended_there(trial: FrozenTrial) -> FrozenTrial:
    return create_trial(
        params=trial.params,
        distributions=trial.distributions,
        value=trial.intermediate_values[max(trial.intermediate_values)],
    )


def _rounded(value: Any, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, FloatDistribution) and distribution.step is None:
        return min(max(three_digits(value), distribution.low), distribution.high)
    return value


def _fewest(searched: Range | Choices) -> float:
    return min(map(float, searched.choices)) if isinstance(searched, Choices) else searched.low
