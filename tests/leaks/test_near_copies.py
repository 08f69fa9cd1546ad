"""Near-copies: the shingles, exact search, MinHash-LSH, groups."""

import csv
import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.leaks.minhash import bands, likely_pairs
from stages.leaks.near_copies import (
    Batch,
    Pair,
    find_copies,
    group_copies,
    join_rows,
)
from stages.leaks.shingles import bare_text, shingle_sets

REAL = Path(__file__).resolve().parents[2] / "../shared/data"

# Few letters, so that texts share shingles; masks, blanks, capitals and marks that must not count.
TEXTS = st.lists(
    st.text(alphabet=st.sampled_from("가나다aB 7,!\n"), max_size=12)
    .map("#Person1#: {}".format)
    .map(bare_text),
    max_size=12,
)
THRESHOLDS = st.sampled_from([0.05, 0.2, 1 / 3, 0.5, 1.0])


def real_dialogues(language: str, split: str) -> dict[str, str]:
    path = REAL / language / f"{split}.csv"
    if not path.exists():
        pytest.skip(f"put {path.name} into ../shared/data/{path.parent.name}/ (CONTRIBUTING.md)")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["fname"]: row["dialogue"] for row in csv.DictReader(file)}


def bared(dialogues: dict[str, str]) -> dict[str, str]:
    return {identifier: bare_text(dialogue) for identifier, dialogue in dialogues.items()}


def brute_force(queries: list[str], corpus: list[str], threshold: float) -> list[Pair]:
    """Compare Python sets, by the definition of the Jaccard index."""

    def shingles(text: str) -> set[str]:
        letters = text.replace(" ", "")
        if 0 < len(letters) < 3:
            return {letters}
        return {letters[i : i + 3] for i in range(len(letters) - 2)}

    asked, known = [[shingles(text) for text in side] for side in (queries, corpus)]
    return [
        Pair(query, row, len(a & b) / len(a | b))
        for (query, a), (row, b) in product(enumerate(asked), enumerate(known))
        if a & b and len(a & b) / len(a | b) >= threshold
    ]


@pytest.mark.parametrize(
    ("dialogue", "bare"),
    [
        ("#Person1#: 안녕하세요.\n#Person2#: 네, 안녕!", "안녕하세요 네 안녕"),
        ("#Person1#: #PhoneNumber#로 #Email#을 주세요", "로 을 주세요"),
        ("#Person1#: 'R&B' 5%, $308", "r b 5 308"),
        ("#Person1#: # 하나와 # 둘", "하나와 둘"),
        ("#Person1#: ㅎㅎ", "ㅎㅎ"),
        ("#Person1#: ...\n#Person2#:", ""),
        ("", ""),
    ],
)
def test_bare_text_keeps_words_only(dialogue: str, bare: str) -> None:
    assert bare_text(dialogue) == bare


@pytest.mark.parametrize(
    ("one", "other", "similarity"),
    [
        # 오늘저·늘저녁·저녁에·녁에봐 against 오늘저·늘저녁·저녁먹·녁먹자: 2 of 6.
        ("오늘 저녁에 봐", "오늘 저녁 먹자", 2 / 6),
        # 내일봐·일봐요 against 내일봐: 1 of 2; neither speaker, spacing nor mark counts.
        ("#Person1#: 내일 봐요.", "#Person2#: 내 일봐!", 1 / 2),
        # 가나다·나다가·다가나 is the same set whichever of them comes first.
        ("가나다가나다", "나다가나다가", 1.0),
        # Under three letters the text is its own shingle.
        ("네", "네.", 1.0),
    ],
)
def test_similarity_derived_by_hand(one: str, other: str, similarity: float) -> None:
    first, second = [bare_text(one)], [bare_text(other)]
    assert find_copies(first, second, 0.01) == [Pair(0, 0, similarity)]
    assert find_copies(second, first, 0.01) == [Pair(0, 0, similarity)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("#Person1#: 네", "#Person1#: 아니"),
        ("네", "네네"),
        ("#Person1#: #Email#", "#Person1#: #Email#"),
        ("", ""),
    ],
)
def test_the_same_masks_and_empty_texts_are_no_copies(one: str, other: str) -> None:
    assert find_copies([bare_text(one)], [bare_text(other)], 0.01) == []


def test_a_pair_of_exactly_the_threshold_is_found() -> None:
    assert find_copies(["가나다라마"], ["가나다라바"], 0.5) == [Pair(0, 0, 0.5)]
    assert find_copies(["가나다라마"], ["가나다라바"], 0.51) == []


@given(queries=TEXTS, corpus=TEXTS, threshold=THRESHOLDS)
def test_exact_search_equals_brute_force(
    queries: list[str], corpus: list[str], threshold: float
) -> None:
    assert find_copies(queries, corpus, threshold) == brute_force(queries, corpus, threshold)


@given(queries=TEXTS, corpus=TEXTS, threshold=THRESHOLDS)
def test_similarity_is_symmetric(queries: list[str], corpus: list[str], threshold: float) -> None:
    swapped = [Pair(row, query, s) for query, row, s in find_copies(corpus, queries, threshold)]
    assert find_copies(queries, corpus, threshold) == sorted(swapped)


