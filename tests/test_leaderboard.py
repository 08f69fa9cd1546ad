import csv
from pathlib import Path

import pytest

from tests.repository import commit, dvc, git, stage
from tests.toy_project import make_project

TABLE = Path("metrics/leaderboard.csv")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("leaderboard"))
    for name, lr in (("low", 1e-5), ("middle", 8e-4), ("best", 2e-3)):
        dvc(project, "exp", "run", "-q", "--name", name, "--set-param", f"train.lr={lr}")
    git(project, "checkout", "--quiet", ".")
    dvc(project, "checkout", "--quiet", "--force")
    return project


@pytest.fixture
def project(finished: Path) -> Path:
    """Return the project without a result."""
    (finished / TABLE).unlink(missing_ok=True)
    return finished


def read(project: Path) -> list[dict[str, str]]:
    with (project / TABLE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_result_is_kept_with_the_revision_and_git_sees_it(project: Path) -> None:
    said = stage(project, "leaderboard", "add", "best", "--public", "47.1", "--note", "빔 8")
    assert said == "best: public 47.10\n"
    (row,) = read(project)
    assert (row["name"], row["public"], row["private"], row["note"]) == ("best", "47.1", "", "빔 8")
    assert row["rev"] == git(project, "rev-parse", _ref(project, "best")).strip()
    assert git(project, "status", "--short", str(TABLE)).split() == ["??", str(TABLE)]


def test_a_second_add_says_old_and_new_and_keeps_what_it_does_not_name(project: Path) -> None:
    stage(project, "leaderboard", "add", "best", "--public", "47.1", "--note", "빔 8")
    said = stage(project, "leaderboard", "add", "best", "--public", "47.2", "--private", "44.9")
    assert said == "best: public 47.10 → public 47.20, private 44.90\n"
    (row,) = read(project)
    assert (row["public"], row["private"], row["note"]) == ("47.2", "44.9", "빔 8")


def test_a_list_of_nothing_is_no_error(project: Path) -> None:
    said = stage(project, "leaderboard", "list")
    assert said.startswith("no result yet; add one: python -m stages.leaderboard add ")
    assert not (project / TABLE).exists()


def test_list_and_remove(project: Path) -> None:
    for name, public in (("low", "40.3"), ("best", "47.1")):
        stage(project, "leaderboard", "add", name, "--public", public)
    lines = stage(project, "leaderboard", "list").splitlines()
    assert [line.split()[0] for line in lines] == ["experiment", "best", "low"]
    assert stage(project, "leaderboard", "remove", "low") == "low: public 40.30 struck out\n"
    assert [row["name"] for row in read(project)] == ["best"]
    assert "did you mean best?" in stage(project, "leaderboard", "remove", "bst", fails=True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bset", "--public", "47"], "there is no experiment bset; did you mean best"),
        (["best", "--public", "101"], "a number from 0 to 100"),
        (["best", "--public", "47", "--private", "-1"], "a number from 0 to 100"),
        (["workspace", "--public", "47"], "dvc exp save -n NAME"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(
    project: Path, arguments: list[str], sentence: str
) -> None:
    said = stage(project, "leaderboard", "add", *arguments, fails=True)
    assert said.startswith("error: ")
    assert sentence in said
    assert not (project / TABLE).exists()


def test_a_table_that_git_ignores_is_refused(project: Path) -> None:
    ignore = project / "metrics/.gitignore"
    content = ignore.read_text(encoding="utf-8")
    ignore.write_text(f"{content}*.csv\n", encoding="utf-8")
    try:
        said = stage(project, "leaderboard", "add", "best", "--public", "47", fails=True)
        assert "Git ignores metrics/leaderboard.csv" in said
    finally:
        ignore.write_text(content, encoding="utf-8")


def test_compare_shows_results_and_what_foretells_them(project: Path) -> None:
    for name, public in (("low", "40.3"), ("middle", "46"), ("best", "47.1")):
        stage(project, "leaderboard", "add", name, "--public", public)
    text = " ".join(stage(project, "compare").split())
    assert "47.10" in text
    assert "Rank correlation with 3 public results" in text
    assert "dev rouge2 +1.00" in text


def test_results_survive_an_experiment_from_before_them(project: Path) -> None:
    stage(project, "leaderboard", "add", "best", "--public", "47.1")
    commit(project)
    dvc(project, "exp", "apply", "low")
    try:
        assert not (project / TABLE).exists(), "DVC takes it away"
        assert "47.10" in stage(project, "leaderboard", "list")
        stage(project, "leaderboard", "add", "low", "--public", "40.3")
        assert [row["name"] for row in read(project)] == ["best", "low"]
    finally:
        git(project, "reset", "--quiet", "--hard", "HEAD~1")
        dvc(project, "checkout", "--quiet", "--force")


def _ref(project: Path, name: str) -> str:
    refs = git(project, "for-each-ref", "--format=%(refname)", "refs/exps").split()
    return next(ref for ref in refs if ref.endswith(f"/{name}"))
