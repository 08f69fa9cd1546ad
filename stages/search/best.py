"""metrics/tune/best.yaml: the winner, and the evidence for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stages.command.errors import UserError
from stages.command.files import reading, whole_file
from stages.command.yaml_file import read_mapping
from stages.params import Value
from stages.paths import BEST, TUNE
from stages.search.conditions import Conditions, short_hash

HEAD = "# The winner of the search. python -m stages.promote writes its values into params.yaml.\n"
_READ = ("values", "verdict", "better", "conditions", "study")


@dataclass(frozen=True)
class Best:
    """Values for params.yaml, and why to believe in them."""

    name: str
    """`winner`, or that of an experiment."""
    values: Mapping[str, Value]
    verdict: str
    better: bool
    """Better than the noise, or asked for by name."""
    conditions: Conditions
    """What it was scored under."""
    study: str
    """That found it; empty for an experiment that was asked for by name."""


def write_best(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write best.yaml into `folder`; `facts` have all that `read_best` needs, and more."""
    content = dict(facts) | {"fingerprint": _fingerprint(facts)}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    with whole_file(folder / BEST.name) as draft:
        draft.write_text(HEAD + text, encoding="utf-8")


def read_best() -> Best:
    """Read best.yaml, or say how a search is started, or how it is had again.

    Half of it is YAML as well, and would be a winner of other values or conditions.
    """
    if not BEST.exists():
        raise UserError(
            f"{BEST} is missing: no search has found anything yet. "
            "It gets written by: dvc exp run -S tune.trials=12 tune"
        )
    made_by = f"dvc checkout --force {TUNE}"
    content = read_mapping(BEST, made_by=made_by, has=(*_READ, "fingerprint"))
    with reading(BEST, made_by=made_by):
        if content["fingerprint"] != _fingerprint(content):
            raise ValueError("what it says is not what its fingerprint was made of")
    return Best("winner", **{name: content[name] for name in _READ})


def _fingerprint(content: Mapping[str, Any]) -> str:
    return short_hash({name: content[name] for name in _READ})
