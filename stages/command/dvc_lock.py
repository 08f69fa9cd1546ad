"""DVC's own lock of paths, `.dvc/tmp/rwlock`: who holds it, and what a full disk left of it.

    python -m stages.command.dvc_lock      removes a torn one, over which every `dvc repro` fails

`make repro` and `make tune` do so before they call DVC.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages.command.files import DAMAGE

FOLDER = Path(".dvc/tmp")


def is_orphan() -> bool:
    """Tell whether the `dvc` that started this process is gone.

    It is where the lock names processes, and none of them is one that this one descends from. A
    lock that cannot be read, or a system that does not tell of ancestors, says nothing.
    """
    try:
        holders = set(_holders(FOLDER / "rwlock"))
        return bool(holders) and holders.isdisjoint(_ancestors())
    except DAMAGE:
        return False


def mend(folder: Path = FOLDER) -> bool:
    """Remove a lock that is torn, and tell whether it was.

    Under DVC's guard, for whoever holds that may be writing it.
    """
    path = folder / "rwlock"
    if not _is_torn(path):
        return False
    from dvc.lock import make_lock

    with make_lock(str(folder / "rwlock.lock"), tmp_dir=str(folder)):
        is_torn = _is_torn(path)
        if is_torn:
            path.unlink()
    return is_torn


def _is_torn(path: Path) -> bool:
    try:
        list(_holders(path))
    except DAMAGE:
        return path.exists()
    return False


def _holders(path: Path) -> Iterator[int]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for one in content.get("write", {}).values():
        yield int(one["pid"])
    for several in content.get("read", {}).values():
        yield from (int(one["pid"]) for one in several)


def _ancestors() -> Iterator[int]:
    process = os.getppid()
    while process > 0:
        yield process
        # The name, in brackets, may have any characters in it.
        facts = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        process = int(facts.split()[1])


if __name__ == "__main__":
    if mend():
        print("dvc_lock: .dvc/tmp/rwlock was torn, perhaps by a full disk, and is removed")
