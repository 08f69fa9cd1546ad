"""A tiny repository whose pipeline has run undisturbed, and what must be as it is in there."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from faults.attempt import promise
from faults.processes import running, wait_until
from stages.command.yaml_file import read_yaml
from tests.repository import commit
from tests.tiny_repository import make_repository, started

STAGES = ("clean", "tokenize", "train", "evaluate", "predict", "tune", "report")
SECONDS = ".dvc/tmp/seconds.json"
"""Stage → what it took."""


class Seconds(NamedTuple):
    """What an undisturbed run of a stage took."""

    dvc: float
    """From the start of `dvc` to its end."""
    stage: float
    """The stage's own process."""


def command(stage: str) -> tuple[str, ...]:
    """Return how a stage alone is run, whatever has changed."""
    return "-m", "dvc", "repro", "--force", "--single-item", stage


def run_stage(folder: Path, stage: str) -> Seconds:
    """Run a stage undisturbed."""
    began = time.monotonic()
    with started(folder, *command(stage)) as process:
        wait_until(lambda: running(folder, f"stages.{stage}"), process)
        appeared = time.monotonic()
        wait_until(lambda: not running(folder, f"stages.{stage}"), process)
        gone = time.monotonic()
        promise(process.wait(timeout=300) == 0, (folder / "output.txt").read_text("utf-8"))
    (folder / "output.txt").unlink()
    return Seconds(time.monotonic() - began, gone - appeared)


def prepare(folder: Path) -> Path:
    """Make a repository in which every stage has run."""
    return run_undisturbed(make_repository(folder), STAGES)


def run_undisturbed(folder: Path, stages: Sequence[str]) -> Path:
    """Run all stages of a repository, and note what each took."""
    seconds = {stage: run_stage(folder, stage) for stage in stages}
    (folder / SECONDS).write_text(json.dumps(seconds), encoding="utf-8")
    commit(folder)
    return folder


def seconds_of(base: Path, stage: str) -> Seconds:
    """Return how long an undisturbed run of a stage took."""
    return Seconds(*json.loads((base / SECONDS).read_text(encoding="utf-8"))[stage])


def copy(base: Path, folder: Path) -> Path:
    """Copy a repository, but for what DVC remembers of runs: all that follows runs anew."""
    repository = folder / "repository"
    shutil.copytree(base, repository, symlinks=True)
    shutil.rmtree(repository / ".dvc/cache/runs", ignore_errors=True)
    return repository


def outputs(repository: Path) -> dict[str, bytes]:
    """Return every file that dvc.lock has as an output, path → bytes."""
    stages = read_yaml(repository / "dvc.lock")["stages"].values()
    places = [repository / out["path"] for stage in stages for out in stage.get("outs", [])]
    files = [file for place in places for file in (place, *place.rglob("*")) if file.is_file()]
    return {file.relative_to(repository).as_posix(): file.read_bytes() for file in files}


def promise_the_same(repository: Path, base: Path) -> None:
    """Compare dvc.lock and the bytes of all outputs with those of the undisturbed run."""
    lock, wanted = ((place / "dvc.lock").read_bytes() for place in (repository, base))
    promise(lock == wanted, "dvc.lock has other hashes than the undisturbed run")
    ours, theirs = outputs(repository), outputs(base)
    differing = sorted(path for path in ours.keys() | theirs if ours.get(path) != theirs.get(path))
    promise(not differing, f"other bytes than in the undisturbed run: {', '.join(differing)}")
