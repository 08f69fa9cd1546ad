"""A worker's copy of the repository: a Git clone that shares the main one's DVC cache.

Linked worktrees and `dvc exp run --temp` in one repository were tried: they die of each other's
locks. A clone has locks of its own.
"""

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stages.command.cost import cache_dir
from stages.command.errors import UserError
from stages.params import load_params
from stages.paths import CHECKPOINTS

CLONES = Path(".dvc/tmp/tune")
BASE = "refs/tune/base"
UNTRACKED = ("dvc.lock", "*.gitignore", "stages")
"""What an experiment needs of files that Git does not know yet."""


@dataclass(frozen=True)
class Snapshot:
    """The repository as it stands at one moment, uncommitted changes included.

    All clones of a search are made of one: `dvc exp apply` may change params.yaml meanwhile.
    """

    head: str
    changed: str
    """A commit with the uncommitted changes; empty where there are none."""
    untracked: Mapping[str, bytes]
    """Path → content of what an experiment needs and Git does not know."""


def take_snapshot(main: Path) -> Snapshot:
    """Return the repository `main` as it stands."""
    # A file that is only younger makes `git stash create` end with 1; `git status` looks into it.
    is_changed = git(main, "status", "--porcelain", "--untracked-files=no")
    others = git(main, "ls-files", "--others", "--exclude-standard", "--", *UNTRACKED)
    return Snapshot(
        head=git(main, "rev-parse", "HEAD"),
        changed=git(main, "stash", "create") if is_changed else "",
        untracked={name: (main / name).read_bytes() for name in others.splitlines()},
    )


def make_clone(main: Path, clone: Path, snapshot: Snapshot) -> None:
    """Make `clone` a copy of the repository `main` as it stood when the snapshot was taken.

    Holds what `clean` and `tokenize` put out. Raises `UserError` where git or dvc refuse.
    """
    shutil.rmtree(clone, ignore_errors=True)
    clone.parent.mkdir(parents=True, exist_ok=True)
    git(main, "clone", "--quiet", "--no-checkout", str(main), str(clone))
    git(clone, "checkout", "--quiet", "--detach", snapshot.head)
    for name in ("user.name", "user.email"):
        identity = git(main, "config", "--default", "", "--get", name)
        if identity:
            git(clone, "config", name, identity)
    if snapshot.changed:
        git(main, "push", "--quiet", "--force", str(clone), f"{snapshot.changed}:{BASE}")
        git(clone, "restore", "--source", BASE, "--staged", "--worktree", ".")
    for name, content in snapshot.untracked.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_bytes(content)
        git(clone, "add", "--force", name)
    (clone / "models").mkdir(exist_ok=True)
    checkpoints = main / CHECKPOINTS
    checkpoints.mkdir(parents=True, exist_ok=True)
    (clone / CHECKPOINTS).symlink_to(checkpoints)
    with (clone / ".git/info/exclude").open("a") as file:
        file.write(f"/{CHECKPOINTS}\n")
    _link_model(main, clone, load_params(clone / "params.yaml").model.name)
    _share_cache(main, clone)
    dvc(clone, "checkout", "--quiet", "--force", "clean", "tokenize")


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` and return what it prints."""
    return _run(["git", "-C", str(folder), *arguments], folder)


def dvc(folder: Path, *arguments: str) -> str:
    """Run dvc in `folder` and return what it prints."""
    return _run([sys.executable, "-m", "dvc", *arguments], folder)


def outside_of_dvc() -> dict[str, str]:
    """Return the environment without what DVC tells the stage that it runs."""
    said = ("DVC_ROOT", "DVC_STAGE", "DVC_EXP_", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    return {name: value for name, value in os.environ.items() if not name.startswith(said)}


def _link_model(main: Path, clone: Path, name: str) -> None:
    """Show the clone a pretrained model that lies in a folder which nobody tracks."""
    source, link = main / name, clone / name
    if Path(name).is_absolute() or not source.is_dir() or link.exists():
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(source.resolve())
    with (clone / ".git/info/exclude").open("a") as file:
        file.write(f"/{name}\n")


def _share_cache(main: Path, clone: Path) -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(main / ".dvc/config.local", encoding="utf-8")
    config.read_dict(
        {
            "cache": {"dir": str((main / cache_dir()).resolve())},
            "exp": {"auto_push": "false"},  # trials go to the main repository, nowhere else
        }
    )
    with (clone / ".dvc/config.local").open("w", encoding="utf-8") as file:
        config.write(file)


def _run(command: list[str], folder: Path) -> str:
    result = subprocess.run(
        command,
        cwd=folder if folder.is_dir() else None,
        env=outside_of_dvc(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode:
        said = (result.stderr or result.stdout).strip() or f"exit code {result.returncode}"
        name = " ".join(part for part in command if part not in (sys.executable, "-m"))
        if "No space left on device" in said:
            raise OSError(28, "No space left on device", name)
        raise UserError(f"{name} failed: {said.removeprefix('ERROR: ')[-600:]}")
    return result.stdout.strip()
