"""A repository in which a search has found a winner, without the search."""

from contextlib import chdir
from pathlib import Path

from stages.params import load_params
from stages.search.best import write_best
from stages.search.conditions import conditions_here, files_here
from tests.tiny_repository import make_repository

WINNER = {"train.lr": 2e-05, "train.batch_size": 8}


def make_promotable(folder: Path) -> Path:
    """Make it; `python -m stages.promote` writes WINNER into its params.yaml."""
    repository = make_repository(folder)
    with chdir(repository):
        conditions = conditions_here(load_params(), WINNER, files_here())
    best = {
        "values": WINNER,
        "verdict": "better than the noise: +1.20 [+0.40, +2.00] rouge_mean",
        "better": True,
        "study": "tune-0123abcd",
        "conditions": conditions,
    }
    write_best(repository / "metrics/tune", best)
    return repository
