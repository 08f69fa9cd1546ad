import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.repository import dvc, environment, git, stage, start_repository
from tests.toy_project import make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with an experiment that is done and one that waits."""
    project = make_project(tmp_path_factory.mktemp("show"))
    changes = ("-S", "train.lr=2e-3", "-S", "train.batch_size=8")
    dvc(project, "exp", "run", "--quiet", "--name", "better", *changes)
    git(project, "checkout", "--quiet", ".")
    dvc(project, "checkout", "--quiet", "--force")
    later = ("-n", "later", "-S", "train.lr=0.01", "-S", "tune.trials=4")
    dvc(project, "exp", "run", "--quiet", "--queue", *later)
    return project


def cells(said: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in said.splitlines()}


def test_name_state_score_and_what_differs(project: Path) -> None:
    shown = cells(stage(project, "show"))
    assert list(shown)[:2] == ["experiment", "workspace"]
    done, score, *params = shown["better"]
    assert (done, params) == ("done", ["lr=0.002", "batch_size=8"])
    assert float(score) > float(shown["workspace"][1])
    assert shown["workspace"][2:] == ["lr=0.001", "batch_size=16"]


def test_a_run_that_waits_shows_no_score_of_its_parent_and_no_tune(
    project: Path,
) -> None:
    assert cells(stage(project, "show"))["later"] == ["queued", "lr=0.01", "batch_size=16"]


def test_scores_of_other_params_are_stale(project: Path) -> None:
    path = project / "params.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("lr: 1.0e-3", "lr: 4.0e-3"), encoding="utf-8")
    try:
        assert cells(stage(project, "show"))["workspace"][0] == "stale"
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("columns", [48, 80])
def test_it_is_no_wider_than_the_terminal(project: Path, columns: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "stages.show"],
        cwd=project,
        env=environment(project) | {"COLUMNS": str(columns)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert max(map(cell_len, ended.stdout.splitlines())) <= columns
    assert "batch_size=8" in ended.stdout


def test_without_any_run_there_is_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("train: {lr: 1.0e-3}\n", encoding="utf-8")
    start_repository(tmp_path)
    lines = stage(tmp_path, "show").splitlines()
    assert lines[1].split() == ["workspace", "done"]
