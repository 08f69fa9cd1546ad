"""How sure a score is: bootstrap intervals from the statistics of each dialogue.

No text is scored again: a resample only weighs the dialogues anew.
"""

from typing import NamedTuple

import numpy as np

from stages.rouge.rouge import Floats

RESAMPLES = 10_000
SEED = 20221128

_DRAWS_AT_ONCE = 100_000
"""Few enough for the processor's cache: a third faster than all at once."""


class Paired(NamedTuple):
    """What two runs on the same dialogues differ by, in points of `rouge_mean`."""

    difference: float
    """The first minus the second."""
    low: float
    high: float
    p: float
    """Share of resamples that would differ as much if the runs were equally good."""


def interval(per_dialogue: Floats) -> tuple[float, float]:
    """Return the 95% percentile bootstrap interval of `rouge_mean`, 0 to 100.

    `per_dialogue` is `(dialogue, 3)`, F1 from 0 to 1, as `Scorer.per_dialogue` returns it. The seed
    is fixed: equal input gives equal bounds (Efron & Tibshirani 1993, chapter 13).
    """
    low, high = np.percentile(_resampled_means(per_dialogue.mean(axis=1)), (2.5, 97.5))
    return 100 * float(low), 100 * float(high)


def paired(a: Floats, b: Floats) -> Paired:
    """Compare two runs on the same dialogues, in the same order, by a paired bootstrap.

    Two-sided: `p` is the share of resamples whose difference lies as far from the observed one as
    the observed one from 0, the observed one counted in (Koehn 2004; Riezler & Maxwell 2005; as
    sacrebleu does). Raises `ValueError` where the runs have different numbers of dialogues.
    """
    if a.shape != b.shape:
        raise ValueError(f"runs of {len(a)} and {len(b)} dialogues cannot be paired")
    by_dialogue = (a - b).mean(axis=1)
    difference = float(by_dialogue.mean())
    means = _resampled_means(by_dialogue)
    low, high = np.percentile(means, (2.5, 97.5))
    as_far = int(np.count_nonzero(np.abs(means - difference) >= abs(difference)))
    return Paired(
        100 * difference, 100 * float(low), 100 * float(high), (as_far + 1) / (RESAMPLES + 1)
    )


def _resampled_means(values: Floats) -> Floats:
    n = len(values)
    rng = np.random.default_rng(SEED)
    at_once = max(1, min(RESAMPLES, _DRAWS_AT_ONCE // n))
    means = np.empty(RESAMPLES)
    for start in range(0, RESAMPLES, at_once):
        stop = min(start + at_once, RESAMPLES)
        # 16 bits a draw, where they suffice, take a fifth of the time of 64.
        drawn = rng.integers(n, size=(stop - start, n), dtype=np.min_scalar_type(n).type)
        means[start:stop] = values[drawn].mean(axis=1)
    return means
