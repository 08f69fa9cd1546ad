"""Experiments as DVC keeps them: workspace, commits, `dvc exp run`, queue and search alike.

Read through DVC's command line, which is its stable side, and from dvc.lock. Nothing is changed.

DVC shows the scores of the commit that an experiment began from for as long as it has none of its
own (running, failed), and shows params.yaml beside scores that other values gave (edited and not
run, or `dvc exp run` with one stage named). So scores are taken from finished experiments only,
and `stale` tells the second case.
"""

import difflib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stages.command.errors import UserError
from stages.command.files import DAMAGE
from stages.experiments.git import baselines, git_files
from stages.experiments.killed import was_killed
from stages.experiments.lock_file import (
    NOTHING_RAN,
    Lock,
    as_recorded,
    is_stale,
    parse_lock,
    read_cached_output,
    read_lock_here,
)
from stages.params import Value, flatten
from stages.paths import SCORE_METRICS

Kind = Literal["workspace", "commit", "experiment"]
State = Literal["done", "queued", "running", "failed"]

WORKSPACE = "workspace"
KILLED = "it was killed; run it again, or, if it was a queued one: python -m stages.queue"


@dataclass(frozen=True)
class Experiment:
    """One row of `dvc exp show`."""

    name: str
    """Of the experiment; of the branch, the tag or the short hash of a commit; or `workspace`."""
    rev: str
    """Git revision; `workspace` where there is none yet."""
    kind: Kind
    state: State
    params: Mapping[str, Value]
    """params.yaml, flat: `train.lr` → 0.001."""
    metrics: Mapping[str, Mapping[str, Any]]
    """Metrics file → its content; empty unless `state` is `done`."""
    lock: Lock
    """What its stages ran with and gave; empty unless `state` is `done`."""
    stale: bool
    """The scores come from other params or other files than the ones that stand beside them."""
    created: str
    """Local time, ISO 8601; empty for the workspace."""
    error: str
    """Why it failed, as far as its log says."""

    @property
    def outs(self) -> dict[str, str]:
        """Output → hash, of all stages."""
        return {path: md5 for outs in self.lock.outs.values() for path, md5 in outs.items()}

    @property
    def deps(self) -> dict[str, str]:
        """Dependency → hash, of all stages."""
        return {path: md5 for deps in self.lock.deps.values() for path, md5 in deps.items()}

    @property
    def rouge_mean(self) -> float | None:
        """The dev score, 0 to 100, if there is one."""
        score = self.metrics.get(str(SCORE_METRICS), {}).get("rouge_mean")
        return None if score is None else float(score)

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether it has a score that this machine's cache lacks, as in a clone."""
        scored = self.lock.output_hash(str(SCORE_METRICS)) is not None
        return self.rouge_mean is None and scored


def list_experiments() -> list[Experiment]:
    """Return workspace, HEAD, all experiments of any commit, and the commits they began from."""
    revs = [part for rev in baselines() for part in ("--rev", rev)]
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json", *revs]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:  # a queued run that ends meanwhile takes its folder away
        result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:
        reason = result.stderr.strip().splitlines() or ["no reason given"]
        raise UserError(f"dvc exp show failed: {reason[0].removeprefix('ERROR: ')}")
    return parse_experiments(json.loads(result.stdout))


def parse_experiments(shown: Sequence[Mapping[str, Any]]) -> list[Experiment]:
    """Read what `dvc exp show --json` prints, with the dvc.lock of each revision in it."""
    rows: list[tuple[Mapping[str, Any], Kind, Mapping[str, Any] | None]] = [
        (state, "workspace" if state["rev"] == WORKSPACE else "commit", None) for state in shown
    ]
    for state in shown:
        for run in state["experiments"] or []:
            rows += [(one, "experiment", run["executor"]) for one in run["revs"][:1]]
    locks = git_files("dvc.lock", {state["rev"] for state, _, _ in rows} - {WORKSPACE})
    here = read_lock_here()
    return [
        _experiment(
            state,
            kind=kind,
            executor=executor or {},
            lock=here if kind == "workspace" else _lock(locks.get(state["rev"])),
        )
        for state, kind, executor in rows
    ]


def read_output(experiment: Experiment, path: Path) -> bytes | None:
    """Return an output file of an experiment as it stands in DVC's cache, or None.

    `path` may be an output or lie inside one: `data/predictions/scored/dev.csv`. The workspace's
    is read where it lies.
    """
    if experiment.kind == "workspace":
        return path.read_bytes() if path.is_file() else None
    return read_cached_output(experiment.lock, path)


def find_experiment(name: str, experiments: Iterable[Experiment]) -> Experiment:
    """Return the newest of that name, or the one whose revision begins so (7 digits or more).

    Raises `UserError` with the nearest names.
    """
    known = list(experiments)
    named = [one for one in known if one.name == name]
    named = named or [one for one in known if len(name) >= 7 and one.rev.startswith(name)]
    if named:
        return max(named, key=lambda one: one.created)
    near = difflib.get_close_matches(name, {one.name for one in known}, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise UserError(f"there is no experiment {name}; {hint}dvc exp show lists them all")


def failure(log: str) -> str:
    r"""Return the line of a failed run's log that says why.

    >>> failure("> python -m stages.train\nerror: no room\nERROR: failed to reproduce 'train'")
    'no room'
    """
    said, _, dvc = log.partition("ERROR: failed to reproduce")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    ours = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if ours:
        return ours[-1]
    if lines and not lines[-1].startswith(">"):
        return lines[-1].removeprefix("ERROR: ")
    return dvc.strip().partition("\n")[0]


def _lock(content: bytes | None) -> Lock:
    try:
        return NOTHING_RAN if content is None else parse_lock(content)
    except DAMAGE:  # committed with the marks of a merge; DVC shows no score of it either
        return NOTHING_RAN


def _experiment(
    state: Mapping[str, Any],
    *,
    kind: Kind,
    executor: Mapping[str, Any],
    lock: Lock,
) -> Experiment:
    data = state["data"] or {}
    params = flatten(_files(data.get("params")).get("params.yaml", {}))
    name = state["name"] or state["rev"][:7]
    said = executor.get("state", "success")
    killed = said == "running" and was_killed(state["rev"])
    done = said == "success"
    changed = kind == "workspace" and not as_recorded(data.get("metrics") or {}, lock)
    return Experiment(
        name=WORKSPACE if kind == "workspace" else name,
        rev=state["rev"],
        kind=kind,
        state="done" if done else "failed" if killed else said,
        params=params,
        metrics=_files(data.get("metrics")) if done else {},
        lock=lock if done else NOTHING_RAN,
        stale=done and (changed or is_stale(params, lock)),
        created=data.get("timestamp") or "",
        error=KILLED if killed else _reason(state["error"], executor),
    )


def _files(shown: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Leave out the files that could not be read, such as those that the cache lacks."""
    return {path: file["data"] for path, file in (shown or {}).items() if file.get("data")}


def _reason(error: Mapping[str, str] | None, executor: Mapping[str, Any]) -> str:
    log = (executor.get("local") or {}).get("log")
    if error is None:
        return ""
    if log and Path(log).is_file():
        return failure(Path(log).read_text(encoding="utf-8", errors="replace")) or error["msg"]
    return error["msg"]
