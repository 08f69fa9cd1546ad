"""A search over LoRA adapters of a decoder-only model, and its winner without a training."""

import csv
from pathlib import Path

import pytest

from stages.params import load_params
from tests.model.kinds import make_kind
from tests.repository import commit, dvc, stage
from tests.tiny_repository import change, change_space, make_repository, trials

MODEL = "models/tiny-qwen3"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose model is a tiny Qwen3 with an adapter of rank 4."""
    made = make_repository(tmp_path)
    with (made / "data/raw/train.csv").open(encoding="utf-8", newline="") as file:
        texts = [row[name] for row in csv.DictReader(file) for name in ("dialogue", "summary")]
    (made / MODEL).mkdir(parents=True)
    make_kind("qwen3", made / MODEL, texts)
    change(made, {"model.name": MODEL, "lora.rank": 4, "train.epochs": 2.0})
    change(made, {"tokenize.max_source_tokens": 640, "tokenize.max_target_tokens": 64})
    change(made, {"tune.confirm.top": 0, "tune.strategy": "grid", "tune.pruner": "none"})
    change_space(made, "lora.rank: {choices: [2, 8]}", "train.lr: {choices: [1.0e-2]}")
    commit(made)
    dvc(made, "repro", "--quiet", "tokenize")
    commit(made)
    return made


def test_the_winner_among_ranks_is_taken_from_the_run_cache(repository: Path) -> None:
    dvc(repository, "exp", "run", "-S", "tune.trials=2", "tune")
    rows = trials(repository)
    assert [(row["state"], row["source"]) for row in rows] == [("COMPLETE", "search")] * 2
    assert sorted(row["lora.rank"] for row in rows) == ["2", "8"]
    stage(repository, "promote", "--force")
    winner = max(rows, key=lambda row: float(row["score"]))
    assert load_params(repository / "params.yaml").lora.rank == int(winner["lora.rank"])
    said = dvc(repository, "repro")
    assert "Stage 'tokenize' is cached - skipping run" in said
    assert "Stage 'train' is cached - skipping run" in said
    assert "Stage 'evaluate' is cached - skipping run" in said
    assert "'tune' didn't change, skipping" in said
