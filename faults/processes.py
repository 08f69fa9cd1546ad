"""The processes of a fault: found by what they run and where, killed, and waited for."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from faults.attempt import promise

SIGNALS = (signal.SIGKILL, signal.SIGTERM)


def running(folder: Path, module: str) -> list[int]:
    """Return the processes that run a module of ours in or below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            place = (process / "cwd").readlink()
            if module in words and place.is_relative_to(folder):
                found.append(int(process.name))
    return found


def kill(process: int, what: signal.Signals) -> None:
    """Send a signal; one that has ended meanwhile needs none."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, what)


def wait_gone(find: Callable[[], list[int]], what: str, *, seconds: float = 20) -> None:
    """Wait until what was killed has no process left; an orphan breaks a promise."""
    end = time.monotonic() + seconds
    while left := find():
        promise(time.monotonic() < end, f"{what} lives on as an orphan: {left}")
        time.sleep(0.05)


def wait_until(
    condition: Callable[[], object], process: subprocess.Popen[str], *, seconds: float = 300
) -> bool:
    """Wait until something holds; False where the process ends before it does."""
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            return False
        promise(time.monotonic() < end, "nothing happened for minutes")
        time.sleep(0.02)
    return True
