"""Real leaderboard results beside the experiments, and which local score foretells them."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from stages.command.errors import UserError
from stages.command.files import as_written, write_table
from stages.experiments.git import tracked_text
from stages.paths import LEADERBOARD

FEWEST = 3
"""Results below which no rank correlation is given: two points are always in order or reversed."""


@dataclass(frozen=True)
class LeaderboardResult:
    """What the leaderboard said of one experiment, 0 to 100."""

    name: str
    rev: str
    """The revision that was submitted: a name can be given again."""
    date: str
    """Day on which it was written down, ISO 8601."""
    public: float
    private: float | None
    """Unknown until the competition ends."""
    note: str


def read_results(path: Path = LEADERBOARD) -> list[LeaderboardResult]:
    """Read the table; none where there is no file."""
    text = (tracked_text(path) or "").removeprefix("\ufeff")
    header, *rows = csv.reader(io.StringIO(text, newline="")) if text else [[]]
    names = [column.name for column in fields(LeaderboardResult)]
    if text and header != names:
        raise UserError(f"{path}: the header is not {','.join(names)}; write it so, in this order")
    return [
        _result(cells, place=f"{path}, row {number}")
        for number, cells in enumerate(rows, start=1)
        if cells
    ]


def write_results(results: Sequence[LeaderboardResult], path: Path = LEADERBOARD) -> None:
    """Write the table, in the order in which results came in."""
    rows = [["" if value is None else value for value in astuple(one)] for one in results]
    write_table(path, [column.name for column in fields(LeaderboardResult)], rows)


def check_score(text: str) -> float:
    """Return a leaderboard score, or raise `UserError`: it is a number from 0 to 100."""
    try:
        score = float(text)
    except ValueError:
        score = float("nan")
    if not 0 <= score <= 100:
        raise UserError(f"a leaderboard score is a number from 0 to 100, such as 47.12, not {text}")
    return score


def spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return the rank correlation, -1 to 1; None where one side never changes.

    Equal values share their mean rank (Spearman 1904).

    >>> spearman([40.1, 42.0, 41.5], [46.0, 47.3, 47.9])
    0.5
    """
    from scipy.stats import spearmanr  # imported here: it takes a second

    if len(set(a)) == 1 or len(set(b)) == 1:
        return None
    return float(spearmanr(a, b).statistic)


def rank_correlations(
    local: Sequence[Mapping[str, float]], leaderboard: Sequence[float | None]
) -> dict[str, tuple[float, int]]:
    """Return local score → its rank correlation with the leaderboard and of how many results.

    The best first; local scores that too few experiments have, or that never change, are left out.
    """
    found = {}
    for name in dict.fromkeys(name for scores in local for name in scores):
        pairs = [
            (scores[name], real)
            for scores, real in zip(local, leaderboard, strict=True)
            if name in scores and real is not None
        ]
        if len(pairs) >= FEWEST and (rho := spearman(*zip(*pairs, strict=True))) is not None:
            found[name] = (rho, len(pairs))
    return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def _result(cells: Sequence[str], *, place: str) -> LeaderboardResult:
    if len(cells) != len(fields(LeaderboardResult)):
        raise UserError(f"{place} has {len(cells)} cells, not one for each column of the header")
    name, rev, date, public, private, note = map(as_written, cells)
    try:
        scores = check_score(public), check_score(private) if private else None
    except UserError as error:
        raise UserError(f"{place}: {error}") from None
    return LeaderboardResult(name, rev, date, *scores, note)
