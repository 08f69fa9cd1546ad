"""What stands under a comparison: why rows do not compare, what has no score, what to trust."""

import math
from collections.abc import Iterator, Sequence

from stages.comparison.leaderboard import FEWEST, rank_correlations
from stages.comparison.noise_floor import NoiseFloor, noise_key
from stages.comparison.verdicts import NOT_HERE, Comparison
from stages.experiments.listing import Experiment

NOT_COMPARABLE = {"other scorer", "other edition", "other data"}
MOST_NAMED = 6
"""Experiments that a command names; of more it takes all."""


def notes(
    rows: Sequence[Comparison], experiments: Sequence[Experiment], noise: NoiseFloor | None
) -> Iterator[str]:
    """Yield a sentence for each thing that the table's reader must know."""
    for row in rows:
        marks = {mark: why for mark, why in row.marks.items() if mark != NOT_HERE}
        yield from (f"{row.measured.name} ({mark}): {why}." for mark, why in marks.items())
    lost = {rev for row in rows if row.measured.per_dialogue is None for rev in row.measured.revs}
    yield from not_here([one for one in experiments if one.rev in lost or one.is_elsewhere])
    if any(row.difference for row in rows):
        baseline = next(row.measured for row in rows if row.verdict == "baseline")
        yield f"Differences are to {baseline.name}. {_tie(noise)}"
        if noise and noise_key(baseline) != noise.key:
            yield "That was measured with other params or data; anew: python -m stages.noise"
    for state in ("running", "queued", "failed"):
        found = [one for one in experiments if one.state == state]
        yield from (f"{state}: {one.name}" + f" ({one.error})" * bool(one.error) for one in found)
    for board in ("public", "private"):
        yield from _leaderboard(board, rows)


def not_here(experiments: Sequence[Experiment]) -> Iterator[str]:
    """Say once what to type, and in which order, for files that this machine's cache lacks."""
    runs = [one.name for one in experiments if one.kind == "experiment"]
    rest = [one.name for one in experiments if one.kind != "experiment"]
    if runs:
        which = " ".join(runs) if len(runs) <= MOST_NAMED else "-A"
        yield (
            f"not here: {len(runs)} of the experiments have files that this cache lacks; on the "
            f"machine that has them: dvc exp push origin {which}, then here: dvc exp pull origin "
            f"{which}"
        )
    if rest:
        yield (
            f"not here: files of {', '.join(rest)}; on the machine that has them: dvc push -A, "
            "then here: dvc pull -A"
        )


def _tie(noise: NoiseFloor | None) -> str:
    tie = "A tie has a p of 0.05 or more"
    if noise is None:
        return f"{tie} (what seeds alone do is not known yet: python -m stages.noise)."
    return f"{tie}, or lies within the {noise.least_difference:.2f} points that seeds alone make."


def _leaderboard(board: str, rows: Sequence[Comparison]) -> Iterator[str]:
    """Spearman's; by chance it reaches 1.96 / √(n - 1) once in twenty times (two-sided)."""
    usable = [row for row in rows if not row.marks.keys() & NOT_COMPARABLE]
    real = [row.public if board == "public" else row.private for row in usable]
    n = sum(score is not None for score in real)
    if 0 < n < FEWEST:
        results = "1 result" if n == 1 else f"{n} results"
        yield (
            f"{results} of the {board} leaderboard: {FEWEST} at least are needed before anything "
            "can be said of which local score foretells it."
        )
    elif n:
        found = rank_correlations([row.measured.local_scores for row in usable], real).items()
        listed = (f"{name} {rho:+.2f}" + f" (n {m})" * (m < n) for name, (rho, m) in found)
        chance = 1.96 / math.sqrt(n - 1)
        sure = f"below {chance:.2f} is chance" if chance < 1 else "with so few, all may be chance"
        yield f"Rank correlation with {n} {board} results ({sure}): {', '.join(listed)}."
