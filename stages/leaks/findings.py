"""What a survey found, as rows of CSV files and as numbers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stages.leaks.survey import Leak, Survey

LEAK_COLUMNS = ("file", "id", "train_id", "similarity", "identical")
SUSPECT_COLUMNS = ("kind", "ids", "evidence")


class Query(NamedTuple):
    """A dev or test row that was compared with train."""

    split: str
    id: str
    dialogue: str


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
    for shift in survey.shifted:
        pair = f"{ids[shift.row]} {ids[shift.neighbour]}"
        shares = f"own dialogue {shift.own:.0%} of the first's summary, other {shift.other:.0%}"
        yield "shifted_summary", pair, shares


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
    return {
        "shared_summary": sum(map(len, survey.shared)),
        "shifted_summary": len(survey.shifted),
    }
