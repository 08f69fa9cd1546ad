"""A disk that is full under a stage, under dvc itself, or under a search, and then is not.

    python -m faults.disks REPOSITORY FOLDER STAGE SECONDS

is one attempt, in a namespace of its own where it may mount a small disk on FOLDER.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from faults.attempt import TRACEBACK, Attempt, Row, Try, promise
from faults.pipeline import STAGES, command, copy, prepare, promise_the_same, seconds_of
from tests.full_disk import cannot_mount, fill, in_namespace, mount
from tests.repository import ROOT, dvc, run
from tests.tiny_repository import started

FULL = ("full", "No space left", "make room", "RWLock-file")
"""The last is what DVC says where the disk was full as it wrote its own lock."""


def fill_up(one: Attempt, stage: str, share: tuple[float, float]) -> None:
    """Fill the disk at a seeded moment of a stage, make room when `dvc` has ended, go on."""
    moment = one.chance.uniform(*share) * seconds_of(one.base, stage).dvc
    one.what = f"disk full {moment:.2f} s after the start of dvc for {stage}"
    arguments = [str(one.base), str(one.folder), stage, str(moment)]
    _inside(one, "faults.disks", *arguments)


def fill_under_search(one: Attempt) -> None:
    """Fill the disk under a search's second trial, as tests/full_disk.py does."""
    one.what = "disk full under the second trial of a search"
    _inside(one, "tests.full_disk", str(one.base), str(one.folder))


def _inside(one: Attempt, module: str, *arguments: str) -> None:
    why = cannot_mount(one.folder)
    promise(not why, f"no small disk can be mounted here: {why}")
    inside = [*in_namespace(), sys.executable, "-m", module, *arguments]
    ended = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, check=False)
    one.said.append(ended.stdout)
    promise(ended.returncode == 0, ended.stderr)


def attempt(base: Path, disk: Path, stage: str, moment: float) -> None:
    """Do it, and print what was said."""
    mount(disk)
    repository = copy(base, disk)
    log = base.with_name(f"{disk.name}.txt")  # there is room for it
    end = time.monotonic() + moment
    with started(repository, *command(stage), log=log) as process:
        while process.poll() is None:
            if time.monotonic() >= end:
                fill(disk / "ballast")  # again and again: what is removed makes room
            time.sleep(0.02)
    said = log.read_text("utf-8", "replace")
    promise(TRACEBACK not in said, said)
    promise(not process.returncode or any(word in said for word in FULL), f"no word of it: {said}")
    (disk / "ballast").unlink(missing_ok=True)
    print(run(repository, sys.executable, "-m", "stages.command.dvc_lock"))
    print(dvc(repository, "repro"))
    promise_the_same(repository, base)


def _each(*, quick: bool) -> Sequence[Try]:
    if quick:
        return [partial(fill_up, stage="tokenize", share=(0.3, 0.9))]
    under = [(stage, (0.3, 0.9)) for stage in STAGES]
    itself = [(stage, share) for stage in STAGES[::3] for share in ((0.0, 0.2), (0.85, 1.0))]
    return [partial(fill_up, stage=stage, share=share) for stage, share in under + itself] + [
        fill_under_search
    ]


ROWS = {
    "disk": Row(
        "a full disk under each stage, under `dvc repro` itself, and under a search",
        prepare,
        lambda quick: _each(quick=quick),
    )
}

if __name__ == "__main__":
    made, place, name, seconds = sys.argv[1:]
    try:
        attempt(Path(made), Path(place), name, float(seconds))
    except AssertionError as error:
        sys.exit(str(error))
