"""ROUGE-1, -2 and -L for Korean: statistics of each dialogue first, then the score.

Two ways to count, because two packages are quoted as "ROUGE" and differ by points:

* `counts`: every occurrence of an n-gram counts, and ROUGE-L is the longest common subsequence of
  the whole texts, as in `rouge_score` 0.1.2 (Google's port of Lin 2004);
* `sets`: a repeated n-gram counts once, full stops only end sentences and ROUGE-L is the union of
  their common words, as in `rouge` 1.0.1, which the competition's baseline prints.

Nothing is read, written or drawn at random here: `scoring/intervals.py` says how sure a score is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from stages.command.errors import UserError
from stages.rouge.overlap import Ints, numbered, sentences, shared_ngrams, union_lcs
from stages.rouge.tokenizers import Tokenizer, tokenize, versions

Variant = Literal["counts", "sets"]
References = Literal["average", "best"]
Floats = NDArray[np.float64]

Tokens = tuple[str, ...]

MEASURES = ("rouge1", "rouge2", "rougeL")

_ROWS_AT_ONCE = 4096
"""Bounds the memory, and keeps the bigrams' keys below 2**63."""


@dataclass(frozen=True)
class Scorer:
    """A scorer is what it counts, how it counts, and what it makes of several references.

    >>> scorer = Scorer("mecab", "counts", "average")
    >>> scorer.per_dialogue(["의사는 쉬라고 합니다."], [["의사는 운동을 권합니다."]])
    array([[0.5, 0.2, 0.5]])
    """

    tokenizer: Tokenizer
    variant: Variant
    references: References
    """`average`: the mean over the references of each F1 (the competition's rule); `best`: the
    highest, each measure for itself (what `rouge_score`'s `score_multi` returns)."""

    def per_dialogue(
        self, predictions: Sequence[str], references: Sequence[Sequence[str]]
    ) -> Floats:
        """Return F1 from 0 to 1, `(dialogue, 3)` for ROUGE-1, -2 and -L.

        `references[i]` are the reference summaries of `predictions[i]`, one or more. A text without
        tokens scores 0. Raises `UserError` where nothing is given, or a dialogue has no reference.
        """
        _check(predictions, references)
        parts = [
            self._rows(predictions[i : i + _ROWS_AT_ONCE], references[i : i + _ROWS_AT_ONCE])
            for i in range(0, len(predictions), _ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)

    def signature(self, references: Sequence[Sequence[str]]) -> str:
        """Return all that must be equal before two scores are compared.

        >>> Scorer("mecab", "counts", "average").signature([["가"], ["나"]])
        'rouge|n:2|refs:1|references:average|variant:counts|tokenizer:mecab|mecab-ko:1.0...'
        """
        numbers = [len(summaries) for summaries in references]
        fewest, most = min(numbers), max(numbers)
        fields = {
            "n": str(len(numbers)),
            "refs": str(most) if fewest == most else f"{fewest}-{most}",
            "references": self.references,
            "variant": self.variant,
            "tokenizer": self.tokenizer,
        } | versions(self.tokenizer)
        return "|".join(["rouge", *(f"{field}:{value}" for field, value in fields.items())])

    def _rows(self, predictions: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
        numbers = [len(summaries) for summaries in references]
        given = [tokenize(text, self.tokenizer) for text in predictions]
        wanted = [tokenize(text, self.tokenizer) for text in chain.from_iterable(references)]
        rows = np.repeat(np.arange(len(given)), numbers)
        score = _counts if self.variant == "counts" else _sets
        by_pair = score(given, wanted, rows)
        first = np.cumsum([0, *numbers[:-1]])
        combined: Floats
        if self.references == "best":
            combined = np.maximum.reduceat(by_pair, first)
        else:
            combined = np.add.reduceat(by_pair, first) / np.array(numbers)[:, None]
        return combined


def rouge_mean(per_dialogue: Floats) -> float:
    """Return the competition's score: 100 times the mean of the three measures."""
    return 100 * float(per_dialogue.mean())


def scores(per_dialogue: Floats) -> dict[str, float]:
    """Return `rouge1`, `rouge2`, `rougeL` and `rouge_mean`, 0 to 100, of `(dialogue, 3)`."""
    means = (100 * per_dialogue.mean(axis=0)).tolist()
    return dict(zip(MEASURES, means, strict=True)) | {"rouge_mean": rouge_mean(per_dialogue)}


def _check(predictions: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if not predictions:
        raise UserError("there is nothing to score: no prediction was given")
    if len(predictions) != len(references):
        raise UserError(
            f"{len(predictions)} predictions cannot be scored against the references of "
            f"{len(references)} dialogues: each dialogue needs one prediction"
        )
    for row, summaries in enumerate(references):
        if not summaries:
            raise UserError(f"dialogue {row} (counted from 0) has no reference to score against")


def _counts(given: list[Tokens], wanted: list[Tokens], rows: Ints) -> Floats:
    """Return F1 of each text of `wanted` with the text of `given` whose place `rows` names."""
    numbers = numbered(given + wanted)
    left, right = numbers[: len(given)], numbers[len(given) :]
    single, double = (shared_ngrams(left, right, rows, n, distinct=False) for n in (1, 2))
    longest = single.copy()
    pairs = zip(rows.tolist(), wanted, strict=True)
    longest[:, 0] = [LCSseq.similarity(given[row], text) for row, text in pairs]
    return np.stack([_f1(shared) for shared in (single, double, longest)], axis=1)


def _sets(given: list[Tokens], wanted: list[Tokens], rows: Ints) -> Floats:
    texts = [sentences(tokens) for tokens in given + wanted]
    numbers = numbered([list(chain.from_iterable(text)) for text in texts])
    left, right = numbers[: len(given)], numbers[len(given) :]
    single, double = (shared_ngrams(left, right, rows, n, distinct=True) for n in (1, 2))
    longest = single.copy()
    pairs = zip(rows.tolist(), texts[len(given) :], strict=True)
    longest[:, 0] = [len(union_lcs(texts[row], text)) for row, text in pairs]
    # The package guards its division with this; equal texts score 1 - 5e-9.
    return np.stack([_f1(shared, 1e-8) for shared in (single, double, longest)], axis=1)


def _f1(shared: Ints, epsilon: float = 0.0) -> Floats:
    """Return F1 for rows of (in both, in the prediction, in the reference): 0 without overlap."""
    both, given, wanted = shared.T.astype(np.float64)
    precision, recall = both / np.maximum(given, 1), both / np.maximum(wanted, 1)
    total = np.where(both > 0, precision + recall + epsilon, 1)
    f1: Floats = 2 * precision * recall / total
    return f1
