"""How searches are counted; the trainings themselves take hours."""

import pytest

from benchmarks.search_methods import learning_rates, rounded
from benchmarks.search_steps import Step, best, cost_to_reach

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
