"""Which of several summaries of a dialogue to hand in: the one nearest to all the others.

Minimum Bayes risk (Kumar & Byrne 2004, "Minimum Bayes-Risk Decoding for Statistical Machine
Translation") over the summaries of several models, all models counting the same (Kobayashi 2018,
"Frustratingly Easy Model Ensemble for Abstractive Summarization"); the gain is the project's ROUGE.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from stages.rouge.rouge import Floats, Scorer

_DIGITS = 9
"""Gains that differ by less are equal: the order of a sum alone makes a difference of 1e-16."""


def choose(candidates: Sequence[Sequence[str]], scorer: Scorer) -> list[int]:
    """Return for each dialogue the place of the candidate with the least risk.

    `candidates[i]` are the summaries of dialogue `i`, as many for each; of equals the first wins.

    >>> scorer = Scorer("mecab", "counts", "average")
    >>> choose([["네.", "의사는 쉬라고 합니다.", "의사가 쉬라고 합니다."]], scorer)
    [1]

    Of two candidates always the first: each is as near to the other.
    """
    if not candidates or len(candidates[0]) == 1:
        return [0] * len(candidates)
    chosen: list[int] = gains(candidates, scorer).round(_DIGITS).argmax(axis=1).tolist()
    return chosen


def gains(candidates: Sequence[Sequence[str]], scorer: Scorer) -> Floats:
    """Return each candidate's mean ROUGE against the others, 0 to 1, `(dialogue, candidate)`."""
    others = [
        [other for j, other in enumerate(summaries) if j != i]
        for summaries in candidates
        for i in range(len(summaries))
    ]
    average = replace(scorer, references="average")
    per_candidate = average.per_dialogue(list(chain.from_iterable(candidates)), others)
    mean: Floats = np.reshape(per_candidate.mean(axis=1), (len(candidates), -1))
    return mean
