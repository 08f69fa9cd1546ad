"""What a trial of a search takes beyond its training: the score, DVC's experiment, old weights.

A search of one trial and a search of several run in the same shrunk repository; what the further
trials took, less the seconds that they trained for, is the overhead. A second import of torch, or
dialogues that are tokenized again, could not hide in it.
"""

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.processes import python
from benchmarks.ratio import Ratio, run
from benchmarks.repository import copy_repository

SEARCH: dict[str, dict[str, object]] = {
    "tune": {
        "strategy": "random",
        "workers": 1,
        "pruner": "none",
        "space": {"train.lr": {"low": 1e-2, "high": 2e-2, "log": True}},
        "confirm": {"top": 0, "seeds": 1},
    }
}


def measure(*, trials: int = 8) -> list[Ratio]:
    """Return the seconds that a trial takes beyond its training."""
    with tempfile.TemporaryDirectory() as name:
        base = copy_repository(Path(name) / "base", SEARCH)
        one = _search(shutil.copytree(base, Path(name) / "one", symlinks=True), 1)
        more = _search(shutil.copytree(base, Path(name) / "more", symlinks=True), trials)
    whole, training = ((more[i] - one[i]) / (trials - 1) for i in (0, 1))
    return [
        Ratio(
            "trial_overhead",
            round(whole - training, 2),
            5,
            "its training alone",
            "seconds more",
            f"{whole:.2f} s",
            f"{training:.2f} s",
        )
    ]


def _search(project: Path, trials: int) -> tuple[float, float]:
    """Return the seconds of a whole search, and those of its trainings."""
    path = project / "params.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("trials: 0", f"trials: {trials}"), encoding="utf-8")
    seconds = python(project, "-m", "stages.tune").seconds
    found = json.loads((project / "metrics/tune/tune.json").read_text(encoding="utf-8"))
    if found["complete"] != trials:
        table = (project / "metrics/tune/trials.csv").read_text(encoding="utf-8")
        raise AssertionError(f"{found['complete']} of {trials} trials were completed:\n{table}")
    return seconds, found["seconds"]


if __name__ == "__main__":
    run(measure, quick={"trials": 2})
