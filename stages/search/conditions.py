"""When two scores may be told to one study: everything that is not searched is the same."""

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path

from stages.command.errors import UserError
from stages.command.files import existing
from stages.command.yaml_file import read_yaml
from stages.experiments.hashes import hash_of
from stages.experiments.listing import Experiment
from stages.experiments.lock_file import read_lock_here
from stages.params import Params, Tune, Value, flatten
from stages.paths import DEV, TOKENS
from stages.search.space import Space

SCORED_WITH = ("data.language", "tokenize.", "model.", "train.", "generate.", "rouge.")
SCORED_IN = ("train", "evaluate")
"""Stages whose code makes a score of tokens and dev."""
CODE, NO_MATTER = "stages/", "stages/command"
"""Code that a score depends on, and the folder of it that only talks to people and files."""
DATA = (str(TOKENS), str(DEV))

Conditions = Mapping[str, Value]
"""Param or file → its value or hash: all that a score depends on, but for what is searched."""


def files_here() -> dict[str, str]:
    """Return data and code of the working tree on which a score depends, path → hash."""
    tokens = read_lock_here().output_hash(str(TOKENS))
    if tokens is None:
        raise UserError(
            "dvc.lock does not know data/tokens. It gets written by: dvc repro tokenize"
        )
    existing(DEV, made_by="dvc repro clean")
    stages = read_yaml(Path("dvc.yaml"))["stages"]
    code = {path for name in SCORED_IN for path in stages[name]["deps"] if _is_code(path)}
    return {str(TOKENS): tokens} | {path: hash_of(Path(path)) for path in (str(DEV), *sorted(code))}


def conditions_here(
    params: Params, searched: Collection[str], files: Mapping[str, str]
) -> dict[str, Value]:
    """Return the conditions of the working tree; `files` are those of `files_here`."""
    return _conditions(flatten(params.model_dump()), searched, files)


def conditions_of(experiment: Experiment, searched: Collection[str]) -> dict[str, Value]:
    """Return the conditions under which an experiment was scored."""
    deps = experiment.lock.deps
    files = {path: deps.get("train", {}).get(path) for path in DATA}
    code = {path: md5 for name in SCORED_IN for path, md5 in deps.get(name, {}).items()}
    files |= {path: md5 for path, md5 in sorted(code.items()) if _is_code(path)}
    return _conditions(experiment.params, searched, files)


def differences(
    there: Conditions, here: Conditions, *, were: str = "has", now: str = "here"
) -> list[str]:
    """Say what differs, a phrase each: `train.epochs has 3, here 12`; a hash is no phrase."""
    found = []
    for key in dict.fromkeys([*there, *here]):
        one, other = there.get(key), here.get(key)
        if one != other:
            is_file = key in DATA or _is_code(key)
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
    return f"tune-{short_hash(content)}"


def short_hash(content: object) -> str:
    """Return eight hexadecimal digits that name what can be written as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _conditions(
    params: Mapping[str, Value], searched: Collection[str], files: Mapping[str, str | None]
) -> dict[str, Value]:
    kept = {k: v for k, v in params.items() if k.startswith(SCORED_WITH) and k not in searched}
    return {**files, **kept}


def _is_code(path: str) -> bool:
    return path.startswith(CODE) and path != NO_MATTER
