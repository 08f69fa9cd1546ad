"""k-fold: the experiments of one grid over `clean.fold`, scored as one on all training rows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stages.comparison.measured import Measured
from stages.rouge.rouge import rouge_mean
from stages.scoring.intervals import interval


def pool_folds(measured: Sequence[Measured]) -> list[Measured]:
    """Put one row in the place of k experiments that differ in `clean.fold` alone, 1 to k.

    Every training row was held out once, so the pooled score is that of all of them, each by a
    model that had not seen it. A set that lacks a fold stays as it is.
    """
    sets: dict[str, list[Measured]] = {}
    for one in measured:
        rest = {key: value for key, value in one.params.items() if key != "clean.fold"}
        held_out = one.params.get("clean.fold") and one.per_dialogue is not None and not one.stale
        sets.setdefault(repr(sorted(rest.items())) if held_out else one.name, []).append(one)
    return [row for members in sets.values() for row in _pooled(members)]


def _pooled(members: Sequence[Measured]) -> Sequence[Measured]:
    by_fold = {one.params.get("clean.fold"): one for one in members}
    k = members[0].params.get("clean.folds")
    if not isinstance(k, int) or k < 2 or set(by_fold) != set(range(1, k + 1)):
        return members
    folds = [by_fold[fold] for fold in range(1, k + 1)]
    per_dialogue = np.concatenate(
        [one.per_dialogue for one in folds if one.per_dialogue is not None]
    )
    low, high = interval(per_dialogue)
    spent = [one.seconds for one in folds if one.seconds is not None]
    pooled = replace(
        folds[0],
        names=(f"{k} folds", *(one.name for one in folds)),
        revs=tuple(rev for one in folds for rev in one.revs),
        params={key: value for key, value in folds[0].params.items() if key != "clean.fold"},
        scores=(rouge_mean(per_dialogue),),
        low=low,
        high=high,
        ids=tuple(name for one in folds for name in one.ids),
        per_dialogue=per_dialogue,
        seconds=sum(spent) if len(spent) == k else None,
    )
    return [pooled]
