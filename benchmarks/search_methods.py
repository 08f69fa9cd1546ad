"""What searches find for the same number of training examples.

Grid, random, Bayesian from nothing, Bayesian from a coarse grid, that with pruning, and that ending
by itself as `tune.patience` says, each with several seeds of the search, over learning rate and
batch size of the present params and data. A method chooses on dev; what it chose is reported on
test. The coarse grid is paid for like everything else, and so is the confirmation, where that is
said. Draws benchmarks/search_methods.svg: the points that each method tried with its best, and the
best so far against the cost.

    python -m benchmarks.search_methods          an hour or two; goes on where it was stopped

The learning rates are a table: those of the grid and one between any two. What a method asks for is
rounded to it, so that at most 33 trainings answer any number of searches (as in the tabular
benchmarks of https://arxiv.org/abs/1905.04970). A method pays for each trial as if it trained. A
training is deterministic: each is run once and its curve kept in .dvc/tmp/search_methods/; one that
all methods ended early is kept as far as it went.
"""

import math
import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.processes import ROOT
from benchmarks.ratio import Ratio, run
from benchmarks.repository import copy_repository
from benchmarks.search_picture import PICTURE, picture, summed_up
from benchmarks.search_steps import BATCH, LR, Step, best, cost_to_reach
from benchmarks.search_trainings import Trainings
from stages.command.files import existing, read_json, whole_file
from stages.params import Choices, Range, Tune, load_params
from stages.paths import NOISE
from stages.scoring.intervals import paired
from stages.search.space import Values, grid, three_digits
from stages.search.study import Search
from stages.workers.messages import TrialResult, WorkerMessage
from stages.workers.worker import examples

LOW, HIGH = 1e-4, 5e-3
BATCHES = [8, 16, 32]
SPACE = {LR: Range(low=LOW, high=HIGH, log=True), BATCH: Choices(choices=list(BATCHES))}
COARSE = [{LR: lr, BATCH: batch} for lr in (4e-4, 2e-3) for batch in (8, 32)]
"""What somebody queues before a search: four corners, the learning rates well inside the range."""
LINKED = (
    *("stages", "dvc.yaml", "params.yaml", "dvc.lock"),
    *("data/clean", "data/tokens", "metrics/clean.json", "metrics/tokenize.json"),
)
"""What the trainings read."""
PATIENCE = 5
PRUNED = "grid → Bayesian, pruned"
ENDING = "the same, ending itself"
METHODS: dict[str, tuple[str, str, Sequence[Values], int]] = {
    "grid": ("grid", "none", [], 0),
    "random": ("random", "none", [], 0),
    "Bayesian, cold": ("bayes", "none", [], 0),
    "grid → Bayesian": ("bayes", "none", COARSE, 0),
    PRUNED: ("bayes", "median", COARSE, 0),
    ENDING: ("bayes", "median", COARSE, PATIENCE),
}
"""Name → strategy, pruner, what is tried first, and `tune.patience`."""
CONFIRMING = 4
"""Trainings of a confirmation whose winner is clear after two seeds: the present params and the
best three, the second seed each."""


def learning_rates(n: int) -> list[float]:
    """Return `n` of them, evenly spaced by their logarithms."""
    return [three_digits(LOW * (HIGH / LOW) ** (i / (n - 1))) for i in range(n)]


def rounded(values: Values, lrs: Sequence[float]) -> Values:
    """Put the nearest of the learning rates in place of the one asked for."""
    lr = float(values[LR])
    return {**values, LR: min(lrs, key=lambda one: abs(math.log(one / lr)))}


def play(
    method: str,
    trainings: Trainings,
    *,
    seed: int,
    points: int,
    budget: int | None = None,
) -> list[Step]:
    """Let a method search until the budget of training examples is spent; None: to its end."""
    strategy, pruner, first, patience = METHODS[method]
    lrs = learning_rates(points)
    space = SPACE | ({LR: Choices(choices=list(lrs))} if method == "grid" else {})
    content = trainings.params.tune.model_dump()
    limit = len(grid(space, trials=1)) if method == "grid" else 10_000
    content |= {"trials": limit, "strategy": strategy, "pruner": pruner, "seed": seed}
    content["patience"] = patience
    with tempfile.TemporaryDirectory() as folder, stored_at(f"sqlite:///{folder}/study.db"):
        epochs = int(trainings.params.train.epochs)
        search = Search("study", Tune.model_validate(content), space, epochs=epochs)
        for values in first:
            search.put_first(values)
        table = learning_rates(2 * points - 1)
        return list(_steps(search, trainings, table, budget=budget))


@contextmanager
def stored_at(url: str) -> Iterator[None]:
    """Let studies be stored elsewhere, so that none of the user's is touched."""
    before = os.environ.get("TUNE_STORAGE")
    os.environ["TUNE_STORAGE"] = url
    try:
        yield
    finally:
        del os.environ["TUNE_STORAGE"]
        if before is not None:
            os.environ["TUNE_STORAGE"] = before


