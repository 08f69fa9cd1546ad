"""A project in the current folder whose dev is scored without a model, by given predictions."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stages import clean, evaluate, paths, tokenize
from stages.command.files import write_csv, write_json
from stages.comparison.measured import Measured
from stages.comparison.notes import notes
from stages.comparison.table import comparison_record
from stages.comparison.verdicts import compare
from stages.dialogue.records import read_records
from stages.rouge.rouge import Scorer

SPACE = {
    "train.lr": {"low": 1e-6, "high": 1.0, "log": True, "step": None},
    "train.optim": {"choices": ["sgd", "adafactor"]},
}


class Case(NamedTuple):
    """A dev row with its prediction."""

    dialogue: str
    reference: str
    prediction: str
    topic: str = "일상"


def write_dev(cases: Sequence[Case]) -> None:
    """Put the cases in place of the project's dev, clean and tokenize it, and score it."""
    rows = [[f"dev_{i}", case.dialogue, case.reference, case.topic] for i, case in enumerate(cases)]
    write_csv(Path("data/raw/dev.csv"), ["fname", "dialogue", "summary", "topic"], rows)
    clean.main()
    tokenize.main()
    records = read_records(paths.CLEAN / "dev.parquet")
    predictions = [case.prediction for case in cases]
    references = [record.summaries for record in records]
    scorer = Scorer("mecab", "counts", "average")
    per_dialogue = scorer.per_dialogue(predictions, references)
    scored = evaluate.ScoredSplit(records, predictions, per_dialogue, scorer.signature(references))
    evaluate.write_predictions(paths.SCORED / "dev.csv", scored)
    evaluate.write_slices(paths.SLICES, scored, "ko")
    write_json(paths.SCORE_METRICS, evaluate.score_metrics(scored))
    write_json(paths.FLOOR_METRICS, evaluate.floor_metrics(records, scorer, "ko"))
    write_json(paths.ERROR_METRICS, evaluate.error_counts(scored, "ko"))
    write_json(paths.TEST_METRICS, {"n": 0})


def write_training() -> None:
    """Write what `train` says of two epochs."""
    write_json(
        paths.TRAIN_METRICS,
        {"greedy_rouge_mean": 30.5, "best_epoch": 2.0, "epochs": 2.0, "steps": 4}
        | {"loss": 3.25, "parameters": 12345, "weights": "08f92edea0897c84"},
    )
    write_csv(
        paths.CURVES / "loss.csv", ["step", "epoch", "loss", "lr"], [[2, 1, 4, 1], [4, 2, 3, 0]]
    )
    write_csv(paths.CURVES / "dev.csv", ["epoch", "rouge_mean"], [[1.0, 20.25], [2.0, 30.5]])


def write_search(reason: str = "out of memory") -> None:
    """Write what `tune` says of seven trials, one of them failed for `reason`."""
    header = ["trial", "source", "state", "score", "train.lr", "train.optim"]
    rest = ["experiment", "epochs", "seconds", "examples", "reason"]
    scores = [40.5, 9.75, 43.0, 41.25, 38.5, 42.5]
    optims = ["adafactor", "sgd"]
    trials = [
        [
            name,
            "search",
            "COMPLETE",
            score,
            10.0 ** (i - 6),
            optims[i % 2],
            name,
            score,
            10 + i,
            240,
            "",
        ]
        for i, score in enumerate(scores)
        for name in [f"tune-{i}"]
    ]
    failed = ["tune-6", "search", "FAIL", "", 1.0, "sgd", "", "", 3, 12, reason]
    write_csv(paths.TUNE / "trials.csv", [*header, *rest], [*trials, failed])
    write_json(
        paths.TUNE / "tune.json",
        {
            "trials": 7,
            "complete": 6,
            "pruned": 0,
            "failed": 1,
            "told": 0,
            "seconds": 75.0,
            "seconds_confirming": 30.0,
        }
        | {"importance": {"train.lr": 0.75, "train.optim": 0.25}, "spaces": {"tune": SPACE}},
    )
    best = {
        "values": {"train.lr": 0.0001, "train.optim": "adafactor"},
        "verdict": "2.50 points better than the present params, over 2 seeds each",
        "better": True,
        "score": 43.0,
        "interval": [41.0, 45.0],
        "scores": [42.5, 43.5],
        "present": {"score": 40.5, "scores": [40.0, 41.0], "values": {"train.lr": 1e-6}},
        "difference": {"difference": 2.5, "low": 1.0, "high": 4.0, "p": 0.002},
        "trial": "trial tune-2",
    }
    (paths.TUNE / "best.yaml").write_text(json.dumps(best), encoding="utf-8")  # JSON is YAML


def write_comparison(*names: str, score: float = 40.0) -> None:
    """Write what `compare` says of runs of 40 dialogues: each is 5 points below the one before.

    The second is the baseline; all signatures are alike but the last one's.
    """
    difficulty = np.random.default_rng(0).uniform(-0.2, 0.2, size=(40, 3))
    difficulty += score / 100 - difficulty.mean()
    measured = [
        Measured(
            names=(name,),
            revs=(name,),
            params={"train.lr": 10.0**-place},
            scores=(score - 5 * place,),
            low=score - 5 * place - 3,
            high=score - 5 * place + 3,
            ids=tuple(f"dev_{i}" for i in range(len(difficulty))),
            per_dialogue=difficulty - 0.05 * place,
            seconds=60.0 + place,
            metrics={"metrics/evaluate.json": {"signature": str(place == len(names) - 1)}},
            stale=False,
        )
        for place, name in enumerate(names)
    ]
    rows = compare(measured, baseline=measured[1], noise=None)
    floors = {"constant": 20.5, "longest_turn": 19.0}
    write_json(paths.COMPARED, comparison_record(rows, floors=floors, notes=notes(rows, None)))
