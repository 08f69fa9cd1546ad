import math
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState, create_trial

from stages.search.patience import FEWEST, is_settled

PRUNED, FAILED = "pruned", "failed"


def trial(outcome: float | str, *, told: bool = False) -> FrozenTrial:
    state = {PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}.get(
        str(outcome), TrialState.COMPLETE
    )
    # Optuna gives a pruned trial the value of its last epoch, however high that is.
    value = {PRUNED: 99.0, FAILED: None}.get(str(outcome), outcome)
    return create_trial(state=state, value=value, user_attrs={"told": told})  # type: ignore[arg-type]


def settled(outcomes: Sequence[float | str], *, patience: int = 3) -> bool:
    return is_settled(map(trial, outcomes), patience=patience)


BEGUN = [10.0, 20.0, 30.0, 40.0, 50.0]


def test_a_search_goes_on_until_the_last_few_brought_nothing() -> None:
    assert not settled([*BEGUN, 49.0, PRUNED])
    assert settled([*BEGUN, 49.0, PRUNED, 50.0])
    assert not settled([*BEGUN, 49.0, PRUNED, 50.0, 51.0])


def test_a_failed_trial_says_nothing() -> None:
    assert not settled([*BEGUN, 49.0, PRUNED, FAILED, FAILED])


def test_the_first_few_are_waited_for() -> None:
    assert not settled([50.0, *[PRUNED] * (FEWEST - 2)])
    assert settled([50.0, *[PRUNED] * (FEWEST - 1)])


def test_told_trials_bring_scores_and_use_up_no_patience() -> None:
    told = [trial(50.0 - i, told=True) for i in range(FEWEST)]
    assert not is_settled(told, patience=3)
    assert not is_settled([*told, *map(trial, [PRUNED] * 2)], patience=3)
    assert is_settled([*told, *map(trial, [PRUNED] * 3)], patience=3)


def test_a_trial_that_ends_last_is_the_last_whatever_its_number() -> None:
    ended = [trial(score) for score in [*BEGUN, 90.0, 49.0, 48.0, 47.0]]
    late = ended[5]
    early, last = ended[4].datetime_complete, ended[-1].datetime_complete
    assert early
    assert last
    late.datetime_complete = last + timedelta(minutes=1)
    assert not is_settled(ended, patience=3)
    late.datetime_complete = early
    assert is_settled(ended, patience=3)


OUTCOMES = st.lists(st.one_of(st.floats(0, 100), st.sampled_from([PRUNED, FAILED])), max_size=20)


@given(OUTCOMES, st.integers(1, 6))
def test_a_settled_search_has_its_best_before_the_last_few(
    outcomes: list[float | str], patience: int
) -> None:
    assert not settled(outcomes, patience=0)
    if settled(outcomes, patience=patience):
        ended = [-math.inf if one == PRUNED else float(one) for one in outcomes if one != FAILED]
        assert len(ended) >= FEWEST
        assert max(ended[-patience:]) <= max(ended[:-patience], default=-math.inf)


@pytest.mark.parametrize("patience", [1, 5])
def test_more_patience_never_ends_earlier(patience: int) -> None:
    outcomes: list[float | str] = [*BEGUN, PRUNED, 40.0, 52.0, PRUNED, PRUNED, 51.0, PRUNED, 50.0]

    def ends(n: int) -> int:
        lengths = range(1, len(outcomes) + 1)
        return next((i for i in lengths if settled(outcomes[:i], patience=n)), len(outcomes) + 1)

    assert ends(patience) <= ends(patience + 1)
