from pathlib import Path

import pytest

from stages.params import Params, Tune
from stages.search.begin import begin, why_it_ended
from stages.search.conditions import conditions_of
from stages.search.crew import Crew
from stages.search.disk import Weights
from stages.search.known import Known
from stages.search.study import Search
from stages.workers.board import Board
from stages.workers.messages import Job, WorkerMessage
from stages.workers.pool import Pool
from tests.repository import commit, start_git
from tests.search.test_earlier import FEWER, HERE, SPACE, Lab

PRESENT = {"train.lr": 1e-3, "train.batch_size": 4}


@pytest.fixture
def lab(tiny: Params) -> Lab:
    """Return one with an earlier search over fewer data."""
    lab = Lab(tiny)
    for score, lr in [(30.0, 5e-4), (44.0, 2e-3), (41.0, 3e-3), (20.0, 8e-3)]:
        lab.add(score, FEWER, lr)
    return lab


def begun(lab: Lab, tune: Tune, **changed: object) -> Search:
    settings = Tune.model_validate(tune.model_dump() | {"trials": 3} | changed)
    lab.add(None, HERE, 1e-3)
    conditions = conditions_of(lab.experiments.pop(), SPACE)
    search = Search("tune-0123abcd", settings, SPACE, epochs=2)
    crew = Crew(
        Pool(1, processes=1), Board(workers=1), Weights(3), Known(lab.experiments, {}, HERE)
    )
    begin(search, crew, conditions, PRESENT, ours=("tune-0123-",))
    return search


def first(search: Search, n: int) -> list[object]:
    asked: list[Job] = []
    while len(asked) < n and (job := search.ask()):
        asked.append(job)
        search.end(job.name, WorkerMessage("pruned"))
    return [job.values["train.lr"] for job in asked]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin in a repository, which workers are made from; none is, here."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    start_git(tmp_path)
    commit(tmp_path)


def test_a_search_begins_with_the_present_params_and_what_did_best_on_fewer_data(
    lab: Lab, tiny: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    search = begun(lab, tiny.tune)
    assert first(search, 3) == [1e-3, 2e-3, 3e-3]
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "tried first, for run-1 did well under other conditions: train.lr 0.002, train.batch_size 4"
    ) in said


def test_what_is_tried_first_is_said_once_and_only_where_it_is(
    lab: Lab, tiny: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    first(begun(lab, tiny.tune), 3)
    assert capsys.readouterr().out.count("tried first") == 2
    begun(lab, tiny.tune)  # the next day
    assert "tried first" not in capsys.readouterr().out


@pytest.mark.parametrize("strategy", ["random", "grid"])
def test_a_strategy_that_learns_nothing_is_not_told_where_to_begin(
    lab: Lab, tiny: Params, strategy: str
) -> None:
    assert 2e-3 not in first(begun(lab, tiny.tune, strategy=strategy, trials=3), 3)


def test_a_search_that_has_scores_of_its_own_conditions_begins_with_them(
    lab: Lab, tiny: Params
) -> None:
    for lr in (1e-3, 4e-3, 5e-3, 6e-3):
        lab.add(50.0, HERE, lr)
    search = begun(lab, tiny.tune)
    assert len(search.complete()) == 4
    assert not {2e-3, 3e-3} & set(first(search, 2))


def test_why_a_search_ended_is_a_sentence(lab: Lab, tiny: Params) -> None:
    assert why_it_ended(begun(lab, tiny.tune, patience=5)) == (
        "the last 5 trials or more brought nothing better: the search ends after 0 of 3 trials "
        "(tune.patience)"
    )
