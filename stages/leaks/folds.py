"""Folds for cross-validation that no near-copy straddles, and rows that leave train.parquet."""

import random
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from pathlib import Path

from stages.command.errors import UserError
from stages.command.files import whole_file, write_table
from stages.dialogue.records import RecordWriter, iter_records, read_column
from stages.dialogue.repair.ledger import NEAR_COPY, Ledger, Tally
from stages.dialogue.repair.rules import Step
from stages.params import Clean


def deal_folds(draft: Path, groups: list[int], clean: Clean, tallies: dict[str, Tally]) -> None:
    """Write folds.csv and, if `clean.fold` names one of them, make its rows dev."""
    train = draft / "train.parquet"
    # Not train.seed: with another seed of training the folds stay, or their scores do not compare.
    folds = grouped_folds(groups, read_column(train, "topic"), clean.folds, seed=0)
    rows = zip(read_column(train, "id"), (fold + 1 for fold in folds), strict=True)
    write_table(draft / "folds.csv", ["id", "fold"], rows)
    if clean.fold:
        held_out = {row for row, fold in enumerate(folds) if fold + 1 == clean.fold}
        with whole_file(train) as rest, whole_file(draft / "dev.parquet") as dev:
            tallies["dev"] = hold_out(train, rest, dev, rows=held_out, tally=tallies["train"])


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


def take_out(
    train: Path, rest: Path, rows: Container[int], *, label: str, ledger: Ledger, tally: Tally
) -> None:
    """Write `train` into `rest` without some rows, given by position, and set these aside.

    `label` is what the ledger calls the file, or the files, that the rows come from.
    """
    with RecordWriter(rest) as kept:
        for row, record in enumerate(iter_records(train)):
            if row in rows:
                ledger.write(label, record.id, [Step(NEAR_COPY, record.dialogue, "")])
                tally.count_dropped()
            else:
                kept.write(record)


def hold_out(train: Path, rest: Path, dev: Path, *, rows: Container[int], tally: Tally) -> Tally:
    """Part the rows of `train`: some, given by position, into `dev`, the others into `rest`.

    Return the tally of dev; its lengths are those after the repair.
    """
    fold = Tally()
    with RecordWriter(rest) as kept, RecordWriter(dev) as held:
        for row, record in enumerate(iter_records(train)):
            if row in rows:
                held.write(record)
                tally.count_held_out()
                fold.count_read(record)
                fold.count_cleaned([], kept=True)
            else:
                kept.write(record)
    return fold
