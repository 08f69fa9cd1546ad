"""Golden values. Each expected fraction is derived by hand in the comment beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.rouge.rouge import Scorer, rouge_mean, scores

WORDS = Scorer("whitespace", "counts", "average")
SETS = Scorer("whitespace", "sets", "average")
MECAB = Scorer("mecab", "counts", "average")


def f1(overlap: int, given: int, wanted: int) -> float:
    return 2 * overlap / (given + wanted)


COUNTS = [
    # a b c against a b d: unigrams a, b of 3 and 3; bigrams "a b" of 2 and 2; longest a b.
    ("a b c", "a b d", (f1(2, 3, 3), f1(1, 2, 2), f1(2, 3, 3))),
    # Order counts for 2 and L only: every unigram, no bigram, a subsequence of 1.
    ("c b a", "a b c", (1, 0, f1(1, 3, 3))),
    # Occurrences count: min(3, 2) = 2 of 3 and 2; bigrams min(2, 1) = 1 of 2 and 1.
    ("a a a", "a a", (f1(2, 3, 2), f1(1, 2, 1), f1(2, 3, 2))),
    # A subsequence may have gaps: a c e of 3 and 5; no bigram is shared.
    ("a c e", "a b c d e", (f1(3, 3, 5), 0, f1(3, 3, 5))),
    # One word has no bigram.
    ("a", "a", (1, 0, 1)),
    ("a b", "c d", (0, 0, 0)),
    ("", "a b", (0, 0, 0)),
    ("a b", "", (0, 0, 0)),
    ("", "", (0, 0, 0)),
    (".", "a b .", (f1(1, 1, 3), 0, f1(1, 1, 3))),
]

SET_VALUES = [
    # Repetitions count once: {a} in both; bigrams {aa} in both.
    ("a a a", "a a", (1, 1, 1)),
    # Lin 2004, section 3.2: of the reference w1…w5, two candidate sentences have w1 w2 and
    # w1 w3 w5; the union is 4 of 5 words; the candidate has 8 different words.
    # Unigrams: the same 4. Bigrams: only "1 2" of the candidate's 9 and the reference's 4.
    ("1 2 6 7 8 . 1 3 8 9 5", "1 2 3 4 5", (f1(4, 8, 5), f1(1, 9, 4), f1(4, 8, 5))),
    # A full stop is no word.
    ("a . b", "a b", (1, 1, 1)),
    ("", "a b", (0, 0, 0)),
    (".", "a b .", (0, 0, 0)),
    ("a b", ".", (0, 0, 0)),
    (". .", "a", (0, 0, 0)),
]


@pytest.mark.parametrize(("prediction", "reference", "expected"), COUNTS)
def test_counts(prediction, reference, expected):
    assert WORDS.per_dialogue([prediction], [[reference]])[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("prediction", "reference", "expected"), SET_VALUES)
def test_sets(prediction, reference, expected):
    assert SETS.per_dialogue([prediction], [[reference]])[0] == pytest.approx(expected, abs=1e-7)


def test_one_korean_pair_by_hand():
    # 의사 는 운동 을 권장 합니다 . (7) against 의사 는 약 을 권장 합니다 . (7): 6 shared, in order;
    # of 6 bigrams each "의사 는", "을 권장", "권장 합니다", "합니다 ." are shared.
    scored = MECAB.per_dialogue(["의사는 운동을 권장합니다."], [["의사는 약을 권장합니다."]])
    assert scored[0] == pytest.approx((6 / 7, 4 / 6, 6 / 7), abs=1e-12)


@pytest.mark.parametrize("scorer", [MECAB, WORDS, Scorer("mecab", "sets", "best")])
def test_different_summaries_with_the_same_tags_are_not_equal(scorer):
    # rouge_score's own tokenizer keeps [a-z0-9] and gives these 1.0.
    scored = scorer.per_dialogue(["#Person1#은 병원에 갑니다."], [["#Person1#은 책을 삽니다."]])
    assert (scored < 0.9).all()


@pytest.mark.parametrize("variant", ["counts", "sets"])
@pytest.mark.parametrize("prediction", ["", ".", " \n", "!?…", "#Person1#"])
def test_poor_predictions_score_low_and_crash_nothing(prediction, variant):
    scored = Scorer("mecab", variant, "average").per_dialogue(
        [prediction], [["의사가 쉬라고 한다"]]
    )
    assert (scored == 0).all()


def test_references_are_averaged_or_the_best_one_taken():
    references = [["a b c", "a x y", "z"], ["a"]]
    predictions = ["a b c", "b"]
    average = WORDS.per_dialogue(predictions, references)
    best = Scorer("whitespace", "counts", "best").per_dialogue(predictions, references)
    assert average == pytest.approx(np.array([[(1 + 1 / 3) / 3, 1 / 3, (1 + 1 / 3) / 3], [0] * 3]))
    assert best == pytest.approx(np.array([[1, 1, 1], [0, 0, 0]]))


def test_best_is_taken_for_each_measure_by_itself():
    # "b a c d" wins on unigrams (4 of 4 against 3 of 3), "a b" on bigrams: 2·1/(3+1) = 1/2.
    best = Scorer("whitespace", "counts", "best").per_dialogue(["a b c d"], [["d c b a", "a b"]])
    assert best[0] == pytest.approx((1, f1(1, 3, 1), f1(2, 4, 2)))


def test_the_score_is_a_hundred_times_the_mean():
    per_dialogue = np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 0.0]])
    assert scores(per_dialogue) == pytest.approx(
        {"rouge1": 50, "rouge2": 50, "rougeL": 0, "rouge_mean": 100 / 3}
    )
    assert rouge_mean(per_dialogue) == pytest.approx(100 / 3)


@pytest.mark.parametrize("scorer", [WORDS, SETS])
def test_more_rows_than_are_scored_at_once_score_as_in_parts(scorer):
    predictions = [f"a b {i % 7} c {i % 5}" for i in range(5000)]
    references = [[f"b {i % 3} c", f"a {i % 5}"][: 1 + i % 2] for i in range(5000)]
    parts = [scorer.per_dialogue(predictions[k::2], references[k::2]) for k in (0, 1)]
    whole = scorer.per_dialogue(predictions, references)
    assert np.array_equal(whole[0::2], parts[0])
    assert np.array_equal(whole[1::2], parts[1])


def test_the_signature_names_all_that_a_score_depends_on():
    signature = MECAB.signature([["a", "b"], ["c"]])
    assert signature.startswith(
        "rouge|n:2|refs:1-2|references:average|variant:counts|tokenizer:mecab|mecab-ko:"
    )
    assert WORDS.signature([["a"]]) == (
        "rouge|n:1|refs:1|references:average|variant:counts|tokenizer:whitespace"
    )


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        ([], [], "nothing to score"),
        (["a"], [["a"], ["b"]], "1 predictions .* 2 dialogues"),
        (["a", "b"], [["a"], []], "dialogue 1 .* no reference"),
    ],
)
def test_what_cannot_be_scored_is_said_in_a_sentence(predictions, references, message):
    with pytest.raises(UserError, match=message):
        WORDS.per_dialogue(predictions, references)


texts = st.lists(st.sampled_from(["가", "나", "다", ".", "#Person1#", "3.5"]), max_size=12).map(
    " ".join
)
variants = st.sampled_from([WORDS, SETS])


@given(texts, texts, variants)
def test_f1_lies_between_0_and_1(prediction, reference, scorer):
    scored = scorer.per_dialogue([prediction], [[reference]])
    assert ((scored >= 0) & (scored <= 1)).all()


@given(texts.map("가 나 ".__add__), variants)
def test_equal_texts_score_1(text, scorer):
    assert scorer.per_dialogue([text], [[text]])[0] == pytest.approx(1, abs=1e-8)


@given(texts, texts)
def test_counts_are_symmetric(one, other):
    there, back = WORDS.per_dialogue([one, other], [[other], [one]])
    assert there == pytest.approx(back, abs=1e-12)


@given(st.lists(st.tuples(texts, st.lists(texts, min_size=1, max_size=3)), min_size=2), variants)
def test_rows_do_not_depend_on_their_neighbours(rows, scorer):
    predictions, references = zip(*rows, strict=True)
    forward = scorer.per_dialogue(predictions, references)
    backward = scorer.per_dialogue(predictions[::-1], references[::-1])
    assert np.array_equal(forward, backward[::-1])
