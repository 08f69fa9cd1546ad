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
    newest first, the best comes, then the second best of each; seeds of one point are averaged.
    """
    sets: dict[str, list[Experiment]] = {}
    for one in sorted(known.experiments, key=lambda one: one.created, reverse=True):
        there = conditions_of(one, [*space, SEED])
        if one.rouge_mean is not None and not one.stale and _is_elsewhere(there, conditions):
            sets.setdefault(short_hash(there), []).append(one)
    ranked = [_ranked(members, space) for members in sets.values()]
    in_turn = chain.from_iterable(zip_longest(*(points for points in ranked if len(points) > 1)))
    named: dict[str, tuple[str, Values]] = {}
    for point in filter(None, in_turn):
        named.setdefault(key_of(point[1]), point)
    return dict(islice(named.values(), POINTS))


def _is_elsewhere(there: Conditions, here: Conditions) -> bool:
    here = {key: value for key, value in here.items() if key != SEED}
    apart = {key for key in there.keys() | here.keys() if there.get(key) != here.get(key)}
    return bool(apart) and not any(key.startswith(SAME) for key in apart)


def _ranked(members: list[Experiment], space: Space) -> list[tuple[str, Values]]:
    """Return the points of experiments that compare, the best mean first."""
    points: dict[str, list[Experiment]] = {}
    for one in members:
        values = {key: one.params.get(key) for key in space}
        if inside(space, values):
            points.setdefault(key_of(values), []).append(one)

    def score(same: list[Experiment]) -> float:
        return statistics.mean(one.rouge_mean or 0.0 for one in same)

    best = sorted(points.values(), key=score, reverse=True)
    return [(same[0].name, {key: same[0].params[key] for key in space}) for same in best]
