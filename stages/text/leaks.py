"""Near-copies: which dialogues say nearly the same, between two files or inside one.

Similarity is the Jaccard index of the dialogues' character 3-grams (`stages.text.shingles`),
|A and B| / |A or B|, and exact in every pair that is returned. Up to `EXACT_ROWS` rows no pair is
missed either; above, MinHash-LSH proposes the pairs (`stages.text.minhash`) and may miss 1%.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from stages.text.minhash import likely_pairs, likely_pairs_within
from stages.text.shingles import bare_text, shingle_sets

EXACT_ROWS = 100_000
# Rows of either side in one matrix product: a million intersections at a time.
_TILE = 1024


class Pair(NamedTuple):
    """Two near-copies, by their positions."""

    query: int
    row: int
    similarity: float
    """Jaccard index, above 0 and up to 1."""


def find_copies(queries: Sequence[str], corpus: Sequence[str], threshold: float) -> list[Pair]:
    """Return every (query, row of the corpus) at least as similar as `threshold` (above 0), sorted.

    >>> find_copies(["#Person1#: 내일 봐요."], ["#Person1#: 네.", "#Person2#: 내일 봐!"], 0.2)
    [Pair(query=0, row=1, similarity=0.5)]
    """
    sets = shingle_sets([bare_text(dialogue) for dialogue in chain(queries, corpus)])
    asked, known = sets[: len(queries)], sets[len(queries) :]
    if len(corpus) > EXACT_ROWS:
        return verified_pairs(likely_pairs(asked, known, threshold), asked, known, threshold)
    return exact_pairs(asked, known, threshold)


def find_copies_within(corpus: Sequence[str], threshold: float) -> list[Pair]:
    """Return every two rows at least as similar as `threshold` (above 0), the earlier as query."""
    sets = shingle_sets([bare_text(dialogue) for dialogue in corpus])
    if len(corpus) > EXACT_ROWS:
        return verified_pairs(likely_pairs_within(sets, threshold), sets, sets, threshold)
    return exact_pairs_within(sets, threshold)


def group_copies(n: int, pairs: Sequence[Pair]) -> list[int]:
    """Return the group of each of `n` rows: the first row that a chain of pairs joins it with.

    >>> group_copies(4, [Pair(1, 2, 0.9), Pair(2, 3, 0.4)])
    [0, 1, 1, 1]
    """
    joined = ([pair.query for pair in pairs], [pair.row for pair in pairs])
    graph = sparse.coo_array((np.ones(len(pairs), bool), joined), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, first_rows = np.unique(labels, return_index=True)
    groups: list[int] = first_rows[labels].tolist()
    return groups


def exact_pairs(
    queries: sparse.csr_array, corpus: sparse.csr_array, threshold: float
) -> list[Pair]:
    """Compare all rows of two 0/1 matrices with the same columns."""
    tiles = dict.fromkeys(range(0, corpus.shape[0], _TILE), queries.shape[0])
    return _multiply(queries, corpus, threshold, tiles=tiles)


def exact_pairs_within(sets: sparse.csr_array, threshold: float) -> list[Pair]:
    """Compare all rows of one 0/1 matrix."""
    tiles = {row: row + _TILE for row in range(0, sets.shape[0], _TILE)}
    pairs = _multiply(sets, sets, threshold, tiles=tiles)
    return [pair for pair in pairs if pair.query < pair.row]


def verified_pairs(
    likely: Iterable[tuple[int, int]],
    queries: sparse.csr_array,
    corpus: sparse.csr_array,
    threshold: float,
) -> list[Pair]:
    """Keep the proposed pairs that are as similar as the threshold, with their exact similarity."""
    sizes = _sizes(queries), _sizes(corpus)
    pairs: list[Pair] = []
    for batch in _batches(likely):
        asked, known = batch.T
        shared = queries[asked].multiply(corpus[known]).sum(axis=1)
        pairs += _similar(asked, known, shared, sizes[0][asked] + sizes[1][known], threshold)
    return sorted(pairs)


def _multiply(
    queries: sparse.csr_array,
    corpus: sparse.csr_array,
    threshold: float,
    *,
    tiles: Mapping[int, int],
) -> list[Pair]:
    """Compare the rows from each key of `tiles` on with the queries before its value."""
    query_sizes, row_sizes = _sizes(queries), _sizes(corpus)

    def pairs_of(row: int, end: int) -> list[Pair]:
        known = corpus[row : row + _TILE].T.tocsr()
        pairs: list[Pair] = []
        for first in range(0, end, _TILE):
            shared = (queries[first : min(first + _TILE, end)] @ known).tocoo()
            asked, rows = shared.coords[0] + first, shared.coords[1] + row
            pairs += _similar(
                asked, rows, shared.data, query_sizes[asked] + row_sizes[rows], threshold
            )
        return pairs

    # SciPy lets the other threads run while it multiplies.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return sorted(chain.from_iterable(threads.map(pairs_of, tiles.keys(), tiles.values())))


def _similar(
    queries: NDArray[np.int32],
    rows: NDArray[np.int32],
    shared: NDArray[np.int32],
    sizes: NDArray[np.int32],
    threshold: float,
) -> Iterator[Pair]:
    """Yield the pairs whose `shared` shingles, of the `sizes` of both added up, are enough."""
    similarity = shared / (sizes - shared)
    kept = similarity >= threshold
    columns = (values[kept].tolist() for values in (queries, rows, similarity))
    return map(Pair._make, zip(*columns, strict=True))


def _sizes(sets: sparse.csr_array) -> NDArray[np.int32]:
    sizes: NDArray[np.int32] = np.diff(sets.indptr)
    return sizes


def _batches(pairs: Iterable[tuple[int, int]]) -> Iterator[NDArray[np.int64]]:
    rest = iter(pairs)
    while batch := list(islice(rest, 16 * _TILE)):
        yield np.array(batch)
