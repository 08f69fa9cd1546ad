import json
from dataclasses import asdict
from pathlib import Path

import pytest

from stages.params import Choices, Params, Range
from stages.search.study import Search
from stages.search.summary import importance, write_summary
from stages.workers.messages import TrialResult, WorkerMessage

SPACE = {
    "train.lr": Range(low=1e-4, high=1e-2, log=True),
    "train.batch_size": Range(low=4, high=8),
    "train.optim": Choices(choices=["sgd", "adamw_torch"]),
}


def searched(tiny: Params, trials: int) -> Search:
    content = tiny.tune.model_dump() | {"trials": trials}
    search = Search("study", type(tiny.tune).model_validate(content), SPACE, epochs=3)
    while asked := search.ask():
        score = 30 + 1000 * float(str(asked.values["train.lr"]))
        result = TrialResult(score, [(1.0, 9.0), (2.0, score)], 1.0, 0.5, 60, {}, "0.dir")
        search.end(asked.name, WorkerMessage("done", result=asdict(result)))
    return search


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUNE_STORAGE", raising=False)


def test_importance_finds_what_the_score_depends_on(tiny: Params) -> None:
    found = importance(searched(tiny, 12))
    assert found["train.lr"] > found["train.optim"]


@pytest.mark.parametrize("trials", [1, 6])
def test_the_metrics_say_what_was_searched(tiny: Params, tmp_path: Path, trials: int) -> None:
    write_summary(tmp_path, [searched(tiny, trials)], confirming=30.0, incomparable={}, more={})
    metrics = json.loads((tmp_path / "tune.json").read_text(encoding="utf-8"))
    assert metrics["complete"] == trials
    assert bool(metrics["importance"]) == (trials > 3)
    assert metrics["spaces"] == {
        "study": {
            "train.lr": {"low": 1e-4, "high": 1e-2, "log": True, "step": None},
            "train.batch_size": {"low": 4, "high": 8, "log": False, "step": 1},
            "train.optim": {"choices": ["sgd", "adamw_torch"]},
        }
    }


def test_a_dashboard_is_told_what_the_score_is(tiny: Params) -> None:
    assert searched(tiny, 1).study.metric_names == ["rouge_mean"]
