"""What `dvc repro` with nothing to do costs, beside DVC's own no-op on the same dvc.yaml.

The other side is the same repository with the same outputs, in which every command is `true`: no
stage of ours may be one that runs each time, or has more to look through than DVC's work on it.
"""

import re
import shutil
import tempfile
from pathlib import Path

from benchmarks.processes import python
from benchmarks.ratio import Ratio, medians, run
from benchmarks.repository import copy_repository


def measure(*, rounds: int = 7) -> list[Ratio]:
    """Return the ratio of the seconds of the two no-ops."""
    with tempfile.TemporaryDirectory() as name:
        return compare(
            copy_repository(Path(name) / "ours", {}), Path(name) / "trivial", rounds=rounds
        )


def compare(project: Path, trivial: Path, *, rounds: int) -> list[Ratio]:
    """Compare a project after its `dvc repro` with a copy of it, made in `trivial`."""
    python(project, "-m", "dvc", "repro")
    said = (project / "output.txt").read_text(encoding="utf-8")
    if "Running stage" in said:
        raise AssertionError(f"dvc repro had something to do: {said}")
    shutil.copytree(project, trivial, symlinks=True)
    text = (trivial / "dvc.yaml").read_text(encoding="utf-8")
    (trivial / "dvc.yaml").write_text(re.sub(r"(?m)^( +cmd:).*", r"\1 'true'", text), "utf-8")
    python(trivial, "-m", "dvc", "commit", "--force", "--quiet")
    sides = {
        "ours": lambda: python(project, "-m", "dvc", "repro").seconds,
        "theirs": lambda: python(trivial, "-m", "dvc", "repro").seconds,
    }
    medians(sides, rounds=1)  # DVC's own caches of what it has looked at
    found = medians(sides, rounds=rounds)
    return [
        Ratio(
            "noop_repro",
            round(found["ours"] / found["theirs"], 2),
            1.2,
            "dvc repro on the same dvc.yaml, every command `true`",
            "times the time",
            f"{found['ours']:.2f} s",
            f"{found['theirs']:.2f} s",
        )
    ]


if __name__ == "__main__":
    run(measure, quick={"rounds": 1})
