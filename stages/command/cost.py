"""What a training cost in seconds, kept beside the DVC cache.

Seconds differ from run to run: in an output they would change dvc.lock although nothing else did.
So they stand in a file of this machine, under the name of the weights that the training gave.
"""

import configparser
import csv
from pathlib import Path


def record_seconds(weights: str, seconds: float) -> None:
    """Note that the training which gave `weights` (a digest) took so long."""
    path = _ledger()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow([weights, f"{seconds:.1f}"])


def read_seconds() -> dict[str, float]:
    """Return the seconds of every training noted, the last where the same one ran twice."""
    path = _ledger()
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row[0]: float(row[1]) for row in csv.reader(file) if len(row) == 2}


def cache_dir() -> Path:
    """Return DVC's cache; copies of the repository in which experiments run share the main one."""
    config = configparser.ConfigParser(interpolation=None)
    config.read([".dvc/config", ".dvc/config.local"], encoding="utf-8")
    return Path(".dvc") / config.get("cache", "dir", fallback="cache")


def _ledger() -> Path:
    return cache_dir() / "seconds.csv"
