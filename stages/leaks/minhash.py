"""MinHash-LSH: proposes pairs of sets that are probably similar, without comparing all pairs.

Two sets are proposed when, in one band at least, all of the band's minima over random orders of
the shingles agree; for sets of Jaccard index s that happens with probability 1 - (1 - s^r)^b
(Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4). Signatures and index are
datasketch's, with a fixed seed: the same rows give the same pairs.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scipy import sparse

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH

# Highest chance to miss a pair of exactly the threshold; closer pairs are missed more rarely.
_MISS = 0.01
_HASHES = 300
_SEED = 1


def likely_pairs(sets: sparse.csr_array, threshold: float) -> Iterator[tuple[int, int]]:
    """Yield (earlier row, later row) of a 0/1 matrix, row after row."""
    index = _empty_index(threshold)
    for row, signature in enumerate(_signatures(sets, index.h)):
        yield from ((earlier, row) for earlier in sorted(index.query(signature)))
        index.insert(row, signature)


def bands(threshold: float) -> tuple[int, int]:
    """Return (bands, rows of a band): as many rows as the allowed misses admit.

    More rows keep more of the unlike pairs out; 0.02 and less cannot be had at 1% of misses.

    >>> bands(0.2), bands(0.5)
    ((150, 2), (75, 4))
    """
    admitted = [
        rows for rows in range(1, _HASHES) if (1 - threshold**rows) ** (_HASHES // rows) <= _MISS
    ]
    rows = max(admitted, default=1)
    return _HASHES // rows, rows


def _empty_index(threshold: float) -> "MinHashLSH":
    from datasketch import MinHashLSH  # half a second, which few rows need

    count, rows = bands(threshold)
    return MinHashLSH(num_perm=count * rows, params=(count, rows))


def _signatures(sets: sparse.csr_array, hashes: int) -> Iterator["MinHash"]:
    from datasketch import MinHash

    # A shingle's column is a number of its own already: `int` hashes it without a collision.
    columns = (
        sets.indices[start:end].tolist()
        for start, end in zip(sets.indptr[:-1], sets.indptr[1:], strict=True)
    )
    yield from MinHash.generator(columns, num_perm=hashes, seed=_SEED, hashfunc=int)
