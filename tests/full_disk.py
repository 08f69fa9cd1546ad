"""A search whose disk fills up, run by tests/test_tune.py and faults/disks.py.

`unshare --user --map-root-user --mount python -m tests.full_disk REPOSITORY FOLDER` copies the
repository to a small disk on FOLDER, which is gone when this process ends.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from tests.repository import dvc, git
from tests.tiny_repository import change, epochs_seen, started, trials, wait_for

MEGABYTES = 64


def fill(file: Path) -> None:
    """Write until there is no room for one more byte."""
    with suppress(OSError), file.open("ab", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def in_namespace() -> list[str]:
    """Return how a command is run where it may mount a disk that is gone when it ends."""
    return ["unshare", "--user", "--map-root-user", "--mount"]


def mount(folder: Path) -> None:
    """Mount a small disk on `folder`."""
    options = f"size={MEGABYTES}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)


def cannot_mount(folder: Path) -> str:
    """Return why no small disk can be mounted on `folder` here; empty where it can."""
    if not shutil.which("unshare"):
        return "it needs a namespace of its own, as Linux has"
    command = [*in_namespace(), "mount", "-t", "tmpfs", "tmpfs", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()


def main() -> None:
    """Fill the disk while the second trial runs; make room; the search goes on."""
    made, disk = map(Path, sys.argv[1:])
    mount(disk)
    repository = disk / "repository"
    shutil.copytree(made, repository, symlinks=True)
    change(repository, {"train.lr": 1e-2, "train.epochs": 20.0, "tune.trials": 2})
    change(repository, {"tune.confirm.top": 0, "tune.pruner": "none"})
    log = made.with_name("said.txt")  # there is room for it
    with started(repository, "-m", "dvc", "repro", "tune", log=log) as process:
        wait_for(lambda: sum(epochs_seen(repository, "COMPLETE")) == 20, seconds=600)
        wait_for(lambda: sum(epochs_seen(repository, "RUNNING")) >= 3, seconds=600)
        wait_for(lambda: fill(disk / "ballast") or process.poll() is not None)
    said = log.read_text("utf-8")
    log.unlink()
    print(said)
    assert process.returncode != 0
    assert "full" in said
    assert "make room" in said or "mend that" in said
    assert "Traceback" not in said
    (study,) = (repository / "data/studies").glob("*.db")
    (disk / "ballast").unlink()

    again = dvc(repository, "repro", "tune")
    print(again)
    assert "1 trials run before, 1 taken up again, 1 to run" in again
    with closing(sqlite3.connect(study)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    rows = trials(repository)
    assert [row["state"] for row in rows] == ["COMPLETE"] * 2
    assert all(len(row["epochs"].split()) == 20 for row in rows)
    assert f"{rows[0]['trial']}: " in said
    assert f"{rows[0]['trial']}: " not in again
    git(repository, "fsck")


if __name__ == "__main__":
    main()
