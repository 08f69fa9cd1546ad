"""Training rows leave train.parquet: near-copies of dev and test, or the rows of a fold."""

from collections.abc import Container
from pathlib import Path

from stages.dialogue.records import RecordWriter, iter_records
from stages.dialogue.repair.ledger import NEAR_COPY, Ledger, Tally
from stages.dialogue.repair.rules import Step


def take_out(
    train: Path, rest: Path, rows: Container[int], *, ledger: Ledger, tally: Tally
) -> None:
    """Write `train` into `rest` without some rows, given by position, and set these aside."""
    with RecordWriter(rest) as kept:
        for row, record in enumerate(iter_records(train)):
            if row in rows:
                ledger.write("train.csv", record.id, [Step(NEAR_COPY, record.dialogue, "")])
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
                fold.count_read(record, "train.csv")
                fold.count_cleaned([], kept=True)
            else:
                kept.write(record)
    return fold
