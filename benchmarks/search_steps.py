"""The trials of a search in their order: the best of them, what they cost, and a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from benchmarks.processes import ROOT
from stages.search.space import Values

PICTURE = ROOT / "benchmarks/search_methods.svg"
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


def draw(found: Mapping[str, Sequence[Sequence[Step]]], budget: int) -> None:
    """Draw what each method tried with its first seed, and the mean of the best so far."""
    figure = Figure(figsize=(3 * len(found), 7))
    costs = np.linspace(0, budget, 200)
    below = figure.add_subplot(2, 1, 2)
    for place, (name, runs) in enumerate(found.items()):
        axes = figure.add_subplot(2, len(found), place + 1, title=name, xlabel=LR, xscale="log")
        axes.set_yscale("log", base=2)
        axes.set(xlim=(8e-5, 6e-3), ylim=(6, 43), ylabel=BATCH if place == 0 else "")
        axes.set_yticks([8, 16, 32], ["8", "16", "32"])
        top = best(runs[0])
        for step in sorted(runs[0], key=lambda step: (step.dev is not None, step is top)):
            ended = step.dev is None
            color = "#d62728" if step is top else "#9aa0a6" if ended else "#2f6db5"
            marker = "x" if ended else "o"
            axes.scatter([step.values[LR]], [step.values[BATCH]], c=color, marker=marker)
        curves = [[_best_so_far(run, cost) for cost in costs] for run in runs]
        below.plot(costs / budget, np.mean(curves, axis=0), label=name)
    below.set(xlabel="cost, in grids", ylabel="best dev rouge_mean so far", ylim=(45, None))
    below.legend()
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight")


def _best_so_far(steps: Sequence[Step], cost: float) -> float:
    done = [step.dev for step in steps if step.dev is not None and step.spent <= cost]
    return max(done, default=float("nan"))
