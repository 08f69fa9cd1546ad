"""What CONTRIBUTING.md says of an edit that changes no result."""

from pathlib import Path

import pytest

from tests.repository import commit, dvc, git
from tests.toy_project import make_project


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Return a finished project, trained twice, in whose code a comment was written since."""
    project = make_project(tmp_path)
    pipeline = (project / "dvc.yaml").read_text(encoding="utf-8")
    pipeline = pipeline.replace("deps: [metrics/clean.json]", "deps: [metrics/clean.json, toy.py]")
    (project / "dvc.yaml").write_text(pipeline, encoding="utf-8")
    dvc(project, "repro", "--quiet")
    commit(project)
    with (project / "toy.py").open("a", encoding="utf-8") as file:
        file.write("# 주석\n")
    return project


def trainings(project: Path) -> int:
    return len((project.parent / "trainings.log").read_text(encoding="utf-8").splitlines())


def test_a_comment_runs_every_stage_again_that_depends_on_it(edited: Path) -> None:
    assert "changed deps" in dvc(edited, "status", "train")
    dvc(edited, "repro", "--quiet")
    assert trainings(edited) == 3


def test_what_was_committed_by_force_trains_nothing(edited: Path) -> None:
    scores = (edited / "metrics/evaluate.json").read_bytes()
    dvc(edited, "commit", "--force", "train")
    assert "Running stage 'train'" not in dvc(edited, "repro")
    assert trainings(edited) == 2
    assert (edited / "metrics/evaluate.json").read_bytes() == scores
    assert git(edited, "status", "--short").split() == ["M", "dvc.lock", "M", "toy.py"]
