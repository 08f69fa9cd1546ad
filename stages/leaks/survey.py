"""The leak guard: what train has of dev and test, what it repeats, whose summaries it shares.

Training rows are read once, in blocks: a file of any length takes the memory of a block and of a
few numbers a row. Nothing is changed here.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from stages.command.errors import UserError
from stages.command.files import write_table
from stages.dialogue.records import Record, iter_records, read_column
from stages.leaks.near_copies import find_copies, group_copies
from stages.leaks.shingles import bare_text

LEAK_COLUMNS = ("file", "id", "train_id", "similarity", "identical")
SUSPECT_COLUMNS = ("kind", "ids", "evidence")

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


class Query(NamedTuple):
    """A dev or test row that was compared with train."""

    split: str
    id: str
    dialogue: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a training set; rows by their positions."""

    leaks: list[Leak]
    """By query, then by row."""
    groups: list[int] | None
    """The first near-copy of each row, itself where there is none before; None: not asked for."""
    shared: list[list[int]]
    """Rows that have one summary and different dialogues."""


def survey(
    train: Iterable[Record], queries: Sequence[str], *, threshold: float, grouped: bool
) -> Survey:
    """Compare training rows with the dialogues of dev and test.

    Where a training row has several summaries, the first one counts.
    """
    asked = [bare_text(dialogue) for dialogue in queries]
    known: list[str] = []
    said: list[int] = []
    summarized: list[int] = []
    leaks: list[Leak] = []
    for block in _blocks(train):
        first = len(said)
        texts = [bare_text(record.dialogue) for record in block]
        leaks += (
            Leak(
                pair.query, first + pair.row, pair.similarity, asked[pair.query] == texts[pair.row]
            )
            for pair in find_copies(asked, texts, threshold)
        )
        # 64 bits stand for a text: among a million rows two would be confused once in 40 million
        # surveys.
        said += map(hash, texts)
        summarized += (hash(" ".join(record.summaries[0].split())) for record in block)
        if grouped:
            known += texts
    return Survey(
        leaks=sorted(leaks),
        groups=group_copies(known, threshold) if grouped else None,
        shared=shared_summaries(said, summarized),
    )


def _blocks(records: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(records)
    while block := list(islice(rest, BLOCK_ROWS)):
        yield block


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
            "(auto is 0.2 for Korean, 0.5 for English), or set clean.leaks to keep"
        )
    return dropped


def write_findings(draft: Path, found: Survey, queries: list[Query]) -> None:
    """Write leaks.csv and suspects.csv."""
    train = draft / "train.parquet"
    ids = read_column(train, "id")
    first_rows = {rows[0] for rows in found.shared}
    summaries = {
        row: " ".join(record.summaries[0].split())
        for row, record in enumerate(iter_records(train))
        if row in first_rows
    }
    write_table(draft / "leaks.csv", LEAK_COLUMNS, leak_rows(found.leaks, queries, ids))
    write_table(draft / "suspects.csv", SUSPECT_COLUMNS, suspect_rows(found, ids, summaries))


def leak_rows(
    leaks: Sequence[Leak], queries: Sequence[Query], ids: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield a row of `LEAK_COLUMNS` for every pair; `ids` are those of the training rows."""
    for leak in leaks:
        query = queries[leak.query]
        identical = "yes" if leak.identical else "no"
        yield f"{query.split}.csv", query.id, ids[leak.row], f"{leak.similarity:.4f}", identical


def suspect_rows(
    survey: Survey, ids: Sequence[str], summaries: Mapping[int, str]
) -> Iterator[tuple[str, ...]]:
    """Yield a row of `SUSPECT_COLUMNS` for every suspicion.

    `summaries` are those of the rows in `survey.shared`, or of the first row of each group.
    """
    for rows in survey.shared:
        yield "shared_summary", " ".join(ids[row] for row in rows), summaries[rows[0]]


def leak_facts(
    leaks: Sequence[Leak], queries: Sequence[Query], threshold: float
) -> dict[str, dict[str, int | None]]:
    """Count for each split the rows with a near-copy, the pairs, and how close they are.

    `at_half` are the rows with a near-copy of 0.5 or more; None where none below the threshold was
    looked for.
    """
    facts = {}
    for split in dict.fromkeys(query.split for query in queries):
        found = [leak for leak in leaks if queries[leak.query].split == split]
        at_half = {leak.query for leak in found if leak.similarity >= 0.5}
        facts[split] = {
            "rows": len({leak.query for leak in found}),
            "pairs": len(found),
            "identical": len({leak.query for leak in found if leak.identical}),
            "at_half": len(at_half) if threshold <= 0.5 else None,
        }
    return facts


def copy_facts(groups: Sequence[int] | None) -> dict[str, int | None]:
    """Count the groups of near-copies, the rows in them, and those in the largest."""
    if groups is None:
        return {"groups": None, "rows": None, "largest": None}
    sizes = [size for size in Counter(groups).values() if size > 1]
    return {"groups": len(sizes), "rows": sum(sizes), "largest": max(sizes, default=0)}


def suspect_facts(survey: Survey) -> dict[str, int]:
    """Count the training rows under suspicion, by kind."""
    return {"shared_summary": sum(map(len, survey.shared))}
