"""What an experiment measured, and whether two of them measured the same thing."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stages.experiments.listing import Experiment, read_output
from stages.params import Value
from stages.paths import CLEAN_METRICS, SCORE_METRICS, SCORED, TEST_METRICS, TRAIN_METRICS
from stages.rouge.rouge import MEASURES, Floats
from stages.scoring.intervals import interval

DEV_PREDICTIONS = SCORED / "dev.csv"

EDITION = ("read", "dialogue_characters", "summary_characters")
"""What tells one edition of dev.csv from another in metrics/clean.json: rows and mean lengths."""

NO_EFFECT = ("tune.", "predict.", "report.")
"""Params on which no score depends."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The scores of one experiment, or of the same params over several seeds."""

    names: tuple[str, ...]
    """Its name, then those of the workspace or commits that hold the very same result."""
    revs: tuple[str, ...]
    """The Git revision of each of these."""
    params: Mapping[str, Value]
    """Flat, without those that no score depends on."""
    scores: tuple[float, ...]
    """`rouge_mean` of each seed, 0 to 100."""
    low: float
    high: float
    """95% bootstrap interval over the dialogues, 0 to 100."""
    ids: tuple[str, ...]
    per_dialogue: Floats | None
    """F1 from 0 to 1, `(dialogue, 3)`, in the order of `ids`; None where the cache lacks it."""
    seconds: float | None
    """What training took; None where another machine trained."""
    metrics: Mapping[str, Mapping[str, Any]]
    stale: bool

    @property
    def name(self) -> str:
        """The name to show."""
        return self.names[0]

    @property
    def score(self) -> float:
        """Mean of the seeds' scores."""
        return sum(self.scores) / len(self.scores)

    @property
    def local_scores(self) -> dict[str, float]:
        """Every local score that might predict the leaderboard, by the name it goes by."""
        evaluate, test, train = (
            self.metrics.get(str(file), {}) for file in (SCORE_METRICS, TEST_METRICS, TRAIN_METRICS)
        )
        found = {f"dev {name}": evaluate.get(name) for name in ("rouge_mean", *MEASURES)}
        found["test rouge_mean"] = test.get("rouge_mean")
        found["dev greedy"] = train.get("greedy_rouge_mean")
        return {name: float(value) for name, value in found.items() if value is not None}


def measure(experiment: Experiment, seconds: Mapping[str, float]) -> Measured | None:
    """Read what an experiment measured, or return None where it has no score.

    `seconds` is what `stages.command.cost.read_seconds` returns.
    """
    score = experiment.rouge_mean
    if score is None:
        return None
    evaluate = experiment.metrics[str(SCORE_METRICS)]
    ids, per_dialogue = read_scores(read_output(experiment, DEV_PREDICTIONS))
    weights = experiment.metrics.get(str(TRAIN_METRICS), {}).get("weights", "")
    return Measured(
        names=(experiment.name,),
        revs=(experiment.rev,),
        params={k: v for k, v in experiment.params.items() if not k.startswith(NO_EFFECT)},
        scores=(score,),
        low=evaluate.get("rouge_mean_low", score),
        high=evaluate.get("rouge_mean_high", score),
        ids=ids,
        per_dialogue=per_dialogue,
        seconds=seconds.get(weights),
        metrics=experiment.metrics,
        stale=experiment.stale,
    )


def read_scores(content: bytes | None) -> tuple[tuple[str, ...], Floats | None]:
    """Return ids and per-dialogue F1, `(dialogue, 3)` from 0 to 1, of what `evaluate` wrote."""
    if content is None:
        return (), None
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    per_dialogue = np.array([[float(row[name]) for name in MEASURES] for row in rows]) / 100
    return tuple(row["id"] for row in rows), per_dialogue


def read_curve(content: bytes | None) -> list[tuple[float, float]]:
    r"""Return epoch and cheap dev score, a pair each, of what `train` wrote.

    >>> read_curve(b"epoch,rouge_mean\n1.0,20.5\n")
    [(1.0, 20.5)]
    """
    lines = (content or b"").decode("utf-8").split()[1:]
    return [(float(epoch), float(score)) for epoch, score in (line.split(",") for line in lines)]


def average(name: str, seeds: Sequence[Measured]) -> Measured:
    """Return the same params over several seeds as one: each dialogue's score is their mean.

    `seconds` is the sum. All must have been measured on the same dialogues.
    """
    if len({one.ids for one in seeds}) > 1:
        raise ValueError(f"{name}: the seeds were not scored on the same dialogues")
    first = seeds[0]
    known = [one.per_dialogue for one in seeds if one.per_dialogue is not None]
    per_dialogue = np.mean(known, axis=0) if len(known) == len(seeds) else None
    low, high = (first.low, first.high) if per_dialogue is None else interval(per_dialogue)
    spent = [one.seconds for one in seeds if one.seconds is not None]
    return Measured(
        names=(name,),
        revs=first.revs,
        params={key: value for key, value in first.params.items() if key != "train.seed"},
        scores=tuple(score for one in seeds for score in one.scores),
        low=low,
        high=high,
        ids=first.ids,
        per_dialogue=per_dialogue,
        seconds=sum(spent) if len(spent) == len(seeds) else None,
        metrics=first.metrics,
        stale=any(one.stale for one in seeds),
    )


def unlike(one: Measured, baseline: Measured) -> dict[str, str]:
    """Say why two scores do not compare, or not without a word: mark → the sentence.

    `other train` alone leaves them comparable: both were scored on the same dev dialogues.
    """
    found = {}
    ours, theirs = (m.metrics.get(str(SCORE_METRICS), {}).get("signature") for m in (one, baseline))
    if ours != theirs:
        found["other scorer"] = f"scored by {ours}, not {theirs}"
    dev, train = (_splits(one, baseline, split) for split in ("dev", "train"))
    editions = [{key: facts.get(key) for key in EDITION} for facts in dev]
    if editions[0] != editions[1]:
        read, base = (", ".join(f"{k} {v}" for k, v in e.items()) for e in editions)
        found["other edition"] = f"dev.csv has {read}; the baseline's {base}"
    elif dev[0].get("md5") != dev[1].get("md5"):
        found["other data"] = f"dev.csv has md5 {dev[0].get('md5')}, not {dev[1].get('md5')}"
    elif one.ids and baseline.ids and one.ids != baseline.ids:
        found["other data"] = "other dialogues were scored, or in another order"
    elif train[0].get("md5") != train[1].get("md5"):
        found["other train"] = "the same dev.csv, and another train.csv"
    if one.stale:
        found["stale"] = "its params or data were changed after the score was made: dvc repro"
    return found


def _splits(one: Measured, other: Measured, split: str) -> list[Mapping[str, Any]]:
    return [m.metrics.get(str(CLEAN_METRICS), {}).get(split, {}) for m in (one, other)]
