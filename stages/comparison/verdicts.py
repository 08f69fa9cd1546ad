"""Scores side by side: the difference to a baseline, and what it is worth.

>>> rows = compare([baseline, other], baseline=baseline, noise=None)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stages.comparison.measured import Measured, unlike
from stages.comparison.noise_floor import NoiseFloor
from stages.scoring.intervals import Paired, paired

ALPHA = 0.05
"""A difference with a `p` from here on is called a tie."""

NOT_HERE = "not here"
"""The mark of a row whose files, or the baseline's, this machine lacks."""


@dataclass(frozen=True)
class Comparison:
    """One line of the comparison."""

    measured: Measured
    difference: Paired | None
    """To the baseline; None for the baseline itself, and where the two do not compare."""
    verdict: str
    """`baseline`, `better`, `worse`, `tie`, or nothing where the two do not compare."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """What sets it apart from the baseline, each with its sentence."""
    public: float | None = None
    private: float | None = None


def compare(
    measured: Sequence[Measured], *, baseline: Measured | None, noise: NoiseFloor | None
) -> list[Comparison]:
    """Return a row for each, the best score first."""
    best_first = sorted(measured, key=lambda one: -one.score)
    return [_row(one, baseline=baseline, noise=noise) for one in best_first]


def judge(difference: Paired, *, least: float) -> str:
    """Call a difference by its name; below `least` it is noise of the seeds.

    >>> judge(Paired(0.8, 0.1, 1.5, 0.03), least=1.1)
    'tie'
    """
    if difference.p >= ALPHA or abs(difference.difference) < least:
        return "tie"
    return "better" if difference.difference > 0 else "worse"


def _row(one: Measured, *, baseline: Measured | None, noise: NoiseFloor | None) -> Comparison:
    if baseline is None:
        return Comparison(one, None, "", {"stale": unlike(one, one)["stale"]} if one.stale else {})
    if one is baseline:
        return Comparison(one, None, "baseline")
    marks = unlike(one, baseline)
    if one.per_dialogue is None or baseline.per_dialogue is None:
        where = one.name if one.per_dialogue is None else baseline.name
        marks[NOT_HERE] = f"the predictions of {where} are not in this cache: dvc exp pull"
        return Comparison(one, None, "", marks)
    if marks.keys() - {"other train"}:
        return Comparison(one, None, "", marks)
    difference = paired(one.per_dialogue, baseline.per_dialogue)
    least = noise.between(len(one.scores), len(baseline.scores)) if noise else 0
    return Comparison(one, difference, judge(difference, least=least), marks)
