"""Near-copies: which texts say nearly the same, between two files or inside one.

Texts are bare (`stages.leaks.shingles.bare_text`). Similarity is the Jaccard index of their
character 3-grams, |A and B| / |A or B|, and exact in every pair that is returned.
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

from stages.leaks.minhash import likely_pairs
from stages.leaks.shingles import shingle_sets

EXACT_ROWS = 100_000
"""Up to so many rows all are compared with each other; above, where that grows with the square of
the rows, MinHash-LSH proposes the pairs and may miss 1%."""
# Rows of either side in one matrix product: a million intersections at a time.
_TILE = 1024


class Pair(NamedTuple):
    """Two near-copies, by their positions."""

    query: int
    row: int
    similarity: float
    """Jaccard index, above 0 and up to 1."""


class Batch(NamedTuple):
    """Many pairs, a field of them in each array: a list of `Pair` takes ten times the memory."""

    queries: NDArray[np.int32]
    rows: NDArray[np.int32]
    similarities: NDArray[np.float64]


def find_copies(queries: Sequence[str], corpus: Sequence[str], threshold: float) -> list[Pair]:
    """Return every (query, row of the corpus) at least as similar as `threshold` (above 0), sorted.

    >>> find_copies(["내일 봐요"], ["네", "내일 봐"], 0.2)
    [Pair(query=0, row=1, similarity=0.5)]
    """
    asked, known = _sets(queries, corpus)
    tiles = dict.fromkeys(range(0, len(corpus), _TILE), len(queries))
    return _sorted_pairs(_multiply(asked, known, threshold, tiles=tiles))


def group_copies(texts: Sequence[str], threshold: float) -> list[int]:
    """Return each text's group: the first text that a chain of near-copies joins it with.

    >>> group_copies(["네", "내일 봐요", "내일 봐", "내일 봐라"], 0.5)
    [0, 1, 1, 1]
    """
    sets = shingle_sets(texts)
    if len(texts) > EXACT_ROWS:
        return join_rows(len(texts), _verify(likely_pairs(sets, threshold), sets, threshold))
    tiles = {row: row + _TILE for row in range(0, len(texts), _TILE)}
    return join_rows(len(texts), _multiply(sets, sets, threshold, tiles=tiles))


def join_rows(n: int, batches: Iterable[Batch]) -> list[int]:
    """Return the group of each of `n` rows: the first row that a chain of pairs joins it with."""
    groups = np.arange(n)
    for batch in batches:
        # What is joined by now, as a pair of each row, and the new pairs: `n` and a batch, however
        # many pairs there are in all.
        joined = (
            np.concatenate([np.arange(n), batch.queries]),
            np.concatenate([groups, batch.rows]),
        )
        graph = sparse.coo_array((np.ones(len(joined[0]), bool), joined), shape=(n, n))
        _, labels = connected_components(graph, directed=False)
        _, first_rows = np.unique(labels, return_index=True)
        groups = first_rows[labels]
    numbers: list[int] = groups.tolist()
    return numbers


def _sets(
    queries: Sequence[str], corpus: Sequence[str]
) -> tuple[sparse.csr_array, sparse.csr_array]:
    sets = shingle_sets([*queries, *corpus])
    return sets[: len(queries)], sets[len(queries) :]


def _sorted_pairs(batches: Iterable[Batch]) -> list[Pair]:
    rows = (zip(*(field.tolist() for field in batch), strict=True) for batch in batches)
    return sorted(map(Pair._make, chain.from_iterable(rows)))


def _verify(
    likely: Iterable[tuple[int, int]], sets: sparse.csr_array, threshold: float
) -> Iterator[Batch]:
    """Keep the proposed pairs that are as similar as the threshold."""
    sizes = _sizes(sets)
    for proposed in _batches(likely):
        earlier, later = proposed.T
        shared = sets[earlier].multiply(sets[later]).sum(axis=1)
        yield _similar(earlier, later, shared, sizes[earlier] + sizes[later], threshold)


def _multiply(
    queries: sparse.csr_array,
    corpus: sparse.csr_array,
    threshold: float,
    *,
    tiles: Mapping[int, int],
) -> Iterator[Batch]:
    """Compare the rows from each key of `tiles` on with the queries before its value."""
    query_sizes, row_sizes = _sizes(queries), _sizes(corpus)

    def compare(row: int, end: int) -> list[Batch]:
        known = corpus[row : row + _TILE].T.tocsr()
        batches = []
        for first in range(0, end, _TILE):
            shared = (queries[first : min(first + _TILE, end)] @ known).tocoo()
            asked, rows = shared.coords[0] + first, shared.coords[1] + row
            sizes = query_sizes[asked] + row_sizes[rows]
            batches.append(_similar(asked, rows, shared.data, sizes, threshold))
        return batches

    # SciPy lets the other threads run while it multiplies.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for batches in threads.map(compare, tiles.keys(), tiles.values()):
            if batches:
                yield Batch(*map(np.concatenate, zip(*batches, strict=True)))


def _similar(
    queries: NDArray[np.int32],
    rows: NDArray[np.int32],
    shared: NDArray[np.int32],
    sizes: NDArray[np.int32],
    threshold: float,
) -> Batch:
    """Return the pairs whose `shared` shingles, of the `sizes` of both added up, are enough."""
    similarities = shared / (sizes - shared)
    kept = similarities >= threshold
    return Batch(queries[kept], rows[kept], similarities[kept])


def _sizes(sets: sparse.csr_array) -> NDArray[np.int32]:
    sizes: NDArray[np.int32] = np.diff(sets.indptr)
    return sizes


def _batches(pairs: Iterable[tuple[int, int]]) -> Iterator[NDArray[np.int64]]:
    rest = iter(pairs)
    while batch := list(islice(rest, 16 * _TILE)):
        yield np.array(batch)
