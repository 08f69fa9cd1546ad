import contextlib
import json
import os
import signal
import statistics
from pathlib import Path

import pytest

from stages.command.errors import UserError
from stages.noise import untracked
from tests.repository import dvc, git, stage
from tests.toy_project import make_project, running

NOISE = Path("metrics/noise.json")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose data Git does not track, as a user's data/raw is."""
    project = make_project(tmp_path_factory.mktemp("noise"))
    git(project, "rm", "-r", "--quiet", "--cached", "data/raw")
    (project / ".gitignore").write_text("/data/raw\n", encoding="utf-8")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "data is not in Git")
    return project


def seeds_trained(project: Path) -> list[str]:
    return (project.parent / "trainings.log").read_text(encoding="utf-8").split()


def test_seeds_and_a_repeat_are_trained_once_and_the_workspace_stays(project: Path) -> None:
    outputs = [project / "metrics/evaluate.json", project / "models/summarizer/weights"]
    before = [path.read_bytes() for path in outputs]
    said = stage(project, "noise", "--seeds", "3")
    metrics = json.loads((project / NOISE).read_text(encoding="utf-8"))
    assert list(metrics["seeds"]) == ["42", "43", "44"]
    assert metrics["deviation"] == pytest.approx(
        statistics.stdev(metrics["seeds"].values()), abs=1e-4
    )
    assert metrics["deviation"] > 0
    assert metrics["repeats"] == [metrics["seeds"]["42"]] * 2
    assert f"{metrics['mean']:.2f} ± {metrics['deviation']:.2f} over 3 seeds" in said
    assert sorted(seeds_trained(project)) == ["42", "42", "43", "44"], "the first one by dvc repro"
    assert [path.read_bytes() for path in outputs] == before
    assert git(project, "status", "--short").split() == ["??", str(NOISE)]

    stage(project, "noise", "--seeds", "4")
    assert sorted(seeds_trained(project)) == ["42", "42", "43", "44", "45"]
    assert "least_difference" in dvc(project, "metrics", "show", str(NOISE), "--json")


def test_an_interruption_leaves_the_workspace_and_the_next_run_goes_on(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    params = (project / "params.yaml").read_bytes()
    wait = tmp_path / "wait"
    wait.touch()
    with running(project, "noise", "--seeds", "2", "--repeats", "1") as process:
        while "43" not in seeds_trained(project):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) == 130
    wait.unlink()
    assert git(project, "status", "--short") == ""
    assert (project / "params.yaml").read_bytes() == params
    stage(project, "noise", "--seeds", "2", "--repeats", "1")
    assert list(json.loads((project / NOISE).read_text(encoding="utf-8"))["seeds"]) == ["42", "43"]


def test_params_without_a_score_of_their_own_are_refused(project: Path) -> None:
    params = project / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("lr: 1.0e-3", "lr: 3.0e-3"), encoding="utf-8")
    try:
        said = stage(project, "noise", fails=True)
    finally:
        params.write_text(text, encoding="utf-8")
    assert said == ("error: the present params have no score of their own yet; run: dvc repro\n")


def test_a_seed_that_fails_says_why(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    stages = project / "toy.py"
    text = stages.read_text(encoding="utf-8")
    stages.write_text(text.replace('train["lr"] > 0.1', 'train["seed"] > 42'), encoding="utf-8")
    dvc(project, "repro", "--quiet")
    said = stage(project, "noise", "--seeds", "2", fails=True)
    assert said.startswith("error: seed 43 failed: the loss is not a number")
    assert not (project / NOISE).exists()


@pytest.mark.parametrize("arguments", [["--seeds", "1"], ["--repeats", "0"]])
def test_too_few_to_deviate_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert "2 seeds or more" in stage(tmp_path, "noise", *arguments, fails=True)


def test_a_folder_outside_the_project_is_named_by_its_whole_path(project: Path) -> None:
    outside = project.parent / "kobart"
    outside.mkdir()
    with contextlib.chdir(project):
        assert untracked(["data/raw", str(outside), "scratch"]) == ["data/raw"]
        with pytest.raises(UserError, match=f"leads out of the project.* write {outside}"):
            untracked(["../kobart"])
