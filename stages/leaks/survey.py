"""The leak guard: what train has of dev and test, what it repeats, which labels look wrong.

Training rows are read once, in blocks: a file of any length takes the memory of a block and of a
few numbers a row. Nothing is changed here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from stages.command.errors import UserError
from stages.dialogue.records import Record
from stages.leaks.near_copies import find_copies, group_copies
from stages.leaks.shingles import bare_text
from stages.leaks.suspects import Shift, shared_summaries, shifted_summaries

BLOCK_ROWS = 20_000
"""Rows whose shingles are held at a time; so many are also grouped without being asked to, for it
takes seconds. Beyond, the time grows with the square of the rows."""


class Leak(NamedTuple):
    """A dev or test row and a training row that is its near-copy, by their positions."""

    query: int
    row: int
    similarity: float
    """Jaccard index of the character 3-grams."""
    identical: bool
    """The same words in the same order, spacing of Korean included."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a training set; rows by their positions."""

    leaks: list[Leak]
    """By query, then by row."""
    groups: list[int] | None
    """The first near-copy of each row, itself where there is none before; None: not asked for."""
    shared: list[list[int]]
    """Rows that have one summary and different dialogues."""
    shifted: list[Shift]


def survey(
    train: Iterable[Record], queries: Sequence[str], *, threshold: float, grouped: bool
) -> Survey:
    """Compare training rows with the dialogues of dev and test.

    A summary that belongs to a neighbour is looked for within the block. Where a training row has
    several summaries, the first one counts.
    """
    asked = [bare_text(dialogue) for dialogue in queries]
    known: list[str] = []
    said: list[int] = []
    summarized: list[int] = []
    leaks: list[Leak] = []
    shifted: list[Shift] = []
    for block in _blocks(train):
        first = len(said)
        texts = [bare_text(record.dialogue) for record in block]
        leaks += (
            Leak(
                pair.query, first + pair.row, pair.similarity, asked[pair.query] == texts[pair.row]
            )
            for pair in find_copies(asked, texts, threshold)
        )
        summaries = [record.summaries[0] for record in block]
        shifted += (
            shift._replace(row=first + shift.row, neighbour=first + shift.neighbour)
            for shift in shifted_summaries(texts, [bare_text(summary) for summary in summaries])
        )
        # 64 bits stand for a text: among a million rows two would be confused once in 40 million
        # surveys.
        said += map(hash, texts)
        summarized += (hash(" ".join(summary.split())) for summary in summaries)
        if grouped:
            known += texts
    return Survey(
        leaks=sorted(leaks),
        groups=group_copies(known, threshold) if grouped else None,
        shared=shared_summaries(said, summarized),
        shifted=shifted,
    )


def _blocks(records: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(records)
    while block := list(islice(rest, BLOCK_ROWS)):
        yield block


def rows_to_drop(leaks: Iterable[Leak], *, rows: int, threshold: float) -> set[int]:
    """Return the training rows that leak dev or test.

    Raises `UserError` when they are more than half of the `rows`.
    """
    dropped = {leak.row for leak in leaks}
    # Copies are the exception: on real data 1.6% (Korean, 0.2) and 1.5% (English, 0.5). A threshold
    # that takes most rows tells apart languages or subjects, not copies.
    if 2 * len(dropped) > rows:
        raise UserError(
            f"{len(dropped)} of {rows} training rows are at least {threshold:g} similar to a dev "
            "or test row, and clean.leaks: drop would leave too few; raise clean.leak_threshold "
            "(0.2 suits Korean, 0.5 English), or set clean.leaks to keep"
        )
    return dropped
