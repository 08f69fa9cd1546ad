"""Folds for cross-validation that no near-copy straddles."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from stages.command.errors import UserError


def grouped_folds(groups: Sequence[int], topics: Sequence[str], k: int, seed: int) -> list[int]:
    """Return each row's fold, 0 to `k` - 1: no group in two of them, sizes and topics balanced.

    Topics are free text (7,434 of them in 12,460 rows), so only their first word counts: 호텔 예약
    and 호텔 객실 are one topic. The largest group comes first (Graham, "Bounds on Multiprocessing
    Timing Anomalies", 1969), each goes to the fold with the fewest rows of its topics among those
    with room for it. `seed` shuffles what is otherwise equal.

    >>> grouped_folds([0, 0, 1, 2], ["호텔 예약", "호텔 예약", "쇼핑", "호텔 객실"], k=2, seed=1)
    [0, 0, 1, 1]

    Raises `UserError` when the largest group is larger than a fold, or a fold stays empty.
    """
    rows_of = defaultdict(list)
    for row, group in enumerate(groups):
        rows_of[group].append(row)
    room = -(-len(groups) // k)
    largest = max(map(len, rows_of.values()), default=0)
    if largest > room:
        raise UserError(
            f"{largest} of {len(groups)} rows are near-copies of each other, too many for one of "
            f"{k} folds of {room} rows; raise clean.leak_threshold or lower clean.folds"
        )
    heads = [" ".join(topic.lower().split()[:1]) for topic in topics]
    fold_of = _place(_largest_first(list(rows_of.values()), heads, seed), heads, k=k, room=room)
    empty = k - len(set(fold_of.values()))
    if empty:
        raise UserError(
            f"{len(groups)} rows, in {len(rows_of)} groups of near-copies, leave {empty} of {k} "
            "folds empty; lower clean.folds"
        )
    return [fold_of[row] for row in range(len(groups))]


def _largest_first(members: list[list[int]], heads: Sequence[str], seed: int) -> list[list[int]]:
    random.Random(seed).shuffle(members)
    # Rows of one topic follow each other: dealt in turn they come to the same number in each fold.
    return sorted(members, key=lambda rows: (-len(rows), heads[rows[0]]))


def _place(
    members: Sequence[Sequence[int]], heads: Sequence[str], *, k: int, room: int
) -> dict[int, int]:
    sizes = [0] * k
    topics: list[Counter[str]] = [Counter() for _ in range(k)]
    fold_of: dict[int, int] = {}
    for rows in members:
        fitting = [fold for fold in range(k) if sizes[fold] + len(rows) <= room] or range(k)
        fold = min(
            fitting, key=lambda fold: (sum(topics[fold][heads[row]] for row in rows), sizes[fold])
        )
        sizes[fold] += len(rows)
        topics[fold].update(heads[row] for row in rows)
        fold_of.update((row, fold) for row in rows)
    return fold_of
