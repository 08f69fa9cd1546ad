import os
import shutil
from pathlib import Path

import pytest

from stages.command.errors import UserError
from stages.workers.clone import dvc, git, make_clone, take_snapshot
from stages.workers.worker import save
from tests.tiny_repository import change, make_repository


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(tmp_path_factory.mktemp("clone"))


@pytest.fixture
def main(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the main repository, in which the owner of a search runs."""
    main = tmp_path / "main"
    shutil.copytree(made, main, symlinks=True)
    monkeypatch.chdir(main)
    return main


def test_a_clone_is_the_working_tree_with_its_uncommitted_changes(main: Path) -> None:
    change(main, {"train.lr": 0.25})
    (main / "stages/validate.py").unlink()
    (main / "stages/fresh.py").write_text("FRESH = 1\n", encoding="utf-8")
    (main / "notes.txt").write_text("no part of an experiment", encoding="utf-8")
    clone = main / ".dvc/tmp/tune/worker-0"
    make_clone(main, clone, take_snapshot(main))
    ours = {path: path.read_bytes() for path in main.glob("stages/**/*.py")}
    theirs = {main / path.relative_to(clone): path for path in clone.glob("stages/**/*.py")}
    assert ours == {path: theirs[path].read_bytes() for path in theirs}
    for name in ("params.yaml", "dvc.yaml", "dvc.lock", ".gitignore"):
        assert (clone / name).read_bytes() == (main / name).read_bytes()
    assert not (clone / "notes.txt").exists()
    assert (clone / "data/tokens/train.parquet").exists()
    assert not (clone / ".dvc/cache").exists()
    assert git(main, "stash", "list") == ""
    assert "fresh.py" in git(main, "status", "--porcelain")
    assert git(clone, "config", "user.name") == "tester"
    make_clone(main, clone, take_snapshot(main))  # again, over what a killed search left
    assert (clone / "data/tokens/train.parquet").exists()


def test_a_file_that_is_only_younger_is_no_change(main: Path) -> None:
    # `git stash create` ends with 1 there, and says nothing.
    for name in ("params.yaml", "dvc.yaml"):
        os.utime(main / name, ns=(0, 0))
    clone = main / ".dvc/tmp/tune/worker-0"
    make_clone(main, clone, take_snapshot(main))
    assert (clone / "params.yaml").read_bytes() == (main / "params.yaml").read_bytes()


def test_every_clone_of_a_snapshot_is_as_the_first(main: Path) -> None:
    change(main, {"train.lr": 0.25})
    snapshot = take_snapshot(main)
    before = (main / "params.yaml").read_bytes()
    change(main, {"train.lr": 0.5})  # what `dvc exp apply` does
    (main / "dvc.lock").unlink()
    (main / "stages/train.py").write_text("")
    clone = main / ".dvc/tmp/tune/worker-0"
    make_clone(main, clone, snapshot)
    assert (clone / "params.yaml").read_bytes() == before
    assert (clone / "dvc.lock").exists()
    assert (clone / "stages/train.py").read_bytes()


def test_a_command_that_fails_without_a_word_is_told_with_its_exit_code(main: Path) -> None:
    with pytest.raises(UserError, match=r"config --get no\.such failed: exit code 1"):
        git(main, "config", "--get", "no.such")


def test_what_git_or_dvc_refuse_is_one_sentence(main: Path) -> None:
    with pytest.raises(UserError, match="dvc checkout nothing failed"):
        dvc(main, "checkout", "nothing")
    with pytest.raises(UserError, match=r"dvc exp save .* failed"):
        save("too-early")  # there is no model yet
