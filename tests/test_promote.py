import shutil
from pathlib import Path

import pytest
import yaml

from stages.params import load_params
from stages.search.best import write_best
from tests.repository import commit, git, stage
from tests.tiny_repository import change, lr
from tests.winner import make_promotable


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository in which a search has found a winner."""
    return make_promotable(tmp_path_factory.mktemp("promote"))


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    """Return a repository of the test's own."""
    shutil.copytree(made, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def read_best(repository: Path) -> dict[str, object]:
    text = (repository / "metrics/tune/best.yaml").read_text(encoding="utf-8")
    content: dict[str, object] = yaml.safe_load(text)
    return content


def changed_lines(repository: Path) -> list[str]:
    shown = git(repository, "diff", "--unified=0", "params.yaml").splitlines()
    return [line for line in shown if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_the_winner_s_values_are_written_and_nothing_else(repository: Path) -> None:
    said = stage(repository, "promote")
    assert changed_lines(repository) == [
        "-  lr: 1.0e-6",
        "-  batch_size: 4",
        "+  lr: 2.0e-5",
        "+  batch_size: 8",
    ]
    assert "train.lr          1.0e-6  2.0e-5" in said
    assert "better than the noise: +1.20 [+0.40, +2.00]" in said
    assert "params.yaml has these values already" in stage(repository, "promote")


def test_a_dry_run_writes_nothing(repository: Path) -> None:
    assert "2.0e-5" in stage(repository, "promote", "--dry-run")
    assert changed_lines(repository) == []


def test_luck_is_refused_unless_forced(repository: Path) -> None:
    luck = {"better": False, "verdict": "not better than the noise: +0.10 [-0.40, +0.60]"}
    write_best(repository / "metrics/tune", read_best(repository) | luck)
    said = stage(repository, "promote", fails=True)
    assert "not better than the noise: +0.10 [-0.40, +0.60]" in said
    assert "--force writes it nevertheless" in said
    assert lr(repository) == 1e-6
    stage(repository, "promote", "--force")
    assert lr(repository) == 2e-5


def test_a_winner_of_other_conditions_is_refused(repository: Path) -> None:
    change(repository, {"train.epochs": 9, "generate.num_beams": 2})
    commit(repository)
    said = stage(repository, "promote", "--force", fails=True)
    assert "tune-0123abcd was found under other conditions" in said
    assert "train.epochs was 8.0, is now 9.0" in said
    assert "generate.num_beams was 1, is now 2" in said
    assert changed_lines(repository) == []


def test_a_winner_of_other_data_is_refused(repository: Path) -> None:
    best = read_best(repository)
    conditions = dict(best["conditions"]) | {"data/tokens": "0" * 32 + ".dir"}  # type: ignore[call-overload]
    write_best(repository / "metrics/tune", best | {"conditions": conditions})
    assert "data/tokens differs" in stage(repository, "promote", fails=True)


@pytest.mark.parametrize(
    ("module", "named"),
    [("model/batches.py", "stages/model"), ("evaluate.py", "stages/evaluate.py")],
)
def test_a_winner_that_other_code_trained_or_scored_is_refused(
    repository: Path, module: str, named: str
) -> None:
    with (repository / "stages" / module).open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    assert f"{named} differs" in stage(repository, "promote", "--force", fails=True)
    assert changed_lines(repository) == []


def test_code_that_only_talks_to_people_and_files_makes_no_other_winner(repository: Path) -> None:
    with (repository / "stages/command/progress.py").open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    stage(repository, "promote")
    assert lr(repository) == 2e-5


def test_uncommitted_edits_of_the_same_keys_are_not_lost(repository: Path) -> None:
    change(repository, {"train.lr": 3e-3})
    said = stage(repository, "promote", "--force", fails=True)
    assert "params.yaml has uncommitted edits of train.lr, which would be lost" in said
    assert lr(repository) == 3e-3


def test_uncommitted_edits_of_other_keys_stay(repository: Path) -> None:
    change(repository, {"tune.trials": 12})
    stage(repository, "promote")
    assert load_params(repository / "params.yaml").tune.trials == 12
    assert lr(repository) == 2e-5


def test_an_unknown_experiment_is_refused(repository: Path) -> None:
    said = stage(repository, "promote", "tune-0123abcd-7", fails=True)
    assert "there is no experiment tune-0123abcd-7" in said