def _steps(
    search: Search, trainings: Trainings, table: Sequence[float], *, budget: int | None
) -> Iterator[Step]:
    spent = 0
    while (budget is None or spent < budget) and (asked := search.ask()):

        def go_on(epoch: float, score: float, job: str = asked.name) -> bool:
            return search.report(job, epoch=epoch, score=score)

        values = rounded(asked.values, table)
        curve = trainings.run(values, go_on)
        cost = examples(curve.epochs[-1][0])
        spent += cost
        result = TrialResult(curve.dev or 0.0, curve.epochs, 0.0, 0.0, cost, {}, "")
        is_done = curve.dev is not None
        message = (
            WorkerMessage("done", result=asdict(result)) if is_done else WorkerMessage("pruned")
        )
        search.end(asked.name, message)
        yield Step(values, spent, curve.dev)


def measure(*, seeds: int = 10, points: int = 6, small: int = 0) -> list[Ratio]:
    """Return each method's test score beside the grid's, and what warm + pruning costs.

    `points` learning rates by three batch sizes are the grid; `small` takes the shrunk repository.
    """
    with workplace(small=bool(small)):
        trainings = Trainings(load_params(), list(SPACE))
        grids = [play("grid", trainings, seed=seed, points=points) for seed in range(seeds)]
        budget = grids[0][-1].spent
        found = {"grid": grids} | {
            name: [
                play(name, trainings, seed=seed, points=points, budget=budget)
                for seed in range(seeds)
            ]
            for name in METHODS
            if name != "grid"
        }
        if not small:
            noise = read_json(ROOT / NOISE, made_by="python -m stages.noise")["least_difference"]
            summary = summed_up(found, budget, noise)
            with whole_file(PICTURE) as draft:
                draft.write_text(
                    picture(summary, low=LOW, high=HIGH, batches=BATCHES), encoding="utf-8"
                )
        return [
            *_on_test(found, trainings),
            _cost(found, budget),
            _ended(found, budget),
            _confirmed(found, budget, CONFIRMING * trainings.most_examples),
        ]


@contextmanager
def workplace(*, small: bool) -> Iterator[None]:
    """Work in a folder that has the data of the repository, and whose other files nobody needs."""
    with tempfile.TemporaryDirectory() as name:
        root = copy_repository(Path(name) / "small", {}) if small else ROOT
        existing(root / "data/tokens/train.parquet", made_by="dvc repro tokenize")
        folder = root / ".dvc/tmp/search_methods"
        folder.mkdir(parents=True, exist_ok=True)
        for path in LINKED:
            _link(folder / path, root / path)
        with chdir(folder):
            yield


def _on_test(
    found: Mapping[str, Sequence[Sequence[Step]]], trainings: Trainings
) -> Iterator[Ratio]:
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


def _cost(found: Mapping[str, Sequence[Sequence[Step]]], budget: int) -> Ratio:
    """Return the cost at which warm + pruning has what the whole grid found; 1 for never."""
    wanted = best(found["grid"][0]).dev or 0.0
    reached = [cost_to_reach(run, wanted) for run in found[PRUNED]]
    shares = [1.0 if cost is None else cost / budget for cost in reached]
    return Ratio(
        "search_methods.cost",
        round(statistics.median(shares), 3),
        0.4,
        f"the grid of {len(found['grid'][0])} and its best dev score",
        "times the examples",
        ", ".join("never" if cost is None else f"{cost}" for cost in reached),
        f"{budget} examples",
    )


def _ended(found: Mapping[str, Sequence[Sequence[Step]]], budget: int) -> Ratio:
    """Return what a search costs that ends by itself, and what it has found by then."""
    spent = [run[-1].spent for run in found[ENDING]]
    devs = [best(run).dev or 0.0 for run in found[ENDING]]
    return Ratio(
        "search_methods.ended",
        round(statistics.median(spent) / budget, 3),
        0.4,
        f"the grid of {len(found['grid'][0])}, to their ends",
        "times the examples",
        f"{min(spent)} to {max(spent)}, best dev {min(devs):.2f} to {max(devs):.2f}",
        f"{budget} examples, best dev {best(found['grid'][0]).dev:.2f}",
    )


def _confirmed(
    found: Mapping[str, Sequence[Sequence[Step]]], budget: int, confirming: int
) -> Ratio:
    """Return what everything costs until a winner is confirmed, beside the grid with the same."""
    spent = statistics.median(run[-1].spent for run in found[ENDING])
    return Ratio(
        "search_methods.confirmed",
        round((spent + confirming) / (budget + confirming), 3),
        None,
        f"the grid, its winner confirmed by {CONFIRMING} trainings as well",
        "times the examples",
        f"{spent + confirming:.0f} examples, {(spent + confirming) / budget:.2f} of the grid alone",
        f"{budget + confirming} examples",
    )


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


if __name__ == "__main__":
    run(measure, quick={"seeds": 1, "points": 2, "small": 1})
