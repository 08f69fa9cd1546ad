"""What `search_methods` says of the searches in figures: scores on test, and what they cost."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.ratio import Ratio
from benchmarks.search_steps import Step, best, cost_to_reach
from benchmarks.search_trainings import Trainings
from stages.scoring.intervals import paired

CONFIRMING = 4
"""Trainings of a confirmation whose winner is clear after two seeds: the present params and the
best three, the second seed each."""
Steps = Sequence[Step]


def on_test(found: Mapping[str, Sequence[Steps]], trainings: Trainings) -> Iterator[Ratio]:
    """Yield the test score of what each method chose, beside what the grid chose."""
    scores = {
        name: np.mean([trainings.scores_on_test(best(run).values) for run in runs], axis=0)
        for name, runs in found.items()
    }
    for name, values in scores.items():
        difference = paired(values, scores["grid"])
        devs = [best(run).dev or 0.0 for run in found[name]]
        spread = f" ± {statistics.stdev(devs):.2f}" if len(devs) > 1 else ""
        word = "tie" if difference.p >= 0.05 else "better" if difference.difference > 0 else "worse"
        yield Ratio(
            f"search_methods.{name}",
            round(difference.difference, 2),
            None,
            f"the grid's choice, on test: {word}, p {difference.p:.3f}",
            "points of rouge_mean more",
            f"{100 * values.mean():.2f} (dev {statistics.mean(devs):.2f}{spread})",
            f"{100 * scores['grid'].mean():.2f}",
        )


def cost(runs: Sequence[Steps], grid: Steps) -> Ratio:
    """Return the cost at which searches have what the whole grid found; 1 for never."""
    budget, wanted = grid[-1].spent, best(grid).dev or 0.0
    reached = [cost_to_reach(run, wanted) for run in runs]
    return Ratio(
        "search_methods.cost",
        round(statistics.median(1.0 if one is None else one / budget for one in reached), 3),
        0.4,
        f"the grid of {len(grid)} and its best dev score",
        "times the examples",
        ", ".join("never" if one is None else f"{one}" for one in reached),
        f"{budget} examples",
    )


def ended(runs: Sequence[Steps], grid: Steps) -> Ratio:
    """Return what searches cost that end by themselves, and what they have found by then."""
    spent = [run[-1].spent for run in runs]
    devs = [best(run).dev or 0.0 for run in runs]
    return Ratio(
        "search_methods.ended",
        round(statistics.median(spent) / grid[-1].spent, 3),
        0.4,
        f"the grid of {len(grid)}, to their ends",
        "times the examples",
        f"{min(spent)} to {max(spent)}, best dev {min(devs):.2f} to {max(devs):.2f}",
        f"{grid[-1].spent} examples, best dev {best(grid).dev:.2f}",
    )


def confirmed(runs: Sequence[Steps], grid: Steps, *, training: int) -> Ratio:
    """Return what everything costs until a winner is confirmed, beside the grid with the same.

    `training` is what one costs, in examples.
    """
    alone, more = grid[-1].spent, CONFIRMING * training
    spent = statistics.median(run[-1].spent for run in runs) + more
    return Ratio(
        "search_methods.confirmed",
        round(spent / (alone + more), 3),
        None,
        f"the grid, its winner confirmed by {CONFIRMING} trainings as well",
        "times the examples",
        f"{spent:.0f} examples, {spent / alone:.2f} of the grid alone",
        f"{alone + more} examples",
    )
