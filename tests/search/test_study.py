import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from stages.command.errors import UserError
from stages.params import Choices, Params, Range, Tune, Value
from stages.search.known import PRESENT, KnownScore
from stages.search.patience import FEWEST
from stages.search.space import check_space, with_values
from stages.search.study import SEARCH, Search
from stages.workers.messages import Job, TrialResult, WorkerMessage

SPACE = {
    "train.lr": Range(low=1e-4, high=1e-2, log=True),
    "train.batch_size": Choices(choices=[8, 16, 32]),
}
FINITE = {"train.batch_size": Choices(choices=[8, 16, 32]), "model.layers": Range(low=1, high=2)}
COURSE = {
    "train.optim": Choices(choices=["sgd", "adamw_torch", "rmsprop"]),
    "train.lr": Range(low=1.0e-4, high=5.0e-3, log=True),
    "train.batch_size": Choices(choices=[16, 32]),
    "train.epochs": Range(low=10, high=30, step=10),
}
"""What a course on tuning searches."""


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the studies in memory, where they outlive a `Search`: a disk takes ten times as long."""
    monkeypatch.chdir(tmp_path)
    name = f"file:/{tmp_path.name}?vfs=memdb"
    monkeypatch.setenv("TUNE_STORAGE", f"sqlite:///{name}&uri=true")
    with closing(sqlite3.connect(name, uri=True)):
        yield


@pytest.fixture
def tune(tiny: Params) -> Tune:
    return tiny.tune


def changed(tune: Tune, **values: Any) -> Tune:
    return Tune.model_validate(tune.model_dump() | values)


def score_of(values: Any) -> float:
    """Return a score that is best at lr 1e-3."""
    near = abs(str(values.get("train.lr", 1e-3)).count("0") - 3)
    return 50.0 - 5 * near + float(values.get("train.batch_size", 8)) / 10


def done(score: float, epochs: tuple[float, ...] = (), warning: str = "") -> WorkerMessage:
    curve = [(float(i + 1), epoch) for i, epoch in enumerate(epochs or (score,))]
    trained = {"cmd": "python -m stages.train"}
    result = TrialResult(score, curve, 1.5, 0.5, 100, trained, "0.dir", warning)
    return WorkerMessage("done", result=asdict(result))


def run_all(search: Search) -> list[dict[str, Value]]:
    tried = []
    while asked := search.ask():
        tried.append(dict(asked.values))
        search.end(asked.name, done(score_of(asked.values)))
    return tried


def known(name: str, values: dict[str, Value], score: float) -> KnownScore:
    epochs = [(1.0, score / 2), (2.0, score)]
    return KnownScore(name, f"experiment {name}", values, score, epochs, seconds=3.0, examples=60)


@pytest.mark.parametrize("strategy", ["bayes", "random", "grid", "gp"])
def test_the_same_seed_gives_the_same_trials(tune: Tune, strategy: str) -> None:
    settings = changed(tune, trials=7, strategy=strategy)
    first = run_all(Search("first", settings, SPACE, epochs=3))
    assert len(first) >= 6
    assert run_all(Search("second", settings, SPACE, epochs=3)) == first
    other = changed(settings, seed=1)
    assert run_all(Search("third", other, SPACE, epochs=3)) != first


@pytest.mark.parametrize("strategy", ["bayes", "random", "grid"])
def test_an_interrupted_search_goes_on_as_if_it_had_not_been(tune: Tune, strategy: str) -> None:
    settings = changed(tune, trials=8, strategy=strategy)
    whole = run_all(Search("whole", settings, SPACE, epochs=3))
    search = Search("cut", settings, SPACE, epochs=3)
    tried = []
    for _ in range(3):
        asked = search.ask()
        assert asked
        tried.append(dict(asked.values))
        search.end(asked.name, done(score_of(asked.values)))
    lost = search.ask()  # the process dies here
    assert lost
    again = Search("cut", settings, SPACE, epochs=3)
    assert again.requeue_orphans() == 1
    rest = run_all(again)
    assert rest[0] == lost.values
    assert tried + rest == whole
    assert len(again.spent()) == len(whole)


def test_more_trials_go_on_with_the_same_study(tune: Tune) -> None:
    few = run_all(Search("study", changed(tune, trials=3), SPACE, epochs=3))
    more = run_all(Search("study", changed(tune, trials=5), SPACE, epochs=3))
    assert (len(few), len(more)) == (3, 2)
    assert few + more == run_all(Search("at once", changed(tune, trials=5), SPACE, epochs=3))


@pytest.mark.parametrize(("strategy", "expected"), [("random", FEWEST), ("grid", 12)])
def test_a_search_ends_when_its_patience_does_and_a_grid_when_it_is_done(
    tune: Tune, strategy: str, expected: int
) -> None:
    settings = changed(tune, trials=12, patience=2, strategy=strategy)

    def run(search: Search) -> int:
        tried = 0
        while asked := search.ask():
            search.end(asked.name, done(40.0 - tried))
            tried += 1
        return tried

    search = Search("study", settings, SPACE, epochs=3)
    assert run(search) == expected
    assert search.left() == 0
    assert search.is_settled() == (strategy != "grid")
    more = Search("study", changed(settings, patience=0), SPACE, epochs=3)  # goes on with it
    assert run(more) == 12 - expected


def test_what_was_taken_up_again_is_run_though_the_search_has_ended(tune: Tune) -> None:
    settings = changed(tune, trials=12, patience=2, strategy="random")
    search = Search("study", settings, SPACE, epochs=3)
    lost = search.ask()
    tried = 0
    while asked := search.ask():
        search.end(asked.name, done(40.0 - tried))
        tried += 1
    assert tried == FEWEST
    again = Search("study", settings, SPACE, epochs=3)
    assert again.requeue_orphans() == 1
    assert again.left() == 1
    taken = again.ask()
    assert taken
    assert lost
    assert taken.values == lost.values
    again.end(taken.name, done(1.0))
    assert again.ask() is None


def test_the_present_params_come_first_and_once(tune: Tune) -> None:
    present: dict[str, Value] = {"train.lr": 1e-3, "train.batch_size": 16}
    search = Search("study", changed(tune, trials=4), SPACE, epochs=3)
    search.put_first(present, PRESENT)
    search.put_first(present, PRESENT)
    asked = search.ask()
    assert asked == Job("study-0", present)
    assert search.trials()[0].user_attrs["source"] == PRESENT
    search.end(asked.name, done(40.0))
    search.put_first(present, PRESENT)
    assert present not in run_all(search)


def test_told_experiments_cost_nothing_and_are_not_run_again(tune: Tune) -> None:
    grid: list[dict[str, Value]] = [{"train.batch_size": b, "model.layers": 1} for b in (8, 16, 32)]
    search = Search("study", changed(tune, trials=2), FINITE, epochs=3)
    told = [known(f"run{i}", values, 30.0 + i) for i, values in enumerate(grid)]
    search.tell_known(told)
    search.tell_known(told)
    search.put_first(grid[0])
    assert len(search.trials()) == 3
    assert search.complete()[0].intermediate_values == {1: 16.0, 2: 32.0}
    tried = run_all(search)
    assert len(tried) == 2
    assert all(values["model.layers"] == 2 for values in tried)
    assert len(search.spent()) == 2


def test_an_own_experiment_that_was_saved_but_not_told_counts_as_run(tune: Tune) -> None:
    search = Search("tune-1", changed(tune, trials=2), FINITE, epochs=3)
    asked = search.ask()
    assert asked
    again = Search("tune-1", changed(tune, trials=2), FINITE, epochs=3)
    again.requeue_orphans()
    again.tell_known([known("tune-1-0", dict(asked.values), 33.0)])
    assert [t.user_attrs["source"] for t in again.complete()] == [SEARCH]
    assert asked.values not in run_all(again)
    assert len(again.spent()) == 2


@pytest.mark.parametrize("strategy", ["bayes", "random", "grid", "gp"])
def test_a_finite_space_is_never_tried_twice_and_ends(tune: Tune, strategy: str) -> None:
    search = Search("study", changed(tune, trials=100, strategy=strategy), FINITE, epochs=3)
    tried = run_all(search)
    assert len(tried) == len({str(sorted(values.items())) for values in tried}) == 6
    assert len(search.trials()) == 6


def test_a_hopeless_trial_is_pruned_and_a_good_one_is_not(tune: Tune) -> None:
    search = Search("study", changed(tune, trials=10, pruner="median"), SPACE, epochs=3)
    lrs = (1e-4, 2e-4, 3e-4, 4e-4)
    told = [
        known(f"run{i}", {"train.lr": v, "train.batch_size": 8}, 40.0) for i, v in enumerate(lrs)
    ]
    search.tell_known(told)
    good, bad = search.ask(), search.ask()
    assert good
    assert bad
    assert search.report(good.name, epoch=2.0, score=41.0)
    assert search.report(bad.name, epoch=1.0, score=1.0)  # the first epoch tells too little
    assert not search.report(bad.name, epoch=2.0, score=1.0)
    search.end(bad.name, WorkerMessage("pruned", seconds=2.0, examples=40))
    assert search.trials()[-1].state.name == "PRUNED"
    assert search.trials()[-1].user_attrs["examples"] == 40


@pytest.mark.parametrize("strategy", ["bayes", "gp", "random"])
def test_what_was_pruned_is_not_asked_for_again_and_the_search_goes_on(
    tune: Tune, strategy: str
) -> None:
    settings = changed(tune, trials=14, strategy=strategy, pruner="median")
    search = Search("study", settings, SPACE, epochs=3)
    tried = []
    while asked := search.ask():
        tried.append(asked.values)
        if len(tried) > 6:
            search.report(asked.name, epoch=2.0, score=1.0)
            search.end(asked.name, WorkerMessage("pruned", seconds=2.0, examples=40))
        else:
            search.end(asked.name, done(score_of(asked.values)))
    assert len(tried) == 14
    assert sum(trial.user_attrs.get("repeats", False) for trial in search.study.trials) < 5


@pytest.mark.parametrize(("pruner", "goes_on"), [("none", True), ("hyperband", False)])
def test_pruners_differ(tune: Tune, pruner: str, goes_on: bool) -> None:
    search = Search("study", changed(tune, trials=40, pruner=pruner), SPACE, epochs=9)
    answers = []
    for score in range(30, 0, -1):
        asked = search.ask()
        assert asked
        answers += [search.report(asked.name, epoch=e, score=score) for e in (1, 3, 9)]
        search.end(asked.name, done(float(score), (float(score),) * 9))
    assert all(answers) is goes_on


@pytest.mark.parametrize("strategy", ["bayes", "random", "grid", "gp"])
def test_the_space_of_a_course_gives_params_that_the_schema_takes(
    change: Callable[..., Params], strategy: str
) -> None:
    written = {key: searched.model_dump() for key, searched in COURSE.items()}
    params = change("tune.strategy", strategy, "tune.space", written, "tune.trials", 36)
    check_space(params)
    search = Search("study", params.tune, params.tune.space, epochs=12)
    tried = [with_values(params, values).train for values in run_all(search)]
    assert len(tried) == 36
    assert len({train.model_dump_json() for train in tried}) == 36
    assert {train.optim for train in tried} == {"sgd", "adamw_torch", "rmsprop"}
    assert {train.batch_size for train in tried} == {16, 32}
    assert {train.epochs for train in tried} == {10, 20, 30}
    assert all(1e-4 <= train.lr <= 5e-3 for train in tried)


@pytest.mark.parametrize(("pruner", "warmup"), [("median", 20), ("hyperband", 10)])
def test_trainings_of_other_lengths_are_compared_where_they_have_come_as_far(
    tune: Tune, pruner: str, warmup: int
) -> None:
    search = Search("study", changed(tune, trials=90, pruner=pruner), COURSE, epochs=12)
    short = {"train.optim": "sgd", "train.batch_size": 16, "train.epochs": 10.0}
    for lr in range(1, 21):  # one point a tenth, so that epoch 5 of 10 has 5
        search.put_first({**short, "train.lr": lr * 1e-4})
        asked = search.ask()
        assert asked
        search.end(asked.name, done(10.0, tuple(map(float, range(1, 11)))))
    search.put_first({**short, "train.lr": 3e-3, "train.epochs": 30.0})
    good = search.ask()
    assert good
    assert good.values["train.epochs"] == 30
    for epoch in range(1, 31):  # a bit better at each tenth; at each epoch it is far behind
        assert search.report(good.name, epoch=epoch, score=epoch / 3 + 0.1)
    search.put_first({**short, "train.lr": 4e-3, "train.epochs": 30.0})
    bad = search.ask()
    assert bad
    answers = [search.report(bad.name, epoch=e, score=e / 6) for e in range(1, 31)]
    assert not all(answers)
    assert all(answers[: warmup * 30 // 100 - 1])  # what comes first tells too little


def test_three_equal_failures_in_a_row_stop_the_search_and_others_do_not(tune: Tune) -> None:
    search = Search("study", changed(tune, trials=20), SPACE, epochs=3)

    def fail(reason: str) -> None:
        asked = search.ask()
        assert asked
        search.end(asked.name, WorkerMessage("failed", reason=reason, seconds=1.0))

    for reason in ("a", "b", "the loss became nan by step 10", "the loss became nan by step 7"):
        fail(reason)
    asked = search.ask()
    assert asked
    search.end(asked.name, done(10.0))
    fail("the loss became nan by step 3")
    fail("the loss became nan by step 4")
    with pytest.raises(UserError, match=r"3 trials in a row failed .* became nan by step 5"):
        fail("the loss became nan by step 5")
    fresh = Search("study", changed(tune, trials=20), SPACE, epochs=3)
    asked = fresh.ask()
    assert asked
    fresh.end(asked.name, WorkerMessage("failed", reason="the loss became nan by step 6"))
    assert len(fresh.spent()) == 9
    assert fresh.complete()[0].value == 10.0


def test_a_score_of_0_is_a_measurement(tune: Tune) -> None:
    settings = changed(tune, trials=8, pruner="median")
    search = Search("study", settings, SPACE, epochs=3)
    search.tell_known([known("run", {"train.lr": 1e-3, "train.batch_size": 8}, 0.0)])
    for _ in range(4):  # one more than the failures that stop a search
        asked = search.ask()
        assert asked
        assert search.report(asked.name, epoch=1.0, score=0.0)
        assert search.report(asked.name, epoch=2.0, score=0.0)
        search.end(asked.name, done(0.0, (0.0, 0.0, 0.0), warning="nothing was written"))
    again = Search("study", settings, SPACE, epochs=3)
    again.tell_known([known("run", {"train.lr": 1e-3, "train.batch_size": 8}, 0.0)])
    assert [trial.state.name for trial in again.trials()] == ["COMPLETE"] * 5
    assert [trial.value for trial in again.complete()] == [0.0] * 5
    assert [trial.number for trial in again.complete()] == [0, 1, 2, 3, 4]
    reasons = [trial.user_attrs.get("reason") for trial in again.complete()]
    assert reasons == [None, *["nothing was written"] * 4]
    assert len(again.spent()) == 4


@pytest.mark.parametrize("strategy", ["bayes", "gp", "random"])
def test_a_search_goes_on_where_everything_scores_0(tune: Tune, strategy: str) -> None:
    search = Search("study", changed(tune, trials=9, strategy=strategy), SPACE, epochs=3)
    tried = 0
    while asked := search.ask():
        search.end(asked.name, done(0.0))
        tried += 1
    assert tried == 9


def test_trials_of_another_machine_are_left_alone(tune: Tune) -> None:
    search = Search("study", changed(tune, trials=3), SPACE, epochs=3)
    asked = search.ask()
    assert asked
    search.running[asked.name].set_user_attr("owner", "another")
    assert Search("study", changed(tune, trials=3), SPACE, epochs=3).requeue_orphans() == 0


def test_the_experiments_of_a_study_have_names_that_can_be_typed(tune: Tune) -> None:
    search = Search("tune-ea3c63d5", changed(tune, trials=2), SPACE, epochs=3)
    asked = [search.ask(), search.ask()]
    assert [job and job.name for job in asked] == ["tune-ea3c-0", "tune-ea3c-1"]
    assert search.study.study_name == "tune-ea3c63d5"


def test_a_study_is_a_file_of_its_own(tune: Tune, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUNE_STORAGE")
    tried = run_all(Search("tune-1", changed(tune, trials=1), SPACE, epochs=3))
    assert [path.name for path in Path("data/studies").iterdir()] == ["tune-1.db"]
    again = Search("tune-1", changed(tune, trials=1), SPACE, epochs=3)
    assert [trial.params for trial in again.complete()] == tried
    assert Search("tune-2", changed(tune, trials=1), SPACE, epochs=3).trials() == []


def test_a_gp_that_is_sure_of_its_point_spends_the_budget_all_the_same(tune: Tune) -> None:
    space = {"train.lr": Range(low=1e-3, high=3e-2, log=True)}
    search = Search(
        "tune-0", changed(tune, strategy="gp", pruner="none", trials=12), space, epochs=3
    )
    asked = []
    while (one := search.ask()) is not None:
        asked.append(one.values["train.lr"])
        search.end(one.name, done(50 + 100 * float(str(one.values["train.lr"]))))
    assert len(set(asked)) == len(asked) == 12
