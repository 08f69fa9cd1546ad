"""DVC's queue: its worker, what `python -m stages.queue` says, and a run to its end."""

import subprocess
import sys
import time
from pathlib import Path

from tests.repository import dvc, environment, stage
from tests.tiny_repository import wait_for

SECONDS = 1200
"""After which a queue hangs."""


def run_queue(project: Path, *, jobs: int = 1) -> str:
    """Run what is queued until the workers are gone too, and return the last status.

    A worker that idles takes up what is queued next. `dvc exp run --run-all` was seen to wait for
    ever for a worker that was gone.
    """
    deadline = time.monotonic() + SECONDS
    while True:
        status = dvc(project, "queue", "status")
        waits = "Queued" in status or "Running" in status
        is_alone = "0 active, 0 idle" in status
        if is_alone and not waits:
            return status
        assert time.monotonic() < deadline, status
        if is_alone:
            start_queue(project, jobs=jobs)
        time.sleep(1)


def start_queue(project: Path, *, jobs: int = 1) -> None:
    """Start workers, which hold what they write to for as long as they live."""
    command = [sys.executable, "-m", "dvc", "queue", "start", "-j", str(jobs)]
    silent = subprocess.DEVNULL
    subprocess.run(
        command, cwd=project, env=environment(project), stdout=silent, stderr=silent, check=True
    )


def worker(project: Path) -> int:
    """Return the process of the queue's first worker."""
    file = project / ".dvc/tmp/exps/celery/dvc-exp-worker-1.pid"
    return int(file.read_text(encoding="ascii"))


def put_back(project: Path) -> str:
    """Return what `python -m stages.queue` says once every worker that lives answers."""
    said = ""

    def answered() -> bool:
        nonlocal said
        try:
            said = stage(project, "queue")
        except AssertionError as error:
            if "does not answer yet; run this again in a moment" not in str(error):
                raise
        return bool(said)

    wait_for(answered)
    return said
