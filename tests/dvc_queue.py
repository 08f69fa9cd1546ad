"""DVC's queue, run to its end."""

import time
from collections.abc import Callable

SECONDS = 300


def run_queue(dvc: Callable[..., str], *, jobs: int = 1) -> str:
    """Run what is queued and return the last status; `dvc` runs a `dvc` command.

    `dvc exp run --run-all` was seen to wait for ever for a worker that was gone.
    """
    deadline = time.monotonic() + SECONDS
    while any(word in (status := dvc("queue", "status")) for word in ("Queued", "Running")):
        assert time.monotonic() < deadline, status
        if "0 active, 0 idle" in status:
            dvc("queue", "start", "-j", str(jobs))
        time.sleep(1)
    return status
