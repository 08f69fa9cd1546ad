import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.command.errors import UserError
from stages.experiments.listing import (
    Experiment,
    failure,
    find_experiment,
    list_experiments,
    read_output,
)
from tests.dvc_queue import run_queue
from tests.repository import commit, dvc, git
from tests.toy_project import make_project

SCORED = Path("data/predictions/scored/dev.csv")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with an experiment on an older commit, a failed one and a queued one."""
    project = make_project(tmp_path_factory.mktemp("experiments"))
    dvc(project, "exp", "run", "--quiet", "--name", "낮게", "--set-param", "train.lr=1e-05")
    git(project, "checkout", "--quiet", ".")
    dvc(project, "checkout", "--quiet")
    queue(project, "bad", "train.lr=0.5")
    run_queue(project)
    queue(project, "later", "train.lr=0.01")
    (project / "notes.txt").write_text("a commit after the experiments", encoding="utf-8")
    commit(project)
    return project


def queue(project: Path, name: str, change: str) -> None:
    dvc(project, "exp", "run", "--quiet", "--queue", "--name", name, "--set-param", change)


@pytest.fixture(scope="module")
def listed(project: Path) -> dict[str, Experiment]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        return {one.name: one for one in list_experiments()}


@pytest.fixture
def inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    return project


def test_every_kind_is_listed_wherever_it_began(
    project: Path, listed: dict[str, Experiment]
) -> None:
    first = git(project, "rev-parse", "--short=7", "HEAD~1").strip()
    assert {name: (one.kind, one.state) for name, one in listed.items()} == {
        "workspace": ("workspace", "done"),
        "main": ("commit", "done"),
        first: ("commit", "done"),
        "낮게": ("experiment", "done"),
        "bad": ("experiment", "failed"),
        "later": ("experiment", "queued"),
    }


def test_floats_arrive_as_floats_from_params_and_from_the_lock(
    listed: dict[str, Experiment],
) -> None:
    low = listed["낮게"]
    assert low.params["train.lr"] == 1e-5
    assert low.lock.params["train"]["train"]["lr"] == 1e-5
    assert not low.stale


def test_the_scores_of_the_commit_that_a_run_began_from_are_not_taken_for_its_own(
    listed: dict[str, Experiment],
) -> None:
    assert listed["main"].rouge_mean is not None
    for name in ("bad", "later"):
        assert listed[name].rouge_mean is None
        assert listed[name].metrics == listed[name].outs == {}


def test_a_failed_run_says_why(listed: dict[str, Experiment]) -> None:
    assert listed["bad"].error == "the loss is not a number from step 3 on; lower train.lr"
    assert listed["main"].error == ""


@pytest.mark.usefixtures("inside")
def test_outputs_are_read_from_the_cache_also_inside_a_folder(
    listed: dict[str, Experiment],
) -> None:
    scored = [read_output(listed[name], SCORED) for name in ("workspace", "main", "낮게")]
    assert scored[0] == scored[1] == SCORED.read_bytes()
    assert scored[2]
    assert scored[2] != scored[0]
    evaluate = read_output(listed["낮게"], Path("metrics/evaluate.json"))
    assert evaluate
    assert json.loads(evaluate)["rouge_mean"] == listed["낮게"].rouge_mean


@pytest.mark.usefixtures("inside")
def test_an_output_that_is_not_there_is_none(listed: dict[str, Experiment]) -> None:
    assert read_output(listed["낮게"], Path("data/predictions/scored/test.csv")) is None
    assert read_output(listed["낮게"], Path("data/other.csv")) is None
    assert read_output(listed["workspace"], Path("data/other.csv")) is None
    assert read_output(listed["later"], SCORED) is None


@pytest.mark.usefixtures("inside")
def test_outputs_are_found_in_a_cache_elsewhere(
    listed: dict[str, Experiment], tmp_path: Path
) -> None:
    cache = Path(".dvc/cache")
    cache.rename(tmp_path / "cache")
    local = Path(".dvc/config.local")
    local.write_text(f"[cache]\n    dir = {tmp_path / 'cache'}\n", encoding="utf-8")
    try:
        assert read_output(listed["낮게"], SCORED)
    finally:
        local.unlink()
        (tmp_path / "cache").rename(cache)
    assert read_output(listed["낮게"], SCORED)


@pytest.fixture
def restored(inside: Path) -> Iterator[Path]:
    yield inside
    git(inside, "checkout", "--quiet", ".")
    dvc(inside, "checkout", "--quiet", "--force")


def test_params_edited_after_the_score_was_made_are_stale(restored: Path) -> None:
    params = restored / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("trials: 0", "trials: 9"), encoding="utf-8")
    assert not workspace().stale, "the score does not depend on tune"
    params.write_text(text.replace("num_beams: 4", "num_beams: 5"), encoding="utf-8")
    assert workspace().stale
    params.write_text(text.replace("train:\n", "train:\n  epochs: 3\n"), encoding="utf-8")
    assert workspace().stale


def test_a_model_that_was_not_evaluated_yet_is_stale(restored: Path) -> None:
    params = restored / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("lr: 1.0e-3", "lr: 3.0e-3"), encoding="utf-8")
    dvc(restored, "repro", "--quiet", "train")
    assert workspace().stale
    dvc(restored, "repro", "--quiet")
    assert not workspace().stale


def test_outputs_left_by_a_git_checkout_are_stale(restored: Path) -> None:
    dvc(restored, "exp", "apply", "낮게")
    assert not workspace().stale
    git(restored, "checkout", "--quiet", ".")
    assert workspace().stale


def test_a_run_in_the_workspace_is_running_and_has_no_score(restored: Path) -> None:
    wait = restored.parent / "wait"
    wait.touch()
    command = [sys.executable, "-m", "dvc", "exp", "run", "--quiet", "--name", "now"]
    with subprocess.Popen([*command, "--set-param", "train.lr=0.004"]) as process:
        try:
            while not (found := [one for one in list_experiments() if one.state == "running"]):
                assert process.poll() is None
        finally:
            wait.unlink()
    assert [(one.name, one.rouge_mean) for one in found] == [("now", None)]


def workspace() -> Experiment:
    return find_experiment("workspace", list_experiments())


def test_a_name_or_a_revision_finds_an_experiment(listed: dict[str, Experiment]) -> None:
    low = listed["낮게"]
    assert find_experiment("낮게", listed.values()) is low
    assert find_experiment(low.rev[:7], listed.values()) is low


def test_an_unknown_name_is_answered_with_the_nearest(listed: dict[str, Experiment]) -> None:
    with pytest.raises(UserError, match=r"no experiment latr; did you mean later\?"):
        find_experiment("latr", listed.values())


def test_a_folder_without_commits_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="git commit"):
        list_experiments()


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("> python\nerror: 자리가 없다\nERROR: failed to reproduce 'x'", "자리가 없다"),
        ("> python\n  File\nValueError: no\nERROR: failed to reproduce 'x'", "ValueError: no"),
        ("> python\nERROR: failed to reproduce 'train': killed", "'train': killed"),
        ("ERROR: Experiment conflicts with 'a'.", "Experiment conflicts with 'a'."),
        ("", ""),
    ],
)
def test_the_reason_is_the_sentence_of_the_stage_else_the_last_line(log: str, why: str) -> None:
    assert failure(log) == why
