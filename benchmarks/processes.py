"""Commands of the project in a folder of their own, with the seconds and the memory they take."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    gib: float
    """Resident memory at its peak."""


def python(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> Cost:
    """Run Python in `folder`, where the project's modules can be imported, and see it succeed.

    `variables` are added to the environment.
    """
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # dvc, python
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        **(variables or {}),
    }
    environment.pop("DVC_STAGE", None)
    with (folder / "output.txt").open("w+b") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(process.pid, 0)
        taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise RuntimeError(f"python {' '.join(arguments)}: {process.returncode}\n{said}")
    unit = 2**30 if sys.platform == "darwin" else 2**20  # bytes there, KiB on Linux
    return Cost(taken, usage.ru_maxrss / unit)


def write_params(folder: Path, changes: Mapping[str, Mapping[str, object]]) -> None:
    """Write the project's params.yaml into `folder`, with other values in some sections."""
    content = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for section, values in changes.items():
        content[section] |= values
    (folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
