import numpy as np
import pytest

from stages.comparison.folds import pool_folds
from stages.comparison.measured import Measured


def measured(name: str, fold: int, f1: list[float], *, lr: float = 1e-3) -> Measured:
    return Measured(
        names=(name,),
        revs=(f"rev-{name}",),
        params={"clean.folds": 2 if fold else 0, "clean.fold": fold, "train.lr": lr},
        scores=(100 * float(np.mean(f1)),),
        low=0.0,
        high=100.0,
        ids=tuple(f"train_{name}_{i}" for i in range(len(f1))),
        per_dialogue=np.repeat(np.array(f1)[:, None], 3, axis=1),
        seconds=10.0,
        metrics={},
        stale=False,
    )


def test_folds_become_one_row_whose_score_is_that_of_all_rows() -> None:
    # 0.1, 0.2 and 0.6 over three dialogues: 30, not the mean 37.5 of the folds' 15 and 60.
    (pooled,) = pool_folds([measured("b", 2, [0.6]), measured("a", 1, [0.1, 0.2])])
    assert pooled.names == ("2 folds", "a", "b")
    assert pooled.score == pytest.approx(30)
    assert pooled.ids == ("train_a_0", "train_a_1", "train_b_0")
    assert pooled.seconds == 20
    assert "clean.fold" not in pooled.params


def test_a_set_that_lacks_a_fold_and_runs_without_folds_stay() -> None:
    rows = [measured("a", 1, [0.1]), measured("plain", 0, [0.5])]
    assert pool_folds(rows) == rows


def test_folds_of_other_params_are_another_set() -> None:
    rows = [measured(f"{lr}-{fold}", fold, [0.5], lr=lr) for lr in (1e-3, 1e-4) for fold in (1, 2)]
    assert [row.names[0] for row in pool_folds(rows)] == ["2 folds", "2 folds"]
