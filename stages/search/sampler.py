"""How Optuna chooses the next values, and when it ends a hopeless training."""

from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from stages.params import Tune
from stages.search.space import three_digits

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


def make_sampler(tune: Tune, *, asked: int) -> BaseSampler:
    """Return the sampler for the trial that follows `asked` others.

    Each trial has a sampler, seeded by `tune.seed` and its place: a search that was interrupted
    goes on with the values that it would have chosen.
    """
    seed = (tune.seed * 1_000_003 + asked) % 2**32
    match tune.strategy:
        case "gp":
            return Rounded(GPSampler(seed=seed, n_startup_trials=STARTUP_TRIALS))
        case "bayes":
            return Rounded(TPESampler(seed=seed, n_startup_trials=STARTUP_TRIALS))
        case _:
            return Rounded(RandomSampler(seed=seed))


def make_pruner(tune: Tune, *, epochs: int) -> BasePruner:
    """Return the pruner; it counts in epochs."""
    match tune.pruner:
        case "median":
            return MedianPruner(n_startup_trials=STARTUP_TRIALS, n_warmup_steps=WARMUP_EPOCHS + 1)
        case "hyperband":
            return HyperbandPruner(min_resource=1, max_resource=max(epochs, 2), reduction_factor=3)
        case "none":
            return NopPruner()


def quiet() -> None:
    """Leave what Optuna would print to the table."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def _rounded(value: Any, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, FloatDistribution) and distribution.step is None:
        return min(max(three_digits(value), distribution.low), distribution.high)
    return value
