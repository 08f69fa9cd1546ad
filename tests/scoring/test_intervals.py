import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.scoring.intervals import interval, paired


def rows(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, 3))


def test_the_interval_is_the_normal_one_where_that_holds():
    # For the mean of 499 independent rows the percentile bootstrap tends to mean ± 1.96 standard
    # errors (central limit theorem); 10,000 resamples leave about 2% of the width to chance.
    per_dialogue = rows(499)
    means = per_dialogue.mean(axis=1)
    width = 1.96 * means.std() / np.sqrt(len(means))
    low, high = interval(per_dialogue)
    assert low == pytest.approx(100 * (means.mean() - width), abs=100 * 0.1 * width)
    assert high == pytest.approx(100 * (means.mean() + width), abs=100 * 0.1 * width)


def test_two_rows_are_resampled_as_a_fair_coin():
    # Both rows the same one: 1/4 + 1/4 of all resamples, so that 2.5% and 97.5% are the rows.
    assert interval(np.array([[0.0] * 3, [1.0] * 3])) == (0, 100)


def test_the_interval_of_one_row_is_that_row():
    assert interval(np.full((1, 3), 0.25)) == (25, 25)


def test_equal_input_gives_equal_bounds():
    assert interval(rows(50)) == interval(rows(50))
    assert paired(rows(50), rows(50, 1)) == paired(rows(50), rows(50, 1))


@pytest.mark.parametrize("n", [254, 255, 256, 257])
def test_the_last_row_is_drawn_as_often_as_any(n):
    # A share of 1/n, drawn n times: Poisson of mean 1, whose 97.5% point is 3 (98.1% lie at or
    # below 3, 92.0% at or below 2). Draws of 8 bits name 256 rows.
    per_dialogue = np.zeros((n, 3))
    per_dialogue[-1] = 1
    assert interval(per_dialogue) == pytest.approx((0, 300 / n))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_lies_among_the_rows(values):
    low, high = interval(np.repeat(np.array(values)[:, None], 3, axis=1))
    assert 100 * min(values) - 1e-9 <= low <= high <= 100 * max(values) + 1e-9


def test_a_run_does_not_differ_from_itself():
    assert paired(rows(99), rows(99)) == (0, 0, 0, 1)


def test_a_constant_advantage_is_certain():
    difference, low, high, p = paired(rows(99) + 0.01, rows(99))
    assert (difference, low, high) == pytest.approx((1, 1, 1))
    assert p < 0.001


def test_the_order_of_two_runs_only_turns_the_sign():
    there, back = paired(rows(99), rows(99, 1)), paired(rows(99, 1), rows(99))
    assert back == pytest.approx((-there.difference, -there.high, -there.low, there.p))


def test_p_is_that_of_the_normal_test_where_that_holds():
    # Differences of mean m and standard error s: p tends to 2 (1 - Φ(m / s)). Φ(1.5) = 0.93319.
    differences = np.random.default_rng(5).standard_normal(999)
    differences -= differences.mean()
    differences += 1.5 * differences.std() / np.sqrt(len(differences))
    a = np.repeat(differences[:, None], 3, axis=1)
    assert paired(a, np.zeros_like(a)).p == pytest.approx(2 * (1 - 0.93319), abs=0.02)


def test_runs_on_different_dialogues_are_not_paired():
    with pytest.raises(ValueError, match="9 and 8 dialogues"):
        paired(rows(9), rows(8))
