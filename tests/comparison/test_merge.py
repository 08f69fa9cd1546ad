from pathlib import Path

import pytest

from stages.compare import merge
from stages.experiments.listing import Experiment, Kind
from stages.experiments.lock_file import NOTHING_RAN


def ran(kind: Kind, *, weights: str, score: float, lr: float = 1e-3) -> Experiment:
    return Experiment(
        name="workspace" if kind == "workspace" else "main",
        rev=kind,
        kind=kind,
        state="done",
        params={"train.lr": lr, "report.language": kind},
        metrics={
            "metrics/evaluate.json": {"rouge_mean": score},
            "metrics/train.json": {"weights": weights},
        },
        lock=NOTHING_RAN,
        stale=False,
        created="",
        error="",
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_another_cpu_trained_to_the_same_scores_is_no_row_beside_itself() -> None:
    here = ran("workspace", weights="intel", score=53.93)
    (one,) = merge([ran("commit", weights="amd", score=53.93), here])
    assert one.names == ("workspace", "main")


@pytest.mark.parametrize(("score", "lr"), [(53.94, 1e-3), (53.93, 2e-3)])
def test_another_score_or_another_param_is_a_row(score: float, lr: float) -> None:
    here = ran("workspace", weights="amd", score=score, lr=lr)
    assert len(merge([ran("commit", weights="amd", score=53.93), here])) == 2
