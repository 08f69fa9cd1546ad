"""Folds: no group in two, sizes and topics balanced, the same again."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.leaks.folds import grouped_folds

# Groups of one to three rows of three topics.
GROUPS = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(["호텔 예약", "쇼핑", ""])),
    min_size=9,
    max_size=40,
).map(
    lambda groups: (
        [group for group, (size, _) in enumerate(groups) for _ in range(size)],
        [topic for size, topic in groups for _ in range(size)],
    )
)


@given(rows=GROUPS, k=st.integers(2, 3), seed=st.integers(0, 3))
def test_folds_partition_the_rows_and_split_no_group(
    rows: tuple[list[int], list[str]], k: int, seed: int
) -> None:
    groups, topics = rows
    folds = grouped_folds(groups, topics, k, seed)
    assert len(folds) == len(groups)
    assert set(folds) == set(range(k))
    assert len(set(zip(groups, folds, strict=True))) == len(set(groups))


@given(rows=GROUPS, k=st.integers(2, 3), seed=st.integers(0, 3))
def test_a_fold_is_at_most_one_group_too_large(
    rows: tuple[list[int], list[str]], k: int, seed: int
) -> None:
    groups, topics = rows
    sizes = Counter(grouped_folds(groups, topics, k, seed)).values()
    assert max(sizes) <= len(groups) / k + max(Counter(groups).values())


@given(
    topics=st.lists(st.sampled_from(["쇼핑", "여행", "진료", "학교"]), min_size=5, max_size=60),
    k=st.integers(2, 5),
)
def test_without_copies_sizes_and_topics_differ_by_one_row(topics: list[str], k: int) -> None:
    folds = grouped_folds(range(len(topics)), topics, k, seed=1)
    for topic in {None, *topics}:
        counts = Counter(f for f, t in zip(folds, topics, strict=True) if topic in (None, t))
        assert max(counts.values()) - min(counts[fold] for fold in range(k)) <= 1


def test_topics_with_the_same_first_word_count_as_one() -> None:
    folds = grouped_folds(range(4), ["호텔 예약", "호텔 객실", "쇼핑", "쇼핑 계획"], 2, seed=1)
    assert folds[0] != folds[1]
    assert folds[2] != folds[3]


def test_the_seed_alone_decides_between_equals() -> None:
    topics = [f"주제{number}" for number in range(30)]
    first = grouped_folds(range(30), topics, 5, seed=1)
    assert grouped_folds(range(30), topics, 5, seed=1) == first
    shopping = ["쇼핑"] * 30
    assert grouped_folds(range(30), shopping, 5, seed=1) != grouped_folds(range(30), shopping, 5, 2)


def test_a_group_larger_than_a_fold_is_refused() -> None:
    with pytest.raises(
        UserError, match=r"4 of 6 rows are near-copies .* raise clean.leak_threshold"
    ):
        grouped_folds([0, 0, 0, 0, 1, 2], ["쇼핑"] * 6, 3, seed=1)


def test_folds_that_groups_cannot_fill_are_refused() -> None:
    with pytest.raises(UserError, match=r"leave 1 of 3 folds empty; lower clean\.folds"):
        grouped_folds([0, 0, 1, 1], ["쇼핑"] * 4, 3, seed=1)
