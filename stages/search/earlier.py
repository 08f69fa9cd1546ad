"""Where a search may begin: what did best under other conditions, such as fewer data."""

import statistics
from itertools import chain, islice, zip_longest

from stages.experiments.listing import Experiment
from stages.search.conditions import Conditions, conditions_of, short_hash
from stages.search.known import Known
from stages.search.seed_runs import SEED
from stages.search.space import Space, Values, inside
from stages.workers.messages import key_of

POINTS = 2
"""Tried first; with more of them a search has less left to look elsewhere."""
SAME = ("model.", "lora.")
"""What the best of one says little about for another: a learning rate of one model of the next."""


def best_elsewhere(known: Known, conditions: Conditions, space: Space) -> dict[str, Values]:
    """Return the name of an experiment → its values, the most promising first, `POINTS` at most.

    A score that was measured on other data, by other code or over fewer epochs compares with none
    of here, but with those that were measured with it. So of each such set of experiments, the
    largest first and of equals the newest, the best comes, then the second best of each, and none
    of a set's worse half; seeds of one point are averaged.
    """
    sets: dict[str, list[Experiment]] = {}
    for one in sorted(known.experiments, key=lambda one: one.created, reverse=True):
        there = conditions_of(one, [*space, SEED])
        if one.rouge_mean is not None and not one.stale and _is_elsewhere(there, conditions):
            sets.setdefault(short_hash(there), []).append(one)
    ranked = sorted((_ranked(members, space) for members in sets.values()), key=len, reverse=True)
    in_turn = chain.from_iterable(zip_longest(*(points[: len(points) // 2] for points in ranked)))
    named: dict[str, tuple[str, Values]] = {}
    for point in filter(None, in_turn):
        named.setdefault(key_of(point[1]), point)
    return dict(islice(named.values(), POINTS))


def _is_elsewhere(there: Conditions, here: Conditions) -> bool:
    here = {key: value for key, value in here.items() if key != SEED}
    apart = {key for key in there.keys() | here.keys() if there.get(key) != here.get(key)}
    # A key that is not there is younger than the experiment, which has what was then the only way.
    return bool(apart) and not any(key.startswith(SAME) and key in there for key in apart)


def _ranked(members: list[Experiment], space: Space) -> list[tuple[str, Values]]:
    """Return the points of experiments that compare and score above 0, the best mean first."""
    points: dict[str, list[Experiment]] = {}
    for one in members:
        values = {key: one.params.get(key) for key in space}
        if inside(space, values):
            points.setdefault(key_of(values), []).append(one)

    def score(same: list[Experiment]) -> float:
        # One run may be listed as an experiment, as a commit and as the workspace.
        return statistics.mean(
            {one.params.get(SEED): one.rouge_mean or 0.0 for one in same}.values()
        )

    best = sorted((same for same in points.values() if score(same)), key=score, reverse=True)
    return [(same[0].name, {key: same[0].params[key] for key in space}) for same in best]
