"""What stands under a comparison: why rows do not compare, what has no score, what to trust."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stages.comparison.leaderboard import FEWEST, rank_correlations
from stages.comparison.noise_floor import NoiseFloor, noise_key
from stages.comparison.verdicts import Comparison
from stages.experiments.listing import Experiment

NOT_COMPARABLE = {"other scorer", "other edition", "other data"}


class Note(NamedTuple):
    """A sentence, and the values in it: the report says it in the language of its reader."""

    text: str
    """With `{names}` for the values."""
    values: Mapping[str, str | int]

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text.format(**self.values)


def differences_told(rows: Sequence[Comparison]) -> Iterator[str]:
    """Yield for each row what sets it apart from the baseline."""
    for row in rows:
        yield from (f"{row.measured.name} ({mark}): {why}." for mark, why in row.marks.items())


def states_told(experiments: Sequence[Experiment]) -> Iterator[str]:
    """Yield what has no score yet, or never will have."""
    for state in ("running", "queued", "failed"):
        found = [one for one in experiments if one.state == state]
        yield from (f"{state}: {one.name}" + f" ({one.error})" * bool(one.error) for one in found)


def notes(rows: Sequence[Comparison], noise: NoiseFloor | None) -> Iterator[Note]:
    """Yield a sentence for each thing that the table's reader must know."""
    if any(row.difference for row in rows):
        baseline = next(row.measured for row in rows if row.verdict == "baseline")
        yield _differences(baseline.name, noise)
        if noise and noise_key(baseline) != noise.key:
            yield Note(
                "That was measured with other params or data; anew: python -m stages.noise", {}
            )
    for board in ("public", "private"):
        yield from _leaderboard(board, rows)


def _differences(name: str, noise: NoiseFloor | None) -> Note:
    tie = "Differences are to {name}. A tie has a p of 0.05 or more"
    if noise is None:
        unknown = "what seeds alone do is not known yet: python -m stages.noise"
        return Note(f"{tie} ({unknown}).", {"name": name})
    points = f"{noise.least_difference:.2f}"
    return Note(
        f"{tie}, or lies within the {{points}} points that seeds alone make.",
        {"name": name, "points": points},
    )


def _leaderboard(board: str, rows: Sequence[Comparison]) -> Iterator[Note]:
    """Spearman's; by chance it reaches 1.96 / √(n - 1) once in twenty times (two-sided)."""
    usable = [row for row in rows if not row.marks.keys() & NOT_COMPARABLE]
    real = [row.public if board == "public" else row.private for row in usable]
    n = sum(score is not None for score in real)
    if 0 < n < FEWEST:
        results = "result" if n == 1 else "results"
        yield Note(
            f"{{n}} {results} of the {board} leaderboard: {{fewest}} at least are needed before "
            "anything can be said of which local score foretells it.",
            {"n": n, "fewest": FEWEST},
        )
    elif n:
        found = rank_correlations([row.measured.local_scores for row in usable], real).items()
        listed = ", ".join(f"{name} {rho:+.2f}" + f" (n {m})" * (m < n) for name, (rho, m) in found)
        chance = 1.96 / math.sqrt(n - 1)
        sure = "below {chance} is chance" if chance < 1 else "with so few, all may be chance"
        values: dict[str, str | int] = {"n": n, "chance": f"{chance:.2f}", "listed": listed}
        yield Note(f"Rank correlation with {{n}} {board} results ({sure}): {{listed}}.", values)
