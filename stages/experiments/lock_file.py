"""What dvc.lock says: which params and files each stage last ran with, and what it gave."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.command.files import reading
from stages.command.outputs import ANEW, LOCK
from stages.command.yaml_file import parse_yaml
from stages.experiments.cache import read_cached
from stages.experiments.hashes import hash_of
from stages.params import Value, flatten

SCORED_BY = ("clean", "tokenize", "train", "evaluate")
"""The stages that a score comes from; one that is behind makes it stale."""


@dataclass(frozen=True)
class Lock:
    """A dvc.lock."""

    params: Mapping[str, Mapping[str, Any]]
    """Stage → params as dvc.lock has them: sections nested, single keys with dots."""
    deps: Mapping[str, Mapping[str, str]]
    """Stage → path → hash."""
    outs: Mapping[str, Mapping[str, str]]
    """Stage → path → hash; a folder's ends in `.dir`."""

    def output_hash(self, path: str) -> str | None:
        """Return the hash of an output, whichever stage it is of."""
        return next((outs[path] for outs in self.outs.values() if path in outs), None)


NOTHING_RAN = Lock({}, {}, {})


def parse_lock(content: bytes) -> Lock:
    """Read a dvc.lock; floats such as `1e-05` are floats (YAML 1.2), as DVC means them."""
    stages = (parse_yaml(content.decode("utf-8")) or {}).get("stages", {})
    params = {
        name: stage.get("params", {}).get("params.yaml", {}) for name, stage in stages.items()
    }
    deps, outs = (
        {
            name: {item["path"]: item.get("md5", "") for item in stage.get(part, [])}
            for name, stage in stages.items()
        }
        for part in ("deps", "outs")
    )
    return Lock(params, deps, outs)


def read_lock_here() -> Lock:
    """Read the working tree's dvc.lock; nothing ran where there is none."""
    if not LOCK.exists():
        return NOTHING_RAN
    with reading(LOCK, made_by=ANEW):
        return parse_lock(LOCK.read_bytes())


def read_cached_output(lock: Lock, path: Path) -> bytes | None:
    """Return an output, or a file inside a folder that is one; None where it is not to be had."""
    md5 = lock.output_hash(str(path))
    if md5:
        return read_cached(md5)
    for folder in path.parents:
        md5 = lock.output_hash(str(folder))
        listing = read_cached(md5) if md5 else None
        if listing is not None:
            inside = {item["relpath"]: item["md5"] for item in json.loads(listing)}
            wanted = str(path.relative_to(folder))
            return read_cached(inside[wanted]) if wanted in inside else None
    return None


def is_stale(params: Mapping[str, Value], lock: Lock) -> bool:
    """Tell whether the scores come from other params than these, or from files since replaced."""
    for stage in SCORED_BY:
        ran_with = lock.params.get(stage, {})
        present = {
            key: value
            for key, value in params.items()
            if any(key == part or key.startswith(f"{part}.") for part in ran_with)
        }
        if flatten(ran_with) != present:
            return True
        for path, md5 in lock.deps.get(stage, {}).items():
            if (lock.output_hash(path) or md5) != md5:
                return True
    return False


def as_recorded(paths: Iterable[str], lock: Lock) -> bool:
    """Tell whether these outputs, as they lie here, are those of dvc.lock.

    They are not after `git checkout`, which takes dvc.lock back and leaves the outputs.
    """
    return all(
        hash_of(path) == md5
        for path, md5 in ((Path(name), lock.output_hash(name)) for name in paths)
        if md5 and path.is_file()
    )
