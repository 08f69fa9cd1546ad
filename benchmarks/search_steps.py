"""The trials of a search in their order: the best of them, and what they cost."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from stages.search.space import Values

LR, BATCH = "train.lr", "train.batch_size"


@dataclass(frozen=True)
class Step:
    """One trial of a method."""

    values: Values
    spent: int
    """Training examples computed by its end, those of the trials before counted."""
    dev: float | None


def best(steps: Sequence[Step], *, within: int | None = None) -> Step:
    """Return the step with the best dev score among those that end within a cost."""
    done = [s for s in steps if s.dev is not None and (within is None or s.spent <= within)]
    return max(done, key=lambda step: step.dev or 0.0)


def cost_to_reach(steps: Sequence[Step], score: float) -> int | None:
    """Return the examples spent when a dev score of `score` was first there."""
    return next((step.spent for step in steps if (step.dev or 0.0) >= score), None)


def mean_best(runs: Sequence[Sequence[Step]]) -> dict[int, float]:
    """Return cost → the mean over runs of the best dev score by then, from where all have one on.

    >>> a, b = Step({}, 10, 40.0), Step({}, 20, 50.0)
    >>> mean_best([[a, b], [Step({}, 15, 42.0)]])
    {15: 41.0, 20: 46.0}
    """
    costs = sorted({step.spent for run in runs for step in run})
    first = max(min(step.spent for step in run if step.dev is not None) for run in runs)
    return {
        cost: statistics.mean(best(run, within=cost).dev or 0.0 for run in runs)
        for cost in costs
        if cost >= first
    }
