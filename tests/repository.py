"""Repositories of a test or a benchmark: Git, DVC and our own commands in them, all real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copy_files(folder: Path, *, without: Collection[str] = ()) -> None:
    """Copy what Git tracks or would track of this repository; `without` are beginnings of names."""
    listing = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, git(ROOT, *listing).split("\0")):
        if (ROOT / name).is_file() and not name.startswith(tuple(without)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def start_git(folder: Path) -> None:
    """Make a folder a Git repository with an author."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "tester")
    git(folder, "config", "user.email", "tester@example.org")


def start_repository(folder: Path) -> None:
    """Make a folder, with all that is in it, a repository of Git and DVC."""
    start_git(folder)
    dvc(folder, "init", "--quiet", "--force")
    commit(folder)


def commit(folder: Path) -> None:
    """Commit everything that Git sees."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a state")


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it says."""
    return run(folder, "git", *arguments)


def dvc(folder: Path, *arguments: str, fails: bool = False) -> str:
    """Run dvc and return what it says."""
    return run(folder, sys.executable, "-m", "dvc", *arguments, fails=fails)


def stage(folder: Path, name: str, *arguments: str, fails: bool = False) -> str:
    """Run a command of stages/ and return what it says."""
    return run(folder, sys.executable, "-m", f"stages.{name}", *arguments, fails=fails)


def run(folder: Path, *command: str, fails: bool = False) -> str:
    """Run a command, 80 columns wide, and return what it says; `fails`: it must."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    said = done.stdout + done.stderr
    if bool(done.returncode) != fails:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{said}")
    return said


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a user: torch uses all cores, unlike in the other tests.

    Where the folder has no stages/ of its own, ours are found.
    """
    kept = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ours = {} if (folder / "stages").is_dir() else {"PYTHONPATH": str(ROOT)}
    return kept | ours | {"PATH": path, "COLUMNS": "80"}
