"""When two scores may be told to one study: everything that is not searched is the same."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from stages.command.errors import UserError
from stages.command.files import existing
from stages.params import Params, Tune
from stages.search.dvc_lock import Value, flatten, read_lock_here
from stages.search.experiments import Experiment
from stages.search.space import Space

DEV = "data/clean/dev.parquet"
TOKENS = "data/tokens"
SCORED_WITH = ("tokenize.", "model.", "train.", "generate.", "rouge.")
TRAINED_WITH = ("tokenize.", "model.", "train.", "rouge.")

Conditions = Mapping[str, Value]
"""Param or file → its value or hash: all that a score depends on, but for what is searched."""


def conditions_here(params: Params, searched: Collection[str]) -> dict[str, Value]:
    """Return the conditions of the working tree: its params and the hashes of its data."""
    tokens = read_lock_here().output_hash(TOKENS)
    if tokens is None:
        raise UserError(
            "dvc.lock does not know data/tokens. It gets written by: dvc repro tokenize"
        )
    content = existing(Path(DEV), made_by="dvc repro clean").read_bytes()
    dev = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return _conditions(flatten(params.model_dump()), searched, tokens=tokens, dev=dev)


def conditions_of(experiment: Experiment, searched: Collection[str]) -> dict[str, Value]:
    """Return the conditions under which an experiment was scored."""
    tokens = experiment.lock.deps.get("train", {}).get(TOKENS)
    dev = experiment.lock.deps.get("train", {}).get(DEV)
    return _conditions(experiment.params, searched, tokens=tokens, dev=dev)


def differences(
    there: Conditions, here: Conditions, *, were: str = "has", now: str = "here"
) -> list[str]:
    """Say what differs, a phrase each: `train.epochs has 3, here 12`; a hash is no phrase."""
    found = []
    for key in dict.fromkeys([*there, *here]):
        one, other = there.get(key), here.get(key)
        if one != other:
            is_file = key in (TOKENS, DEV)
            found.append(f"{key} differs" if is_file else f"{key} {were} {one}, {now} {other}")
    return found


def study_name(conditions: Conditions, tune: Tune, space: Space) -> str:
    """Name the study of these conditions; other conditions, space or strategy are another study.

    `tune.trials`, `workers`, `keep_models` and `confirm` are left out: more trials go on with the
    same study.
    """
    content = {
        "conditions": dict(sorted(conditions.items())),
        "space": {key: searched.model_dump() for key, searched in sorted(space.items())},
        "strategy": [tune.strategy, tune.seed, tune.pruner],
    }
    return f"tune-{fingerprint(content)}"


def fingerprint(content: object) -> str:
    """Return eight hexadecimal digits that name what can be written as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def key_of(values: Mapping[str, Value]) -> str:
    """Return one hashable name for a set of values; 1 and 1.0 are the same."""
    same = {k: float(v) if isinstance(v, int | float) else v for k, v in values.items()}
    return json.dumps(same, sort_keys=True)


def training_key(values: Mapping[str, Value], names: Iterable[str] = TRAINED_WITH) -> str:
    """Name the training that these params, flat, ask for; `generate` takes no part in it."""
    return key_of({k: v for k, v in values.items() if k.startswith(tuple(names))})


def _conditions(
    params: Mapping[str, Value],
    searched: Collection[str],
    *,
    tokens: str | None,
    dev: str | None,
) -> dict[str, Value]:
    kept = {k: v for k, v in params.items() if k.startswith(SCORED_WITH) and k not in searched}
    return {TOKENS: tokens, DEV: dev, **kept}
