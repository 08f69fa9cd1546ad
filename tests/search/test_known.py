from dataclasses import replace
from typing import Any

import pytest

from stages.comparison.measured import read_curve
from stages.experiments.listing import Experiment
from stages.experiments.lock_file import Lock
from stages.params import Choices, Params, Range, flatten
from stages.search.known import Known, Trainings, find_known
from stages.search.space import with_values
from stages.workers.messages import Job, training_key

SPACE = {
    "train.lr": Range(low=1e-4, high=1e-2, log=True),
    "train.batch_size": Choices(choices=[4, 8]),
}
HASHES = {"data/tokens": "1.dir", "data/clean/dev.parquet": "2"}


@pytest.fixture
def one(tiny: Params) -> Experiment:
    metrics: dict[str, Any] = {
        "metrics/evaluate.json": {"rouge_mean": 44.5},
        "metrics/train.json": {"epochs": 2.0, "weights": "abc"},
        "metrics/tokenize.json": {"train": {"rows": 30}},
    }
    return Experiment(
        name="grid-1",
        rev="1" * 40,
        kind="experiment",
        state="done",
        params=flatten(tiny.model_dump()),
        metrics=metrics,
        lock=Lock({}, {"train": HASHES}, {}),
        stale=False,
        created="2026-11-24T06:00:00",
        error="",
    )


def conditions(tiny: Params) -> dict[str, Any]:
    sections = ("tokenize.", "model.", "lora.", "prompt.", "train.", "generate.", "rouge.")
    sections = ("data.language", *sections)
    flat = flatten(tiny.model_dump()).items()
    return HASHES | {k: v for k, v in flat if k.startswith(sections) and k not in SPACE}


def known(*experiments: Experiment) -> Known:
    return Known(experiments, {}, HASHES)


def with_param(one: Experiment, key: str, value: Any) -> Experiment:
    return replace(one, name="other", params={**one.params, key: value})


def test_a_comparable_experiment_is_told_with_its_values(tiny: Params, one: Experiment) -> None:
    (found,), others = find_known(known(one), conditions(tiny), SPACE)
    assert found.source == "experiment grid-1"
    assert found.values == {"train.lr": 1e-3, "train.batch_size": 4}
    assert (found.score, found.examples) == (44.5, 60)
    assert others == {}


def test_the_workspace_is_the_present_params(tiny: Params, one: Experiment) -> None:
    here = replace(one, kind="workspace", name="workspace")
    found, _ = find_known(known(one, here), conditions(tiny), SPACE)
    assert [k.source for k in found] == ["present params", "experiment grid-1"]


def test_whole_numbers_and_floats_are_the_same_value(tiny: Params, one: Experiment) -> None:
    other = with_param(one, "train.epochs", 2)
    found, _ = find_known(known(other), conditions(tiny), SPACE)
    assert len(found) == 1


def test_what_is_not_comparable_is_named_with_the_reason(tiny: Params, one: Experiment) -> None:
    other_tokens = Lock({}, {"train": HASHES | {"data/tokens": "3.dir"}}, {})
    code = {"stages/model": "4.dir", "stages/command": "5.dir"}
    other_code = Lock({}, {"train": HASHES | code}, {})
    reasons = [
        (with_param(one, "train.epochs", 5), "train.epochs has 5, here 2.0"),
        (
            with_param(one, "rouge.tokenizer", "character"),
            "rouge.tokenizer has character, here mecab",
        ),
        (with_param(one, "data.language", "en"), "data.language has en, here ko"),
        (with_param(one, "train.lr", 0.5), "outside tune.space: train.lr 0.5, train.batch_size 4"),
        (
            with_param(one, "train.batch_size", 6),
            "outside tune.space: train.lr 0.001, train.batch_size 6",
        ),
        (replace(one, name="other", lock=other_tokens), "data/tokens differs"),
        (replace(one, name="other", lock=other_code), "stages/model differs"),
        (replace(one, name="other", stale=True), "its scores are older than its params or data"),
    ]
    for experiment, reason in reasons:
        found, others = find_known(known(experiment), conditions(tiny), SPACE)
        assert found == []
        assert others == {"other": reason}


def test_unfinished_experiments_say_nothing(tiny: Params, one: Experiment) -> None:
    queued = replace(one, state="queued", metrics={})
    assert find_known(known(queued), conditions(tiny), SPACE) == ([], {})


def test_a_training_is_done_by_one_job_at_a_time(tiny: Params) -> None:
    trainings = Trainings(known())
    greedy = Params.model_validate(
        tiny.model_dump() | {"generate": tiny.generate.model_dump() | {"num_beams": 1}}
    )
    assert trainings.job(Job("first", {}), tiny)
    assert trainings.job(Job("second", {}), greedy) is None


def test_a_training_that_was_done_is_decoded_by_many_jobs_at_a_time(
    tiny: Params, one: Experiment
) -> None:
    trainings = Trainings(known(one))
    trainings.entries[training_key(one.params)] = {"outs": []}
    for beams in (1, 2):
        params = with_values(tiny, {"generate.num_beams": beams})
        job = trainings.job(Job(f"job-{beams}", {}), params)
        assert job
        assert job.trained == {"outs": []}


def test_a_curve_is_read() -> None:
    assert read_curve(b"epoch,rouge_mean\n1.0,20.5\n1.75,21.0\n") == [(1.0, 20.5), (1.75, 21.0)]
    assert read_curve(None) == []
