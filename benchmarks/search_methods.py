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
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.processes import ROOT
from benchmarks.ratio import Ratio, run
from benchmarks.repository import copy_repository
from benchmarks.search_picture import PICTURE, picture, summed_up
from benchmarks.search_ratios import confirmed, cost, ended, on_test
from benchmarks.search_steps import BATCH, LR, Step
from benchmarks.search_trainings import Trainings
from stages.command.files import existing, read_json, whole_file
from stages.params import Choices, Range, Tune, load_params
from stages.paths import NOISE
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
        price = examples(curve.epochs[-1][0])
        spent += price
        result = TrialResult(curve.dev or 0.0, curve.epochs, 0.0, 0.0, price, {}, "")
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
            *on_test(found, trainings),
            cost(found[PRUNED], grids[0]),
            ended(found[ENDING], grids[0]),
            confirmed(found[ENDING], grids[0], training=trainings.most_examples),
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


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


if __name__ == "__main__":
    run(measure, quick={"seeds": 1, "points": 2, "small": 1})
