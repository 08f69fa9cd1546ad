"""docs/faults.md: a project of several people, with the real Git and DVC and a folder as remote."""

from pathlib import Path

from tests.repository import commit, dvc, git, stage
from tests.toy_project import make_project


def trainings(folder: Path) -> str:
    return (folder / "trainings.log").read_text(encoding="utf-8")


def test_a_second_clone_has_everything_and_nothing_to_do(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(project, "remote", "add", "origin", str(tmp_path / "origin.git"))
    dvc(project, "remote", "add", "-d", "team", str(tmp_path / "team"))
    commit(project)
    dvc(project, "push", "--quiet")
    git(project, "push", "--quiet", "origin", "main")
    dvc(project, "exp", "run", "--quiet", "-n", "faster", "-S", "train.lr=2e-3")
    dvc(project, "exp", "push", "origin", "faster")
    trained = trainings(tmp_path)

    git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "clone")
    clone = tmp_path / "clone"
    git(clone, "config", "user.name", "another")
    git(clone, "config", "user.email", "another@example.org")
    dvc(clone, "pull", "--quiet")
    assert "up to date" in dvc(clone, "repro")
    assert (clone / "models/summarizer/weights").exists()
    assert git(clone, "status", "--porcelain") == ""
    dvc(clone, "exp", "pull", "origin", "faster")
    dvc(clone, "exp", "apply", "faster")
    dvc(clone, "repro")
    assert '"lr": 0.002' in (clone / "models/summarizer/weights").read_text(encoding="utf-8")
    assert trainings(tmp_path) == trained


def test_compare_in_a_clone_says_once_how_files_that_were_never_pushed_get_there(
    tmp_path: Path,
) -> None:
    project = make_project(tmp_path)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(project, "remote", "add", "origin", str(tmp_path / "origin.git"))
    dvc(project, "remote", "add", "-d", "team", str(tmp_path / "team"))
    commit(project)
    git(project, "push", "--quiet", "origin", "main")
    for name, lr in (("faster", "2e-3"), ("slower", "5e-4")):
        dvc(project, "exp", "run", "--quiet", "-n", name, "-S", f"train.lr={lr}")
    git(project, "push", "--quiet", "origin", "refs/exps/*:refs/exps/*")  # and no files
    git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "clone")
    clone = tmp_path / "clone"
    git(clone, "fetch", "--quiet", "origin", "refs/exps/*:refs/exps/*")

    said = " ".join(stage(clone, "compare", fails=True).split())
    assert said.startswith("error: not here: 2 of the experiments have files that this cache lacks")
    assert said.count("not here: ") == 2
    assert "dvc push -A, then here: dvc pull -A" in said
    push, pull = (said.partition(f"{place}: ")[2] for place in ("has them", "then here"))
    names = pull.removeprefix("dvc exp pull origin ").partition(";")[0].split()
    assert sorted(names) == ["faster", "slower"]
    assert push.startswith(f"dvc exp push origin {' '.join(names)}, then here: ")

    dvc(project, "exp", "push", "origin", *names)
    dvc(project, "push", "--quiet", "-A")
    dvc(clone, "exp", "pull", "origin", *names)
    dvc(clone, "pull", "--quiet", "-A")
    said = stage(clone, "compare")
    assert "not here" not in said
    assert "faster" in said
