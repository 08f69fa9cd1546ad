from dataclasses import asdict
from pathlib import Path

import pytest

from stages.params import Choices, Params, Range
from stages.search.jobs import Message, Result
from stages.search.pictures import draw, importance
from stages.search.study import Search

SPACE = {
    "train.lr": Range(low=1e-4, high=1e-2, log=True),
    "train.optim": Choices(choices=["sgd", "adamw_torch"]),
}
PICTURES = ["history.svg", "importance.svg", "parallel.svg", "slices.svg"]


def searched(tiny: Params, trials: int, *, writes: bool = True) -> Search:
    content = tiny.tune.model_dump() | {"trials": trials}
    search = Search("study", type(tiny.tune).model_validate(content), SPACE, epochs=3)
    while asked := search.ask():
        score = 30 + 1000 * float(str(asked.values["train.lr"])) if writes else 0.0
        result = Result(score, [(1.0, score / 3), (2.0, score)], 1.0, 0.5, 60, {}, "0.dir")
        search.end(asked.number, Message("done", result=asdict(result)))
    return search


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUNE_STORAGE", raising=False)


@pytest.mark.parametrize(("trials", "writes"), [(0, True), (1, True), (6, True), (6, False)])
def test_pictures_of_any_number_of_trials(
    tiny: Params, tmp_path: Path, trials: int, writes: bool
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    search = searched(tiny, trials, writes=writes)
    draw(search, folder)
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    page = ["search.html", *(["plotly.min.js"] if trials else [])]
    assert sorted(made) == sorted([*PICTURES, *page])
    assert b"http" not in made["search.html"].replace(b"http://www.w3.org", b"")
    draw(search, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made


def test_importance_finds_what_the_score_depends_on(tiny: Params) -> None:
    found = importance(searched(tiny, 12))
    assert found["train.lr"] > found["train.optim"]
