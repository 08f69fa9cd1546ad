"""Training rows whose summary may belong to another dialogue. They are reported, never changed."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from stages.leaks.shingles import shingle_sets

# Chosen on real rows. Of 2,000 Korean ones none is suspected, and 80% are once they are given the
# summary of the row before; of 12,460 English ones 60, and 93%.
_REACH = 3
_RATIO = 2.0
_MARGIN = 0.1


class Shift(NamedTuple):
    """A summary that fits a neighbouring dialogue far better than its own."""

    row: int
    neighbour: int
    own: float
    """How much of the summary its own dialogue says, 0 to 1."""
    other: float
    """How much of it the neighbour's dialogue says."""


def shared_summaries(
    dialogues: Sequence[Hashable], summaries: Sequence[Hashable]
) -> list[list[int]]:
    """Return the groups of rows with the same summary but different dialogues.

    >>> shared_summaries(["네", "아니요", "네"], ["가", "가", "나"])
    [[0, 1]]
    """
    rows_of = defaultdict(list)
    for row, summary in enumerate(summaries):
        rows_of[summary].append(row)
    return [rows for rows in rows_of.values() if len({dialogues[row] for row in rows}) > 1]


def shifted_summaries(dialogues: Sequence[str], summaries: Sequence[str]) -> list[Shift]:
    """Return the rows whose summary a dialogue at most three rows away says far more of.

    Both are bare texts (`stages.leaks.shingles.bare_text`).
    "How much" is the share of the summary's character 3-grams that the dialogue has, each weighted
    by its rarity, log((n + 1) / (dialogues that have it + 1)). A neighbour must have twice the own
    dialogue's share, and 0.1 more.
    """
    n = len(dialogues)
    sets = shingle_sets([*dialogues, *summaries])
    said, summarized = sets[:n], sets[n:]
    rarity = np.log((n + 1) / (np.bincount(said.indices, minlength=said.shape[1]) + 1))
    weighted = sparse.csr_array(
        (rarity[summarized.indices], summarized.indices, summarized.indptr), shape=summarized.shape
    )
    offsets = [offset for offset in range(-_REACH, _REACH + 1) if offset]
    own = _said_shares(weighted, said, 0)
    others = np.array([_said_shares(weighted, said, offset) for offset in offsets])
    best = others.max(axis=0)
    rows = np.flatnonzero((best >= _RATIO * own) & (best - own >= _MARGIN))
    nearest = others.argmax(axis=0)
    return [
        Shift(int(row), int(row) + offsets[nearest[row]], float(own[row]), float(best[row]))
        for row in rows
    ]


def _said_shares(
    weighted: sparse.csr_array, said: sparse.csr_array, offset: int
) -> NDArray[np.float64]:
    """Return how much of each row's summary the dialogue `offset` rows on says, `(rows,)`."""
    n = said.shape[0]
    rows = np.arange(max(0, -offset), min(n, n - offset))
    shares = np.zeros(n)
    whole = weighted.sum(axis=1)
    found = weighted[rows].multiply(said[rows + offset]).sum(axis=1)
    # A summary without one letter, or whose every shingle all dialogues have, says nothing.
    shares[rows] = np.divide(found, whole[rows], out=np.zeros(len(rows)), where=whole[rows] > 0)
    return shares
