import csv
import html
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import dvc, git, stage, start_repository
from tests.toy_project import make_project


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of which only `dvc repro` was run."""
    return make_project(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with experiments: better, other scorer, queued, noise."""
    project = make_project(tmp_path_factory.mktemp("compare"))
    experiment(project, "best", "train.lr=2e-3")
    experiment(project, "sets", "rouge.variant=sets")
    experiment(project, "noise-0a1b2c3d-seed43", "train.seed=43")
    dvc(project, "exp", "run", "-q", "--queue", "-n", "later", "-S", "train.lr=0.01")
    weights = json.loads((project / "metrics/train.json").read_text(encoding="utf-8"))["weights"]
    (project / ".dvc/cache/seconds.csv").write_text(f"{weights},61.4\n", encoding="utf-8")
    return project


def experiment(project: Path, name: str, change: str) -> None:
    dvc(project, "exp", "run", "--quiet", "--name", name, "--set-param", change)
    git(project, "checkout", "--quiet", ".")
    dvc(project, "checkout", "--quiet", "--force")


def rows(project: Path, *arguments: str) -> dict[str, dict[str, str]]:
    table = csv.DictReader(io.StringIO(stage(project, "compare", "--csv", *arguments)))
    return {row["name"]: row for row in table}


def test_a_first_run_is_one_row_beside_its_floors(first_run: Path) -> None:
    lines = stage(first_run, "compare").splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        "workspace",
        "=",
        "constant",
        "longest_turn",
    ]
    assert "32.10" in lines[3]


def test_nothing_to_compare_says_what_to_run(tmp_path: Path) -> None:
    start_repository(tmp_path)
    assert stage(tmp_path, "compare", fails=True).startswith("error: no experiment has a score yet")


def test_compare_imports_no_torch() -> None:
    code = "import sys, stages.compare; sys.exit('torch' in sys.modules or 'optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_experiments_stand_beside_the_workspace_that_is_head(project: Path) -> None:
    found = rows(project)
    assert set(found) == {"best", "workspace", "sets"}
    assert found["workspace"]["verdict"] == "baseline"
    best, base = found["best"], found["workspace"]
    difference = float(best["rouge_mean"]) - float(base["rouge_mean"])
    assert float(best["difference"]) == pytest.approx(difference)
    assert float(best["difference_low"]) < difference < float(best["difference_high"])
    assert (best["verdict"], best["train.lr"]) == ("better", "0.002")


def test_a_picture_has_the_table_and_loads_nothing(project: Path) -> None:
    printed = stage(project, "compare", "--svg", "pictures/runs.svg")
    svg = (project / "pictures/runs.svg").read_text(encoding="utf-8")
    assert "better" in printed
    assert svg.startswith("<svg")
    assert svg.rstrip().endswith("</svg>")
    text = html.unescape(re.sub("<[^>]+>", " ", svg)).replace("\xa0", " ")
    assert all(word in text for word in ("workspace", "better", "baseline"))
    assert "url(http" not in svg


def test_a_picture_in_git_is_written_over_only_when_forced(first_run: Path) -> None:
    path = first_run / "runs.svg"
    path.write_text("mine", encoding="utf-8")
    git(first_run, "add", "runs.svg")
    said = stage(first_run, "compare", "--svg", "runs.svg", fails=True)
    assert said.startswith("error: runs.svg is in Git; ")
    assert path.read_text(encoding="utf-8") == "mine"
    stage(first_run, "compare", "--svg", "runs.svg", "--force")
    assert path.read_text(encoding="utf-8").startswith("<svg")
    git(first_run, "reset", "--quiet", "runs.svg")
    stage(first_run, "compare", "--svg", "runs.svg")


def test_the_rows_are_written_for_the_report_when_asked(project: Path) -> None:
    assert "dvc repro" in stage(project, "compare", "--report").splitlines()[-1]
    path = project / "metrics/compare.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    table = rows(project)
    assert not path.exists()
    assert [row["names"][0] for row in written["rows"]] == list(table)
    best = written["rows"][0]
    assert best["params"] == {"train.lr": 2e-3, "rouge.variant": "counts"}
    assert best["difference"]["p"] == pytest.approx(float(table["best"]["p"]), abs=1e-4)
    assert written["floors"]["constant"] == 32.1
    assert written["notes"][0]["values"]["name"] == "workspace"
    assert not any("queued" in note for note in written["notes"])


def test_another_scorer_is_marked_and_gets_no_difference(project: Path) -> None:
    assert rows(project)["sets"]["marks"] == "other scorer"
    assert rows(project)["sets"]["difference"] == ""
    text = " ".join(stage(project, "compare").split())
    assert "sets (other scorer): scored by rouge|n:60|variant:sets, not" in text


def test_runs_without_a_score_stand_below(project: Path) -> None:
    assert "queued: later" in stage(project, "compare").splitlines()


def test_seconds_are_those_of_the_training_that_gave_the_weights(project: Path) -> None:
    assert {name: row["seconds"] for name, row in rows(project).items()} == {
        "best": "",
        "workspace": "61.4",
        "sets": "61.4",
    }


def test_names_choose_rows_and_baseline(project: Path) -> None:
    assert set(rows(project, "best")) == {"best", "workspace"}
    found = rows(project, "workspace", "--baseline", "best")
    assert set(found) == {"best", "workspace"}
    assert (found["best"]["verdict"], found["workspace"]["verdict"]) == ("baseline", "worse")
    assert "noise-0a1b2c3d-seed43" in rows(project, "noise-0a1b2c3d-seed43")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("beest", "error: there is no experiment beest; did you mean best"),
        ("later", "error: later has no score to compare: it is queued"),
    ],
)
def test_a_name_without_a_score_is_one_sentence(project: Path, name: str, sentence: str) -> None:
    assert stage(project, "compare", name, fails=True).startswith(sentence)


def test_an_experiment_in_the_workspace_is_one_row(project: Path) -> None:
    dvc(project, "exp", "apply", "best")
    try:
        found = rows(project)
        assert set(found) == {"best", "main", "sets"}
        assert found["main"]["verdict"] == "baseline"
        assert "= workspace" in stage(project, "compare")
    finally:
        git(project, "checkout", "--quiet", ".")
        dvc(project, "checkout", "--quiet", "--force")


def test_predictions_that_this_cache_lacks_leave_the_score(project: Path) -> None:
    hidden = project / ".dvc/cache"
    hidden.rename(project / ".dvc/elsewhere")
    try:
        # DVC remembers the metrics of commits and experiments that it has shown once.
        assert rows(project)["best"]["marks"] == "not here"
    finally:
        (project / ".dvc/elsewhere").rename(hidden)
