"""How searches are counted; the trainings themselves take hours."""

import pytest

from benchmarks.search_methods import learning_rates, rounded
from benchmarks.search_picture import picture, summed_up
from benchmarks.search_ratios import confirmed, cost, ended
from benchmarks.search_steps import Step, best, cost_to_reach, mean_best

STEPS = [
    Step({"train.lr": 1e-3}, 100, 40.0),
    Step({"train.lr": 2e-3}, 130, None),
    Step({"train.lr": 3e-3}, 230, 50.0),
]


def test_the_table_has_the_grids_learning_rates_and_one_between_any_two() -> None:
    grid, table = learning_rates(6), learning_rates(11)
    assert table[::2] == grid
    assert (grid[0], grid[-1]) == (1e-4, 5e-3)


@pytest.mark.parametrize(("asked", "trained"), [(1.2e-4, 1e-4), (1.25e-4, 1.48e-4), (9.0, 5e-3)])
def test_a_learning_rate_becomes_the_nearest_by_its_logarithm(asked: float, trained: float) -> None:
    values = rounded({"train.lr": asked, "train.batch_size": 8}, learning_rates(11))
    assert values == {"train.lr": trained, "train.batch_size": 8}


def test_a_score_costs_all_that_was_spent_before_it_pruned_trials_too() -> None:
    assert cost_to_reach(STEPS, 50.0) == 230
    assert cost_to_reach(STEPS, 50.1) is None
    assert best(STEPS).spent == 230
    assert best(STEPS, within=229).spent == 100


def test_the_mean_of_the_best_begins_where_every_run_has_a_score() -> None:
    later = [Step({}, 50, None), Step({}, 150, 44.0)]
    assert mean_best([STEPS, later]) == {150: 42.0, 230: 47.0}


def step(lr: float, spent: int, dev: float | None) -> Step:
    return Step({"train.lr": lr, "train.batch_size": 8}, spent, dev)


METHODS = ("grid", "random", "cold", "warm", "pruned", "ours")


def test_the_picture_says_when_ours_is_as_good_as_the_grid_but_for_noise() -> None:
    slow = [step(1e-3, 100, 40.0), step(2e-3, 400, 60.0)]
    ours = [step(1e-3, 40, 58.5), step(2e-3, 80, None), step(3e-3, 400, 60.0)]
    runs = {name: [ours if name == "ours" else slow] for name in METHODS}
    found = summed_up(runs, 400, noise=2.0)
    assert (found.grid, found.reached, found.ended) == (60.0, 0.1, 1.0)
    assert summed_up(runs, 400, noise=1.0).reached == 1.0
    assert [p["kind"] for p in found.points if p["method"] == "ours"] == [
        *("tried", "ended early", "its best"),
    ]
    drawn = picture(found, low=1e-4, high=5e-3, batches=[8, 16])
    assert "The grid's best, within noise, at 0.10 of its cost" in drawn
    assert picture(found, low=1e-4, high=5e-3, batches=[8, 16]) == drawn


def test_what_everything_costs_is_the_search_and_its_confirmation() -> None:
    grid = [step(1e-3, 500, 40.0), step(2e-3, 1000, 60.0)]
    runs = [[step(1e-3, 100, 58.5), step(2e-3, 300, 61.0)], [step(1e-3, 500, 58.0)]]
    assert (cost(runs, grid).ratio, cost(runs, grid).ours) == (0.65, "300, never")
    assert ended(runs, grid).ratio == 0.4
    assert confirmed(runs, grid, training=100).ratio == pytest.approx(800 / 1400, abs=1e-3)
    assert confirmed(runs, grid, training=100).ours == "800 examples, 0.80 of the grid alone"
