"""What the race of `stages.search.confirm` spends and gives away, beside training every seed.

Searches are simulated: true scores of their trials lie below the best one's 0, the present params
`gap` points below it, and a seed moves each training. The noise is pooled, and a difference judged,
by the project's own functions; of the test over the dialogues its standard error is taken, 0.8
points, which is that of 150 dialogues.

    python -m benchmarks.confirm_race            half a minute; a Markdown table
"""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stages.comparison.verdicts import judge
from stages.scoring.intervals import Paired
from stages.search.confirm import seed_noise

TRIALS, TOP, SEEDS, SPREAD, ERROR = 12, 3, 3, 2.0, 0.8
WORLDS = [(gap, deviation) for gap in (0, 1, 2, 4, 12) for deviation in (0.5, 1.0)]
"""How far the present params are below the best trial, and what a seed does."""


class Outcome(NamedTuple):
    """What a confirmation came to."""

    trainings: int
    true_score: float
    """Of the winner; the best trial has 0."""
    is_better: bool
    """Than the present params, as it is told."""


def confirmed(
    true: Sequence[float],
    first: Sequence[float],
    deviation: float,
    random: np.random.Generator,
    *,
    race: bool,
) -> Outcome:
    """Confirm candidates, the present params the first of them, whose first seed is known."""
    scores = [[score] for score in first]
    racing = list(range(len(true)))
    trainings = 0
    for n in range(2, SEEDS + 1):
        for one in racing:
            scores[one].append(true[one] + deviation * random.normal())
        trainings += len(racing)
        best = max(range(len(true)), key=lambda one: statistics.mean(scores[one]))
        behind = {one for one in racing if one != best and _verdict(scores, best, one) == "better"}
        is_better = best != 0 and _verdict(scores, best, 0) == "better"
        if n == SEEDS or (race and (is_better or len(racing) - len(behind) == 1)):
            return Outcome(trainings, true[best], is_better)
        if race:
            racing = [one for one in racing if one not in behind]
    raise AssertionError


def _verdict(scores: Sequence[Sequence[float]], one: int, other: int) -> str:
    noise = seed_noise(scores)
    difference = statistics.mean(scores[one]) - statistics.mean(scores[other])
    p = 0.01 if abs(difference) > 1.96 * ERROR else 0.5
    least = noise.between(len(scores[one]), len(scores[other])) if noise else 0.0
    return judge(Paired(difference, 0, 0, p), least=least)


def simulate(gap: float, deviation: float, *, race: bool, searches: int) -> list[Outcome]:
    """Return what so many searches come to."""
    random = np.random.default_rng(1)
    outcomes = []
    for _ in range(searches):
        true = -np.abs(random.normal(0, SPREAD, TRIALS))
        true[0] = 0.0
        seen = true + deviation * random.normal(size=TRIALS)
        top = np.argsort(-seen)[:TOP]
        candidates = [-float(gap), *true[top].tolist()]
        first = [-gap + deviation * random.normal(), *seen[top].tolist()]
        outcomes.append(confirmed(candidates, first, deviation, random, race=race))
    return outcomes


def table(*, searches: int = 3000) -> str:
    """Return trainings, the winner's true score and how often it is called better."""
    lines = ["| present params | deviation | all seeds | the race |", "|---|---|---|---|"]
    for gap, deviation in WORLDS:
        cells = []
        for race in (False, True):
            columns = zip(*simulate(gap, deviation, race=race, searches=searches), strict=True)
            spent, score, better = (statistics.mean(map(float, column)) for column in columns)
            cells.append(f"{spent:.1f}, {score:+.2f}, {better:.3f}")
        lines.append(f"| {-gap:+d} | {deviation} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
