import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.command.errors import UserError
from stages.comparison.measured import Measured, average
from stages.comparison.verdicts import compare
from stages.search.best import read_best, write_best
from stages.search.confirm import seed_noise
from stages.search.confirmation import Candidate, Confirmation, facts, in_words
from stages.search.known import PRESENT
from stages.workers.messages import WorkerMessage

DIALOGUES = 60
METRICS: dict[str, Any] = {"metrics/evaluate.json": {"signature": "rouge"}}


def measured(name: str, score: float, seed: int) -> Measured:
    """Return scores per dialogue about `score`, hard dialogues being hard for everyone."""
    hard = np.random.default_rng(0).normal(0, 0.1, (DIALOGUES, 1))
    own = np.random.default_rng([seed, int(10 * score)]).normal(0, 0.02, (DIALOGUES, 3))
    values = hard - hard.mean() + own - own.mean() + score / 100
    ids = tuple(map(str, range(DIALOGUES)))
    return Measured(
        names=(name,),
        revs=("",),
        params={"train.seed": seed, "train.lr": score},
        scores=(score,),
        low=score - 1,
        high=score + 1,
        ids=ids,
        per_dialogue=values,
        seconds=None,
        metrics=METRICS,
        stale=False,
    )


def confirmation(scores: dict[str, list[float]], failed: dict[str, WorkerMessage]) -> Confirmation:
    """Return the labels side by side, each with a score for each seed."""
    averaged = {
        label: average(label, [measured(label, score, seed) for seed, score in enumerate(several)])
        for label, several in scores.items()
    }
    noise = seed_noise([one.scores for one in averaged.values()])
    rows = compare(list(averaged.values()), baseline=averaged.get(PRESENT), noise=noise)
    candidates = {label: Candidate(label, label, {"train.lr": 0.5}) for label in [*scores, *failed]}
    seeds = range(len(next(iter(scores.values()))))
    return Confirmation(
        candidates, rows, {label: label for label in scores}, seeds, failed, noise, 0.0
    )


@pytest.mark.parametrize(
    ("scores", "failed", "better", "words"),
    [
        (
            {PRESENT: [50.0, 50.1, 49.9], "trial 7": [54.0, 54.1, 53.9]},
            {},
            True,
            r"better than the noise: \+4\.00 \[\+3\.\d\d, \+4\.\d\d\] rouge_mean, p 0",
        ),
        (
            {PRESENT: [50.0, 54.0, 46.0], "trial 7": [54.0, 50.0, 58.0]},
            {},
            False,
            r"not better than the noise: \+4\.00 .* where seeds alone do up to 9\.07",
        ),
        (
            {PRESENT: [50.0], "trial 7": [50.1]},
            {},
            False,
            r"not better than the noise: \+0\.10 .* on one seed, which says nothing of other seeds",
        ),
        (
            {PRESENT: [50.0, 50.0], "trial 7": [49.0, 49.0]},
            {},
            False,
            "the present params are the best that was found, over 2 seeds each",
        ),
        (
            {"trial 7": [49.0, 49.5]},
            {PRESENT: WorkerMessage("failed", reason="the loss became nan", no_score=True)},
            True,
            "better than the present params, which give no score: the loss became nan",
        ),
        (
            {PRESENT: [0.0, 0.0], "trial 7": [49.0, 49.5]},
            {},
            True,
            r"better than the noise: \+49\.25 .* where seeds alone do up to 4\.49",
        ),
        (
            {PRESENT: [20.0, 0.0], "trial 7": [12.0, 12.0]},
            {},
            False,
            r"not better than the noise: \+2\.00 .* where seeds alone do up to 43\.03",
        ),
        (
            {PRESENT: [0.0, 0.0], "trial 7": [0.0, 0.0]},
            {},
            False,
            "nothing that was tried scores above 0, over 2 seeds each",
        ),
        (
            {"trial 7": [0.0, 0.0]},
            {PRESENT: WorkerMessage("failed", reason="the loss became nan", no_score=True)},
            False,
            "nothing that was tried scores above 0",
        ),
        (
            {"trial 7": [49.0, 49.5]},
            {PRESENT: WorkerMessage("failed", reason="2 workers died of it")},
            False,
            "not compared with the present params, which give no score: 2 workers died of it",
        ),
    ],
)
def test_the_verdict_says_whether_the_winner_is_more_than_noise(
    scores: dict[str, list[float]], failed: dict[str, WorkerMessage], better: bool, words: str
) -> None:
    found = confirmation(scores, failed)
    assert found.is_better is better
    assert re.match(words, in_words(found)), in_words(found)


def test_the_noise_of_seeds_is_pooled() -> None:
    # Variances 2 and 8 with 1 degree of freedom each: t(2) = 4.3027, s = sqrt(5).
    noise = seed_noise([(1.0, 3.0), (2.0, 6.0)])
    assert noise
    assert noise.least_difference == pytest.approx(4.3027 * 10**0.5, abs=1e-3)
    assert seed_noise([(1.0,), (2.0,)]) is None


def test_what_scores_0_with_every_seed_says_nothing_of_the_noise() -> None:
    alone = seed_noise([(1.0, 3.0)])
    assert alone
    assert seed_noise([(0.0, 0.0), (1.0, 3.0)]) == alone
    assert seed_noise([(0.0, 0.0)]) is None
    assert seed_noise([(0.0, 3.0)])


CONDITIONS = {"train.epochs": 3.0, "model.name": "scratch", "data/tokens": "1.dir"}
FOUND = confirmation({PRESENT: [50.0, 50.1], "trial 7": [54.0, 54.1]}, {})


@pytest.fixture
def best_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a best.yaml in the folder in which the test runs."""
    monkeypatch.chdir(tmp_path)
    found = facts(FOUND, study="tune-1", conditions=CONDITIONS, git="abc", data={})
    write_best(Path("metrics/tune"), found)
    return Path("metrics/tune/best.yaml")


@pytest.mark.usefixtures("best_file")
def test_what_promote_needs_comes_back() -> None:
    best = read_best()
    assert best.values == {"train.lr": 0.5}
    assert best.conditions == CONDITIONS
    assert (best.study, best.better, best.verdict) == ("tune-1", True, in_words(FOUND))


def test_a_best_yaml_cut_off_anywhere_is_refused(best_file: Path) -> None:
    whole = best_file.read_bytes()
    for length in range(0, len(whole) - 1, 3):  # the last byte is the end of its line
        best_file.write_bytes(whole[:length])
        with pytest.raises(UserError) as error:
            read_best()
        said = str(error.value)
        assert said.startswith("metrics/tune/best.yaml cannot be read (")
        assert said.endswith("; it gets written anew by: dvc checkout --force metrics/tune")


@pytest.mark.parametrize(
    ("written", "instead"),
    [("train.lr: 0.5", "train.lr: 0.7"), ("better: true", "better: null"), ("3.0", "2026-11-26")],
)
def test_another_value_in_best_yaml_is_refused(best_file: Path, written: str, instead: str) -> None:
    text = best_file.read_text(encoding="utf-8")
    best_file.write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(UserError, match=r"best\.yaml cannot be read"):
        read_best()
