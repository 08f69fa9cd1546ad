"""Our two variants against the packages that they stand for, on the same tokens."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge import Rouge
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer

from stages.rouge.rouge import MEASURES, Scorer
from stages.rouge.tokenizers import tokenize
from stages.scoring.floors import FLOORS


class SameTokens:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def tokenize(self, text):
        return tokenize(text, self.tokenizer)


def google(predictions, references, tokenizer):
    scorer = RougeScorer(MEASURES, tokenizer=SameTokens(tokenizer))
    pairs = zip(predictions, references, strict=True)
    return np.array([[scorer.score(r, p)[m].fmeasure for m in MEASURES] for p, r in pairs])


def pltrdy(predictions, references, tokenizer):
    scorer = Rouge()
    given, wanted = (
        [" ".join(tokenize(text, tokenizer)) for text in texts]
        for texts in (predictions, references)
    )
    scored = scorer.get_scores(given, wanted)
    return np.array([[s[m]["f"] for m in ("rouge-1", "rouge-2", "rouge-l")] for s in scored])


def ours(variant, predictions, references, tokenizer):
    scorer = Scorer(tokenizer, variant, "average")
    return scorer.per_dialogue(predictions, [[reference] for reference in references])


PACKAGES = {"counts": google, "sets": pltrdy}
variants = pytest.mark.parametrize("variant", PACKAGES)


@pytest.fixture(scope="module")
def invented():
    """Texts of few words, so that they repeat, with stops in and between words."""
    draw = random.Random(3)
    words = ["가", "나", "다", "라", "#Person1#", "3.5", "네.", ".", "..", "마", "바"]

    def text():
        return " ".join(draw.choices(words, k=draw.randint(1, 30))) + " 가"

    return [text() for _ in range(300)], [text() for _ in range(300)]


@variants
@pytest.mark.parametrize("tokenizer", ["mecab", "whitespace", "character"])
def test_invented_texts_score_as_in_the_package(variant, tokenizer, invented):
    expected = PACKAGES[variant](*invented, tokenizer)
    assert np.abs(ours(variant, *invented, tokenizer) - expected).max() < 1e-9


@variants
@pytest.mark.parametrize("kind", [*FLOORS, "another summary"])
def test_499_real_predictions_score_as_in_the_package(variant, kind, dev_rows):
    references = [row["summary"] for row in dev_rows]
    if kind == "another summary":
        predictions = references[1:] + references[:1]
    else:
        predictions = [FLOORS[kind](row["dialogue"], "ko") for row in dev_rows]
    assert len(predictions) == 499
    expected = PACKAGES[variant](predictions, references, "mecab")
    assert np.abs(ours(variant, predictions, references, "mecab") - expected).max() < 1e-9


def test_best_is_score_multi():
    references = ["의사는 약을 권합니다.", "의사가 약을 먹으라고 합니다.", "네."]
    scorer = RougeScorer(MEASURES, tokenizer=SameTokens("mecab"))
    expected = scorer.score_multi(references, "의사는 약을 먹으라고 합니다.")
    scored = Scorer("mecab", "counts", "best").per_dialogue(
        ["의사는 약을 먹으라고 합니다."], [references]
    )
    assert scored[0] == pytest.approx([expected[m].fmeasure for m in MEASURES], abs=1e-9)


ENGLISH = RougeScorer(MEASURES, use_stemmer=True)


@pytest.mark.parametrize("kind", [*FLOORS, "another summary"])
@pytest.mark.parametrize("references", ["average", "best"])
def test_500_english_predictions_score_as_in_rouge_score(kind, references, english_rows):
    wanted = [[row[f"summary{i}"] for i in (1, 2, 3)] for row in english_rows]
    if kind == "another summary":
        predictions = [summaries[0] for summaries in wanted[1:] + wanted[:1]]
    else:
        predictions = [FLOORS[kind](row["dialogue"], "en") for row in english_rows]
    assert len(predictions) == 500
    combine = np.mean if references == "average" else np.max
    expected = [
        combine([[ENGLISH.score(one, p)[m].fmeasure for m in MEASURES] for one in several], axis=0)
        for p, several in zip(predictions, wanted, strict=True)
    ]
    scored = Scorer("english", "counts", references).per_dialogue(predictions, wanted)
    assert np.abs(scored - np.array(expected)).max() < 1e-9


IRREGULAR = (
    "dying",
    "ties",
    "skies",
    "news",
    "inning",
    "proceed",
    "exceeds",
    "happily",
    "relational",
)
ODD = ("Don't", "İzmir", "\u212aelvin", "café", "약국", "U.S.", "3.5%", "#Person1#", "was")
WORDS = st.sampled_from(IRREGULAR + ODD)


@given(st.lists(WORDS | st.text(), max_size=8).map(" ".join))
def test_any_text_has_the_tokens_of_rouge_score(text):
    tokens = DefaultTokenizer(use_stemmer=True).tokenize(text)
    assert list(tokenize(text, "english")) == tokens
