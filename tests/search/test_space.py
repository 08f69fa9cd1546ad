from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.params import Choices, Params, Range
from stages.search.space import (
    check_space,
    combinations,
    grid,
    inside,
    present_values,
    three_digits,
    with_values,
)

COURSE = {
    "train.optim": {"choices": ["sgd", "adamw_torch", "rmsprop"]},
    "train.lr": {"low": 1e-4, "high": 5e-3, "log": True},
    "train.batch_size": {"choices": [16, 32]},
    "train.epochs": {"low": 10, "high": 20, "step": 1},
}
"""The space of the course's page, translated."""

LR = Range(low=1e-4, high=1e-2, log=True)
BATCH = Choices(choices=[8, 16])


def with_space(params: Params, space: dict[str, Any]) -> Params:
    content = params.model_dump()
    content["tune"]["space"] = space
    return Params.model_validate(content)


def test_the_space_of_the_course_is_accepted(tiny: Params) -> None:
    check_space(with_space(tiny, COURSE))


def test_every_fault_of_a_space_is_in_one_message(tiny: Params) -> None:
    space = {
        "train.epcohs": {"low": 1, "high": 2},
        "tokenize.vocab_size": {"choices": [300, 400]},
        "train.lr": {"low": 1e-3, "high": 1e-4},
        "train.warmup_ratio": {"low": 0.0, "high": 0.5, "log": True},
        "train.batch_size": {"low": 1, "high": 8.5},
        "train.optim": {"choices": ["adam", "sgd"]},
        "train.dropout": {"choices": [0.1]},
        "model.d_model": {"low": 32, "high": 64, "step": 16},
        "model.name": {"choices": ["scratch"]},
        "train.seed": {"choices": [1, 2]},
        "generate.num_beams": {"choices": [0, 1, 1]},
    }
    with pytest.raises(UserError) as error:
        check_space(with_space(tiny, space))
    lines = str(error.value).splitlines()
    assert lines[0] == "params.yaml has 12 faults:"
    for part in (
        "train.epcohs: not a known key",
        "tokenize.vocab_size: not a key of train, model, lora or generate",
        "train.lr: the range is empty: low 0.001 is not below high 0.0001",
        "train.warmup_ratio: log needs a low above 0, not 0",
        "train.batch_size: high must be a whole number, not 8.5",
        "train.optim: should be 'adamw_torch'",
        "train.dropout: not a known key",
        "model.d_model: should be a multiple of 32, not 48",
        "model.name: cannot be searched",
        "train.seed: cannot be searched",
        "generate.num_beams: names 1 more than once",
        "generate.num_beams: should be greater than or equal to 1, not 0",
    ):
        assert any(part in line for line in lines), part


@pytest.mark.parametrize("key", ["train.warmup_ratio", "train.momentum"])
def test_a_step_that_makes_too_many_values_is_refused(tiny: Params, key: str) -> None:
    # Each was a list of ten billion numbers.
    params = with_space(tiny, {key: {"low": 0.0, "high": 0.5, "step": 1e-10}})
    with pytest.raises(UserError, match=r"step 1e-10 makes 5e\+09 values, at most 10000 .* 5e-05"):
        check_space(params)
    check_space(with_space(tiny, {key: {"low": 0.0, "high": 0.5, "step": 5.1e-5}}))


def test_whole_numbers_without_end_are_never_listed(tiny: Params) -> None:
    space = with_space(tiny, {"train.max_steps": {"low": 0, "high": 1e9}}).tune.space
    assert combinations(space) is None
    assert len(combinations(space, points=3) or []) == 3


def test_an_empty_space_is_refused(tiny: Params) -> None:
    with pytest.raises(UserError, match="is empty"):
        check_space(with_space(tiny, {}))


def test_keys_of_the_scratch_model_are_refused_for_a_pretrained_one(
    change: Callable[..., Params],
) -> None:
    params = with_space(
        change("model.name", "digit82/kobart-summarization"), {"model.layers": {"choices": [1, 2]}}
    )
    with pytest.raises(UserError, match="no effect on digit82/kobart-summarization"):
        check_space(params)


def test_values_go_in_and_come_out(tiny: Params) -> None:
    values = {"train.lr": 0.5, "generate.num_beams": 3}
    assert present_values(with_values(tiny, values), list(values)) == values


@pytest.mark.parametrize(
    ("values", "is_inside"),
    [
        ({"train.lr": 1e-4, "train.batch_size": 8}, True),
        ({"train.lr": 1e-2, "train.batch_size": 16}, True),
        ({"train.lr": 2e-2, "train.batch_size": 8}, False),
        ({"train.lr": 1e-3, "train.batch_size": 4}, False),
        ({"train.lr": None, "train.batch_size": 8}, False),
    ],
)
def test_inside_looks_at_ends_and_choices(values: dict[str, Any], is_inside: bool) -> None:
    assert inside({"train.lr": LR, "train.batch_size": BATCH}, values) is is_inside


def test_inside_looks_at_steps() -> None:
    space = {"train.dropout": Range(low=0.0, high=0.3, step=0.1)}
    assert inside(space, {"train.dropout": 0.3})  # three times 0.1 is a bit more
    assert not inside(space, {"train.dropout": 0.15})


def test_combinations_of_a_finite_space_are_all_of_it() -> None:
    space = {"train.batch_size": BATCH, "train.epochs": Range(low=1, high=2, step=0.5)}
    assert combinations(space) == [
        {"train.batch_size": size, "train.epochs": epochs}
        for size in (8, 16)
        for epochs in (1.0, 1.5, 2.0)
    ]


def test_a_range_without_steps_is_endless() -> None:
    assert combinations({"train.lr": LR}) is None


def test_a_grid_takes_as_many_points_of_a_range_as_the_trials_suffice_for() -> None:
    points = grid({"train.lr": LR, "train.batch_size": BATCH}, trials=6)
    assert [p["train.lr"] for p in points[::2]] == [1e-4, 1e-3, 1e-2]
    assert len(points) == 6


def test_a_grid_of_too_many_combinations_is_refused() -> None:
    space = {"train.batch_size": Range(low=1, high=200), "model.layers": Range(low=1, high=200)}
    with pytest.raises(UserError, match="more than 10000 combinations"):
        grid(space, trials=10)


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_three_digits_are_near_and_stay_as_they_are(value: float) -> None:
    rounded = three_digits(value)
    assert rounded == pytest.approx(value, rel=5.1e-3)
    assert three_digits(rounded) == rounded
