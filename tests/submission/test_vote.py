import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.rouge.rouge import Scorer
from stages.submission import check, vote
from stages.submission.vote import choose, gains

WORDS = Scorer("whitespace", "counts", "best")


def test_the_gain_is_the_mean_score_against_the_others() -> None:
    # "a b" and "a c" share one word of two, and no pair of words: (1/2 + 0 + 1/2) / 3 = 1/3;
    # "d" shares nothing with either.
    assert gains([["a b", "a c", "d"]], WORDS).tolist() == [[pytest.approx(1 / 6)] * 2 + [0.0]]


def test_the_candidate_nearest_to_the_others_is_chosen() -> None:
    assert choose([["d", "a c", "a b c"], ["x y", "x y", "z"]], WORDS) == [1, 0]


def test_of_two_candidates_the_first_is_chosen() -> None:
    assert choose([["a", "a b"], ["a b", "a"]], WORDS) == [0, 0]


def test_a_single_candidate_needs_no_scorer() -> None:
    assert choose([["a"], [""]], WORDS) == [0, 0]
    assert choose([], WORDS) == []


@given(st.lists(st.text("ab ", max_size=6), min_size=2, max_size=5))
def test_the_majority_wins(others: list[str]) -> None:
    candidates = [*others, *["c c d"] * (len(others) + 1)]
    assert candidates[choose([candidates], WORDS)[0]] == "c c d"


@pytest.mark.parametrize("module", [vote, check])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried > 0
    assert failed == 0
