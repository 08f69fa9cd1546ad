"""Runs that DVC shows as running for ever, for they were killed before they could say that."""

import json
import os
from pathlib import Path

from stages.command.files import DAMAGE

RUNS = Path(".dvc/tmp/exps/run")
"""Where DVC notes of each run that has begun in which folder it is done."""
PROCESSES = Path("/proc")


def was_killed(rev: str) -> bool:
    """Tell whether nobody is at the run of this revision any more, a `--temp` or a queued one.

    No process works in its folder, and none of DVC's works here, as it does while it makes that
    folder. False where DVC or the system says nothing.
    """
    try:
        noted = json.loads((RUNS / rev / f"{rev}.run").read_text(encoding="utf-8"))
        folder = Path(noted["root_dir"]).resolve()
    except DAMAGE:
        return False
    others = [one for one in PROCESSES.glob("[0-9]*") if one.name != str(os.getpid())]
    return bool(others) and not any(_is_at(one, folder) for one in others)


def _is_at(process: Path, folder: Path) -> bool:
    try:
        place = (process / "cwd").readlink()
        command = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return False
    is_dvc = any(part.rpartition(b"/")[2] == b"dvc" for part in command)
    return place.is_relative_to(folder) or (is_dvc and place.is_relative_to(Path.cwd()))
