"""What Git knows of experiments: the commits they began from, and files as they stand in them."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from stages.command.errors import UserError

_QUEUES = ("refs/exps/celery/stash", "refs/exps/celery/failed")


def baselines() -> list[str]:
    """Return HEAD and every commit that an experiment began from, queued ones as well.

    `dvc exp show -A` would find them too, and reads every commit of the repository for it.
    """
    if subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, check=False).returncode:
        raise UserError(
            "DVC keeps experiments beside Git commits, and there is none here; make one: "
            "git init; git add --all; git commit -m begin"
        )
    stored = _git("for-each-ref", "--format=%(refname)", "refs/exps")
    began = re.findall(r"^refs/exps/(\w\w)/(\w{38})/", stored, re.MULTILINE)
    found = ["HEAD", *(first + rest for first, rest in began)]
    for queue in _QUEUES:
        if f"{queue}\n" in stored:
            log = _git("log", "--walk-reflogs", "--format=%gs", queue, "--")
            found += re.findall(r"dvc-exp:\w{40}:(\w{40})", log)
    return list(dict.fromkeys(found))


def git_files(path: str, revs: Iterable[str]) -> dict[str, bytes]:
    """Return one file as it stands in each revision that has it, in one call of git."""
    wanted = list(revs)
    request = "".join(f"{rev}:./{path}\n" for rev in wanted)
    answer = subprocess.run(
        ["git", "cat-file", "--batch"], input=request.encode(), capture_output=True, check=True
    ).stdout
    files = {}
    for rev in wanted:
        header, _, answer = answer.partition(b"\n")
        if not header.endswith(b" missing"):
            size = int(header.split()[-1])
            files[rev], answer = answer[:size], answer[size + 1 :]
    return files


def tracked_text(path: Path) -> str | None:
    """Return a file as it lies here, or HEAD's where it does not, or None.

    `dvc exp apply` takes away what the commit did not have yet from which the experiment began.
    """
    if path.exists():
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise UserError(f"{path}, line {line} is not UTF-8; save it as UTF-8") from None
    command = ["git", "show", f"HEAD:./{path}"]
    committed = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return None if committed.returncode else committed.stdout


def is_tracked(path: Path) -> bool:
    """Tell whether Git has a file; what lies outside of the repository it has not."""
    command = ["git", "ls-files", "--error-unmatch", "--", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
