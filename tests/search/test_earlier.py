from dataclasses import replace
from typing import Any

import pytest

from stages.experiments.listing import Experiment
from stages.experiments.lock_file import Lock
from stages.params import Choices, Params, Range, Value, flatten
from stages.search.conditions import conditions_of
from stages.search.earlier import POINTS, best_elsewhere
from stages.search.known import Known

SPACE = {
    "train.lr": Range(low=1e-4, high=1e-2, log=True),
    "train.batch_size": Choices(choices=[4, 8]),
}
HERE = {"data/tokens": "1.dir", "data/clean/dev.parquet": "2", "stages/model": "3.dir"}
FEWER = HERE | {"data/tokens": "4.dir"}
OLDER = HERE | {"stages/model": "5.dir"}


class Lab:
    """Experiments, each a minute newer than the one before."""

    def __init__(self, params: Params) -> None:
        self.params = flatten(params.model_dump())
        self.experiments: list[Experiment] = []

    def add(
        self, score: float | None, files: dict[str, str], lr: float, **changed: Value
    ) -> Experiment:
        n = len(self.experiments)
        changes = {key.replace("__", "."): value for key, value in changed.items()}
        metrics: dict[str, Any] = {"metrics/evaluate.json": {"rouge_mean": score}} if score else {}
        self.experiments.append(
            Experiment(
                name=f"run-{n}",
                rev=f"{n:040}",
                kind="experiment",
                state="done" if score else "failed",
                params={**self.params, "train.lr": lr, **changes},
                metrics=metrics,
                lock=Lock({}, {"train": files}, {}),
                stale=False,
                created=f"2026-11-24T06:{n:02}:00",
                error="",
            )
        )
        return self.experiments[-1]

    def found(self) -> list[Value]:
        here = replace(self.add(1.0, HERE, 1e-3), kind="workspace")
        conditions = conditions_of(self.experiments.pop(), SPACE)
        known = Known([*self.experiments, here], {}, HERE)
        return [values["train.lr"] for values in best_elsewhere(known, conditions, SPACE).values()]


@pytest.fixture
def lab(tiny: Params) -> Lab:
    return Lab(tiny)


def test_the_best_of_fewer_data_are_tried_first(lab: Lab) -> None:
    for score, lr in [(30.0, 5e-4), (44.0, 2e-3), (41.0, 1e-3), (20.0, 8e-3)]:
        lab.add(score, FEWER, lr)
    assert lab.found() == [2e-3, 1e-3][:POINTS]


def test_of_several_searches_each_gives_its_best_the_newest_first(lab: Lab) -> None:
    lab.add(60.0, OLDER, 4e-3)
    lab.add(50.0, OLDER, 5e-3)
    lab.add(30.0, FEWER, 1e-3)
    lab.add(20.0, FEWER, 2e-3)
    assert lab.found() == [1e-3, 4e-3]


def test_seeds_of_a_point_are_averaged_and_are_no_other_conditions(lab: Lab) -> None:
    for seed, score in enumerate([40.0, 60.0]):
        lab.add(score, FEWER, 2e-3, train__seed=seed)
    lab.add(55.0, FEWER, 3e-3)
    lab.add(58.0, HERE, 5e-3, train__seed=7)
    lab.add(57.0, HERE, 6e-3, train__seed=7)
    lab.add(10.0, FEWER, 9e-3)
    lab.add(11.0, FEWER, 8e-3)
    assert lab.found() == [3e-3, 2e-3]
    best, worse = lab.experiments[:2]
    for kind, one in [("commit", best), ("workspace", best)]:  # the same run, listed again
        lab.experiments.append(replace(one, kind=kind, name=kind))
    lab.experiments.append(replace(worse, params={**worse.params, "train.seed": 5}))
    assert lab.found() == [3e-3, 2e-3]


def test_the_worse_half_of_a_search_and_what_scores_nothing_is_not_tried(lab: Lab) -> None:
    lab.add(50.0, FEWER, 2e-3)
    lab.add(40.0, FEWER, 3e-3)
    for lr in (4e-3, 5e-3, 6e-3):
        lab.add(0.0, OLDER, lr)
    assert lab.found() == [2e-3]


def test_a_few_runs_that_came_later_stand_behind_a_whole_search(lab: Lab) -> None:
    for score, lr in [(40.0, 2e-3), (50.0, 3e-3), (45.0, 4e-3), (10.0, 1e-4)]:
        lab.add(score, OLDER, lr)
    for score, lr in [(1.1, 8e-3), (1.0, 9e-3)]:
        lab.add(score, FEWER, lr)
    assert lab.found() == [3e-3, 8e-3]


def test_experiments_that_are_older_than_a_key_are_of_the_same_model(lab: Lab) -> None:
    for score, lr in [(40.0, 2e-3), (30.0, 3e-3)]:
        one = lab.add(score, OLDER, lr)
        del one.params["model.quantize"]  # type: ignore[attr-defined]
    assert lab.found() == [2e-3]


def test_one_point_alone_is_not_the_best_of_any(lab: Lab) -> None:
    lab.add(60.0, FEWER, 4e-3)
    lab.add(None, FEWER, 5e-3)  # without a score
    assert lab.found() == []


def test_of_another_model_or_outside_of_the_space_nothing_is_taken(lab: Lab) -> None:
    for key in ("model__d_model", "model__name", "lora__rank"):
        for lr in (1e-3, 2e-3):
            lab.add(60.0, FEWER, lr, **{key: 8 if key != "model__name" else "other"})
    for lr in (1e-3, 2e-3):
        lab.add(60.0, FEWER, lr, train__batch_size=6)
    lab.add(60.0, FEWER, 0.5)
    assert lab.found() == []


def test_what_was_scored_here_is_told_and_not_tried(lab: Lab) -> None:
    for lr in (1e-3, 2e-3):
        lab.add(60.0, HERE, lr)
    assert lab.found() == []