@given(corpus=TEXTS, threshold=THRESHOLDS)
def test_groups_join_the_pairs_of_brute_force(corpus: list[str], threshold: float) -> None:
    groups = list(range(len(corpus)))
    for pair in brute_force(corpus, corpus, threshold):
        old, new = sorted((groups[pair.query], groups[pair.row]), reverse=True)
        groups = [new if group == old else group for group in groups]
    assert group_copies(corpus, threshold) == groups


def test_rows_past_one_tile_and_one_chunk_keep_their_numbers() -> None:
    letters = [chr(ord("가") + i) for i in range(2500)]
    corpus = [f"{letter}일이삼" for letter in letters]
    queries = [corpus[0], corpus[1030], corpus[2499]]
    assert find_copies(queries, corpus, 0.9) == [Pair(0, 0, 1), Pair(1, 1030, 1), Pair(2, 2499, 1)]
    again = [*corpus, corpus[5], corpus[2300]]
    assert group_copies(again, 0.9) == [*range(2500), 5, 2300]


def batch(*pairs: tuple[int, int]) -> Batch:
    queries, rows = np.array(pairs, np.int32).reshape(-1, 2).T
    return Batch(queries, rows, np.ones(len(pairs)))


@pytest.mark.parametrize(
    "batches",
    [[batch((4, 5), (1, 3), (0, 3))], [batch((1, 3)), batch(), batch((4, 5)), batch((0, 3))]],
)
def test_groups_join_chains_and_are_named_by_their_first_row(batches: list[Batch]) -> None:
    assert join_rows(6, batches) == [0, 0, 2, 0, 4, 4]


def test_of_no_rows_there_are_no_groups() -> None:
    assert group_copies([], 0.2) == []


@given(
    pairs=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12),
    cut=st.integers(0, 12),
)
def test_groups_hold_every_pair_together_and_start_at_their_number(
    pairs: list[tuple[int, int]], cut: int
) -> None:
    groups = join_rows(10, [batch(*pairs[:cut]), batch(*pairs[cut:])])
    assert all(groups[one] == groups[other] for one, other in pairs)
    assert all(groups[group] == group <= row for row, group in enumerate(groups))
    assert len(set(groups)) >= 10 - len(pairs)


def mixed_copies(n: int) -> list[str]:
    """Return `n` texts, every second with a random part of the letters of the one before it."""
    chance = random.Random(1)
    texts: list[str] = []
    for number in range(n):
        text = [chr(ord("가") + chance.randrange(3000)) for _ in range(120)]
        if number % 2:
            kept = chance.randrange(20, 121)
            text[:kept] = texts[-1][:kept]
        texts.append("".join(text))
    return texts


@pytest.mark.parametrize("threshold", [0.2, 0.5])
def test_minhash_finds_99_percent_of_the_exact_pairs(
    threshold: float,
) -> None:
    texts = mixed_copies(600)
    every = find_copies(texts, texts, threshold)
    exact = {(pair.query, pair.row) for pair in every if pair.query < pair.row}
    proposed = set(likely_pairs(shingle_sets(texts), threshold))
    assert len(proposed & exact) >= 0.99 * len(exact) > 100


def test_minhash_proposes_the_same_pairs_again() -> None:
    sets = shingle_sets(mixed_copies(60))
    assert list(likely_pairs(sets, 0.2)) == list(likely_pairs(sets, 0.2))


@given(threshold=st.floats(0.02, 1.0))
@settings(max_examples=50)
def test_bands_miss_at_most_1_percent_at_the_threshold(threshold: float) -> None:
    count, rows = bands(threshold)
    assert (1 - threshold**rows) ** count <= 0.01


def test_above_so_many_rows_minhash_proposes_what_is_grouped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    corpus = mixed_copies(40)
    exact = group_copies(corpus, 0.5)
    assert len(set(exact)) < 40
    monkeypatch.setattr("stages.leaks.near_copies.EXACT_ROWS", 39)
    monkeypatch.setattr("stages.leaks.near_copies._multiply", None)
    assert group_copies(corpus, 0.5) == exact


@pytest.mark.parametrize(("split", "identical", "close"), [("dev", 52, 118), ("test", 1, 15)])
def test_english_leaks_are_the_published_ones(split: str, identical: int, close: int) -> None:
    """52 and 118 of dev and 15 of test are the competition's figures, counted apart from this."""
    corpus, queries = [
        list(bared(real_dialogues("en", file)).values()) for file in ("train", split)
    ]
    texts = set(corpus)
    assert sum(query in texts for query in queries) == identical
    assert len({pair.query for pair in find_copies(queries, corpus, 0.5)}) == close


def test_97_percent_of_the_korean_leaks_are_leaks_in_the_source_language() -> None:
    """Rows with the same id are translations: English, not translated twice, tells true copies."""
    korean = {split: bared(real_dialogues("ko", split)) for split in ("dev", "train")}
    pairs = find_copies(list(korean["dev"].values()), list(korean["train"].values()), 0.2)
    english = {split: bared(real_dialogues("en", split)) for split in ("dev", "train")}
    ids = {split: list(dialogues) for split, dialogues in korean.items()}
    sources = [
        (english["dev"][ids["dev"][pair.query]], english["train"][ids["train"][pair.row]])
        for pair in pairs
    ]
    assert len(pairs) == 29
    assert sum(bool(find_copies([one], [other], 0.3)) for one, other in sources) == 28
