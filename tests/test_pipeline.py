"""The repository as a user has it, on few rows and a small model, through the real `dvc`."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.dvc_queue import run_queue
from tests.repository import commit, copy_files, start_git
from tests.tiny_repository import write_dialogues

SMALL = {
    "tokenize": {"vocab_size": 400, "max_source_tokens": 128, "max_target_tokens": 32},
    "model": {"layers": 1, "d_model": 32},
    "train": {"epochs": 8, "eval_rows": 8, "lr": 0.01, "batch_size": 4, "patience": 0},
    "generate": {"num_beams": 2, "max_new_tokens": 24},
    "rouge": {"tokenizer": "character"},  # tells even the babble of so small a model apart
}


class Clone:
    """A clone of the repository and the commands of its README."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "80",
        }

    def run(self, *command: str) -> str:
        """Run a command and return all that it says; a failure of it fails the test."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def dvc(self, *arguments: str) -> str:
        return self.run("dvc", *arguments)

    def experiment(self, name: str, *changes: str) -> str:
        """Run an experiment and go back to the committed params; return what `dvc` told."""
        told = self.dvc("exp", "run", "-n", name, *(f"-S{change}" for change in changes))
        self.run("git", "checkout", "-q", "--", ".")
        return told

    def metrics(self, name: str) -> Any:
        return json.loads((self.path / "metrics" / f"{name}.json").read_text(encoding="utf-8"))

    def experiments(self) -> dict[str, dict[str, Any]]:
        """Return the finished runs of `dvc exp show`, by name.

        One that waits or runs is left out: it is shown with the scores of its parent.
        """
        commits = json.loads(self.dvc("exp", "show", "--json"))
        runs = [run for commit in commits for run in commit.get("experiments") or []]
        finished = [
            run for run in runs if (run["executor"] or {}).get("state", "success") == "success"
        ]
        return {run["revs"][0]["name"]: run["revs"][0]["data"] for run in finished}


def ran(told: str) -> list[str]:
    """Return the stages whose commands `dvc` ran, by what it told."""
    return re.findall(r"Running stage '(\w+)'", told)


def rouge_mean(experiment: dict[str, Any]) -> float:
    value: float = experiment["metrics"]["metrics/evaluate.json"]["data"]["rouge_mean"]
    return value


def shrink(path: Path) -> None:
    """Put few dialogues in the place of the sample, and a small model that learns them."""
    shutil.rmtree(path / "data/sample")
    write_dialogues(path / "data/sample")
    params = yaml.safe_load((path / "params.yaml").read_text(encoding="utf-8"))
    for section, values in SMALL.items():
        params[section] |= values
    (path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Return a clone after its first `dvc repro`, with everything that it made committed."""
    # A path with a blank and Hangul, on purpose.
    path = tmp_path_factory.mktemp("새 폴더") / "yoyak"
    copy_files(path, without=("dvc.lock",))
    shrink(path)
    clone = Clone(path)
    start_git(path)
    commit(path)
    clone.dvc("repro")
    commit(path)
    return clone


def test_repro_makes_scores_beside_their_floors(clone: Clone) -> None:
    scores = clone.metrics("evaluate")
    assert scores["rouge_mean_low"] <= scores["rouge_mean"] <= scores["rouge_mean_high"]
    assert scores["n"] == 8
    assert set(clone.metrics("floors")) == {"constant", "first_two_turns", "longest_turn"}
    assert clone.metrics("test")["n"] == 4


def test_a_second_repro_does_nothing_and_leaves_the_tree_clean(clone: Clone) -> None:
    assert ran(clone.dvc("repro")) == []
    assert clone.run("git", "status", "--short") == ""


def test_a_learning_rate_arrives_as_a_float_and_runs_train_and_evaluate_alone(
    clone: Clone,
) -> None:
    told = clone.experiment("slow", "train.lr=5e-5")
    assert ran(told) == ["train", "evaluate", "predict", "report"]
    assert clone.experiments()["slow"]["params"]["params.yaml"]["data"]["train"]["lr"] == 5e-5
    assert '"lr": 5e-05' in (clone.path / "models/summarizer/README.md").read_text()


def test_beams_decode_again_and_train_nothing(clone: Clone) -> None:
    stages = ran(clone.experiment("greedy", "generate.num_beams=1"))
    assert stages[:2] == ["evaluate", "predict"]
    assert "train" not in stages


def test_a_value_tried_before_comes_from_the_run_cache(clone: Clone) -> None:
    clone.experiment("once", "train.lr=2e-5")
    clone.dvc("exp", "remove", "once")
    told = clone.experiment("twice", "train.lr=2e-5")
    assert ran(told) == []
    assert "Stage 'train' is cached - skipping run" in told


def test_a_queued_grid_ends_in_four_experiments_that_differ(clone: Clone) -> None:
    before = set(clone.experiments())
    grid = ["-S", "train.lr=3e-3,2e-2", "-S", "train.batch_size=2,4"]
    clone.dvc("exp", "run", "--queue", *grid)
    status = run_queue(clone.path, jobs=2)
    assert "Failed" not in status
    scores = {rouge_mean(run) for name, run in clone.experiments().items() if name not in before}
    assert len(scores) == 4
    assert min(scores) > 0


def test_plots_draw_the_learning_curves(clone: Clone) -> None:
    page = urlsplit(clone.dvc("plots", "show").strip())
    html = Path(unquote(page.path)).read_text(encoding="utf-8")
    assert "Dev score of each epoch" in html
    assert "Training loss" in html


def test_the_registry_gives_the_model_by_its_name(clone: Clone) -> None:
    clone.run("gto", "register", "summarizer", "--version", "v1.0.0")
    clone.dvc("artifacts", "get", ".", "summarizer", "--rev", "v1.0.0", "-o", "../given")
    given = {path.name for path in (clone.path.parent / "given").iterdir()}
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= given


def test_every_fault_of_the_params_is_told_before_anything_runs(clone: Clone) -> None:
    changes = ["-S", "+train.epcohs=3", "-S", "train.batch_size=0"]
    failed = subprocess.run(
        ["dvc", "exp", "run", *changes],
        cwd=clone.path,
        env=clone.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    clone.run("git", "checkout", "-q", "--", ".")
    assert failed.returncode != 0
    assert "train.epcohs: not a known key (did you mean epochs?)" in failed.stderr
    assert "train.batch_size:" in failed.stderr
    assert "Traceback" not in failed.stderr
