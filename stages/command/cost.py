"""What a training cost in seconds, kept beside the DVC cache.

Seconds differ from run to run: in an output they would change dvc.lock although nothing else did.
So they stand in a file of this machine, under the name of the weights that the training gave.
"""

import configparser
import csv
import re
from pathlib import Path

_NUMBER = re.compile(r"\d+\.\d")


def record_seconds(weights: str, seconds: float) -> None:
    """Note that the training which gave `weights` (a digest) took so long."""
    path = _ledger()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow([weights, f"{seconds:.1f}"])


def read_seconds() -> dict[str, float]:
    """Return the seconds of every training noted, the last where the same one ran twice.

    A line that a full disk has torn is left out: nothing makes it anew.
    """
    path = _ledger()
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", errors="replace") as file:
        rows = (line.rstrip("\n").split(",") for line in file)
        whole = [row for row in rows if len(row) == 2 and _NUMBER.fullmatch(row[1])]
    return {weights: float(seconds) for weights, seconds in whole}


def cache_dir() -> Path:
    """Return DVC's cache; copies of the repository in which experiments run share the main one.

    As `dvc cache dir` says, without its half second: of the system's configuration, the user's, the
    repository's and the clone's own the last that names one holds.
    """
    from dvc.dirs import global_config_dir, system_config_dir

    repository = Path(".dvc")
    users = [Path(folder) / "config" for folder in (system_config_dir(), global_config_dir())]
    found = repository / "cache"
    for file in [*users, repository / "config", repository / "config.local"]:
        config = configparser.ConfigParser(interpolation=None)
        config.read(file, encoding="utf-8")
        if config.has_option("cache", "dir"):
            found = file.parent / Path(config.get("cache", "dir")).expanduser()
    return found


def _ledger() -> Path:
    return cache_dir() / "seconds.csv"
